/*
 * src/guard/definition.h
 *	  The definition of an existing object, as text that can be compared.
 *
 * Every name in it is qualified.  Names of the objects themselves, owners and
 * privileges are left out; what belongs to other commands too, such as the
 * triggers and indexes of a table.
 */
#ifndef HM_GUARD_DEFINITION_H
#define HM_GUARD_DEFINITION_H

#include "catalog/objectaddress.h"
#include "nodes/parsenodes.h"

/*
 * part is the name of a column, for OBJECT_COLUMN; else NULL.  NULL when
 * nothing is known of the kind, or the object is gone.  In the current memory
 * context.
 */
extern char *hm_definition_of(ObjectType kind, Oid object, const char *part);

/* The definitions of all constraints of a table, one a line, sorted. */
extern char *hm_definition_of_constraints(Oid relation);

/* Where a partition begins and ends. */
extern char *hm_definition_of_bound(Oid relation);

/* Where the catalogs have it; classId is InvalidOid for an unknown kind. */
extern ObjectAddress hm_definition_address(ObjectType kind, Oid object,
										   const char *part);

#endif							/* HM_GUARD_DEFINITION_H */
