/*
 * src/guard/vacate.c
 *	  Our own workers are connections, and some commands want none.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/compat.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "guard/vacate.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

static Oid
if_owned(const char *name)
{
	Oid			database = name ? get_database_oid(name, true) : InvalidOid;

	return OidIsValid(database) &&
		hm_compat_owns_database(database, GetUserId()) ? database : InvalidOid;
}

static bool
is_template(Oid database)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID,
										ObjectIdGetDatum(database));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_database) GETSTRUCT(tuple))->datistemplate;
	ReleaseSysCache(tuple);
	return result;
}

static DefElem *
find_option(List *options, const char *name)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, name) == 0)
			return option;
	}
	return NULL;
}

/* As createdb() decides who may copy what. */
static Oid
template_of(const CreatedbStmt *command)
{
	DefElem    *option = find_option(command->options, "template");
	const char *name = option && option->arg ? defGetString(option) :
	"template1";
	Oid			database = get_database_oid(name, true);

	if (!OidIsValid(database) || !have_createdb_privilege())
		return InvalidOid;
	return is_template(database) ? database : if_owned(name);
}

Oid
hm_vacate_whom(Node *command)
{
	switch (nodeTag(command))
	{
		case T_DropdbStmt:
			return if_owned(castNode(DropdbStmt, command)->dbname);
		case T_CreatedbStmt:
			return template_of(castNode(CreatedbStmt, command));
		case T_RenameStmt:
			return castNode(RenameStmt, command)->renameType ==
				OBJECT_DATABASE ?
				if_owned(castNode(RenameStmt, command)->subname) : InvalidOid;
		case T_AlterDatabaseStmt:
			return find_option(castNode(AlterDatabaseStmt, command)->options,
							   "tablespace") ?
				if_owned(castNode(AlterDatabaseStmt, command)->dbname) :
				InvalidOid;
		default:
			return InvalidOid;
	}
}
