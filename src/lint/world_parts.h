/*
 * src/lint/world_parts.h
 *	  What the files that make up the world have between them: world.c (names),
 *	  relation.c (from the catalogs), apply*.c (what statements do).
 */
#ifndef HM_LINT_WORLD_PARTS_H
#define HM_LINT_WORLD_PARTS_H

#include "base/names.h"
#include "lint/world.h"

/* Fills a relation of the catalogs; false: it has gone. */
extern bool hm_relation_load(HmRelation *relation, Oid relid);

/* The index behind a relation that is one; NULL: it has gone. */
extern HmIndex *hm_relation_load_index(HmWorld *world, HmRelation *relation);

/* Also when one that it is based on checks something. */
extern bool hm_domain_is_constrained(Oid type);

extern char *hm_world_creation_schema(HmWorld *world);

/* A new relation of the plan's in the place of one that is not known. */
extern HmRelation *hm_world_make(HmWorld *world, HmRelation *place, char kind,
								 char persistence);

/* Gives a relation another name. */
extern void hm_world_move(HmWorld *world, HmRelation *relation,
						  const char *schema, const char *name);

/* Into the list of what the present migration changes. */
extern void hm_world_note_change(HmWorld *world, HmRelation *relation);

extern void hm_world_drop_schema(HmWorld *world, const char *schema);
extern List *hm_world_without(List *names, const char *name);

/* apply_like.c */
extern void hm_apply_inherits(HmWorld *world, HmRelation *relation,
							  HmRelation *from);
extern void hm_apply_like(HmWorld *world, HmRelation *relation,
						  const TableLikeClause *like);

/* apply_table.c */
extern void hm_apply_create_table(HmWorld *world, CreateStmt *statement);
extern void hm_apply_create_as(HmWorld *world, IntoClause *into, Node *query,
							   char kind);
extern void hm_apply_create_index(HmWorld *world, IndexStmt *statement);
extern void hm_apply_add_column(HmWorld *world, HmRelation *relation,
								ColumnDef *definition);
extern void hm_apply_set_not_null(HmRelation *relation, List *columns,
								  bool not_null);

/* column: that it stands in, or NULL. */
extern void hm_apply_add_constraint(HmWorld *world, HmRelation *relation,
									const Constraint *raw,
									const char *column);

/* apply_rename.c */
extern void hm_apply_rename(HmWorld *world, Node *node);
extern void hm_apply_set_schema(HmWorld *world, Node *node);

/* apply_alter.c */
extern void hm_apply_alter_table(HmWorld *world, AlterTableStmt *statement);

#endif							/* HM_LINT_WORLD_PARTS_H */
