/*
 * src/lint/column_type.h
 *	  What the type of a column means, as far as the catalogs can tell.
 */
#ifndef HM_LINT_COLUMN_TYPE_H
#define HM_LINT_COLUMN_TYPE_H

#include "lint/world.h"

/*
 * The type and its modifier; InvalidOid for one that the plan makes, or that
 * nobody knows, or without catalogs.  serial is the integer that it makes.
 */
extern Oid	hm_column_type(HmWorld *world, const TypeName *name,
						   int32 *typmod);

/* As GetColumnDefCollation() says; InvalidOid also when it is not known. */
extern Oid	hm_column_collation(const ColumnDef *column, Oid type);

/* serial, bigserial, smallserial and their other names. */
extern bool hm_is_serial(const TypeName *name);

/* As it is written, in one line: "character varying(10)". */
extern char *hm_type_display(const TypeName *name);

#endif							/* HM_LINT_COLUMN_TYPE_H */
