/*
 * src/audit/ddl_object.c
 *	  Objects that a command touches.
 */
#include "postgres.h"

#include "audit/ddl_object.h"
#include "catalog/namespace.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

List *
hm_ddl_object_append(List *objects, const char *type, const char *identity)
{
	HmDdlObject *object = palloc(sizeof(HmDdlObject));

	object->type = pstrdup(type);
	object->identity = pstrdup(identity);
	return lappend(objects, object);
}

static List *
append_name(List *objects, const char *type, const char *name)
{
	return name ? hm_ddl_object_append(objects, type, quote_identifier(name)) :
		objects;
}

/* Not locked: the command does that itself, in its own time. */
static List *
append_relation(List *objects, const char *type, const RangeVar *relation)
{
	Oid			oid = relation ? RangeVarGetRelid(relation, NoLock, true) :
	InvalidOid;
	char	   *schema = OidIsValid(oid) ?
	get_namespace_name(get_rel_namespace(oid)) : NULL;

	if (schema == NULL)
		return objects;
	return hm_ddl_object_append(objects, type,
								quote_qualified_identifier(schema,
														   relation->relname));
}

static List *
append_truncated(List *objects, const TruncateStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->relations)
		objects = append_relation(objects, "table", lfirst(cell));
	return objects;
}

static List *
append_vacuumed(List *objects, const VacuumStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->rels)
		objects = append_relation(objects, "table",
								  lfirst_node(VacuumRelation, cell)->relation);
	return objects;
}

static List *
append_roles(List *objects, const GrantRoleStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->granted_roles)
		objects = append_name(objects, "role",
							  lfirst_node(AccessPriv, cell)->priv_name);
	foreach(cell, command->grantee_roles)
		objects = append_name(objects, "role",
							  lfirst_node(RoleSpec, cell)->rolename);
	return objects;
}

static List *
append_dropped_roles(List *objects, const DropRoleStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->roles)
		objects = append_name(objects, "role",
							  lfirst_node(RoleSpec, cell)->rolename);
	return objects;
}

List *
hm_ddl_objects_named(Node *command)
{
	switch (nodeTag(command))
	{
		case T_TruncateStmt:
			return append_truncated(NIL, castNode(TruncateStmt, command));
		case T_VacuumStmt:
			return append_vacuumed(NIL, castNode(VacuumStmt, command));
		case T_ReindexStmt:
			return append_relation(NIL, castNode(ReindexStmt, command)->kind ==
								   REINDEX_OBJECT_INDEX ? "index" : "table",
								   castNode(ReindexStmt, command)->relation);
		case T_ClusterStmt:
			return append_relation(NIL, "table",
								   castNode(ClusterStmt, command)->relation);
		case T_CreatedbStmt:
			return append_name(NIL, "database",
							   castNode(CreatedbStmt, command)->dbname);
		case T_DropdbStmt:
			return append_name(NIL, "database",
							   castNode(DropdbStmt, command)->dbname);
		case T_AlterDatabaseStmt:
			return append_name(NIL, "database",
							   castNode(AlterDatabaseStmt, command)->dbname);
		case T_AlterDatabaseSetStmt:
			return append_name(NIL, "database",
							   castNode(AlterDatabaseSetStmt, command)->dbname);
		case T_CreateRoleStmt:
			return append_name(NIL, "role",
							   castNode(CreateRoleStmt, command)->role);
		case T_AlterRoleStmt:
			return append_name(NIL, "role",
							   castNode(AlterRoleStmt, command)->role->rolename);
		case T_DropRoleStmt:
			return append_dropped_roles(NIL, castNode(DropRoleStmt, command));
		case T_GrantRoleStmt:
			return append_roles(NIL, castNode(GrantRoleStmt, command));
		case T_CreateTableSpaceStmt:
			return append_name(NIL, "tablespace",
							   castNode(CreateTableSpaceStmt, command)->tablespacename);
		case T_DropTableSpaceStmt:
			return append_name(NIL, "tablespace",
							   castNode(DropTableSpaceStmt, command)->tablespacename);
		default:
			return NIL;
	}
}
