/*
 * src/guard/databases.c
 *	  Commands that want a database for themselves: our recorders and sealers
 *	  give way to them, but not to whoever is not allowed to execute them.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/compat.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "guard/databases.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/syscache.h"

/* The argument of such an option, or NULL. */
static const char *
value_of_option(List *options, const char *name)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, name) == 0 && option->arg != NULL)
			return defGetString(option);
	}
	return NULL;
}

/* have_createdb_privilege() is not to be had in every minor of 15. */
static bool
may_create_databases(void)
{
	HeapTuple	tuple;
	bool		allowed;

	if (superuser())
		return true;
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
	if (!HeapTupleIsValid(tuple))
		return false;
	allowed = ((Form_pg_authid) GETSTRUCT(tuple))->rolcreatedb;
	ReleaseSysCache(tuple);
	return allowed;
}

/* Its owner may, and whoever creates databases for one that is a template. */
static Oid
find_allowed(const char *name, bool as_template)
{
	Oid			database = get_database_oid(name, true);
	HeapTuple	tuple;
	bool		allowed;

	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	allowed = has_privs_of_role(GetUserId(),
								((Form_pg_database) GETSTRUCT(tuple))->datdba);
	if (as_template)
		allowed = may_create_databases() &&
			(allowed || ((Form_pg_database) GETSTRUCT(tuple))->datistemplate);
	ReleaseSysCache(tuple);
	return allowed ? database : InvalidOid;
}

static Oid
template_of(const CreatedbStmt *statement)
{
	const char *name = value_of_option(statement->options, "template");

	return find_allowed(name ? name : "template1", true);
}

Oid
hm_guard_wanted_database(Node *command)
{
	switch (nodeTag(command))
	{
		case T_DropdbStmt:
			return find_allowed(((DropdbStmt *) command)->dbname, false);
		case T_CreatedbStmt:
			return template_of((CreatedbStmt *) command);
		case T_RenameStmt:
			if (((RenameStmt *) command)->renameType != OBJECT_DATABASE)
				return InvalidOid;
			return find_allowed(((RenameStmt *) command)->subname, false);
		case T_AlterDatabaseStmt:
			if (value_of_option(((AlterDatabaseStmt *) command)->options,
								"tablespace") == NULL)
				return InvalidOid;
			return find_allowed(((AlterDatabaseStmt *) command)->dbname,
								false);
		default:
			return InvalidOid;
	}
}
