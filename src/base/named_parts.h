/*
 * src/base/named_parts.h
 *	  Private to named*.c: the makers of HmNamed.
 */
#ifndef HM_BASE_NAMED_PARTS_H
#define HM_BASE_NAMED_PARTS_H

#include "base/named.h"

/* NULL for no name; else a list of one. */
extern List *hm_named_relation(List *list, ObjectType kind,
							   const RangeVar *relation);
extern List *hm_named_part(List *list, ObjectType kind,
						   const RangeVar *relation, char *part);
extern List *hm_named_string(List *list, ObjectType kind, char *name);
extern List *hm_named_role(List *list, const RoleSpec *role);
extern char *hm_named_role_name(const RoleSpec *role);
extern List *hm_named_whole_schema(List *list, char *name);

/* What a command makes: object is what bears that name already. */
extern List *hm_named_made_relation(List *list, ObjectType kind,
									const RangeVar *relation);
extern List *hm_named_made_index(List *list, const HmNamed *table,
								 char *name);
extern List *hm_named_made(List *list, ObjectType kind, List *name);

/* The relations of ALTER TABLE, CREATE TABLE, CREATE VIEW. */
extern List *hm_named_by_alter_table(const AlterTableStmt *statement);
extern List *hm_named_by_create_table(const CreateStmt *statement);
extern List *hm_named_by_view(const ViewStmt *statement);

#endif							/* HM_BASE_NAMED_PARTS_H */
