/*
 * src/runner/index_debris.c
 *	  Invalid indexes that a concurrent build left behind when it failed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/compat.h"
#include "base/query.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "registry/script.h"
#include "base/toplevel.h"
#include "runner/execute.h"
#include "runner/index_debris.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* OIDs of a table's invalid indexes, in the caller's context. */
static List *
list_invalid(Oid table)
{
	static HmStatement find = {
		"SELECT indexrelid FROM pg_catalog.pg_index"
		" WHERE indrelid = $1 AND NOT indisvalid",
		1, {OIDOID}
	};
	Datum		value = ObjectIdGetDatum(table);
	MemoryContext context = CurrentMemoryContext;
	List	   *indexes = NIL;
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&find, &value, NULL, false);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		MemoryContext before = MemoryContextSwitchTo(context);

		indexes = lappend_oid(indexes, hm_query_oid(row, 1));
		MemoryContextSwitchTo(before);
	}
	hm_query_end(&bracket);
	return indexes;
}

/* The table whose index the statement builds, or InvalidOid. */
static Oid
find_table(Node *statement)
{
	RangeVar   *relation = NULL;
	Oid			oid;

	if (hm_toplevel_command(statement) == NULL)
		return InvalidOid;
	if (IsA(statement, IndexStmt))
		relation = ((IndexStmt *) statement)->relation;
	else if (IsA(statement, ReindexStmt))
		relation = ((ReindexStmt *) statement)->relation;
	if (relation == NULL)
		return InvalidOid;
	oid = RangeVarGetRelid(relation, NoLock, true);
	if (OidIsValid(oid) && get_rel_relkind(oid) == RELKIND_INDEX)
		oid = IndexGetRelation(oid, true);
	return oid;
}

/* NULL when it is gone. */
static char *
find_index_name(Oid index)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *name;
	char	   *qualified = NULL;

	StartTransactionCommand();
	MemoryContextSwitchTo(context);
	name = get_rel_name(index);
	if (name)
		qualified =
			quote_qualified_identifier(get_namespace_name(get_rel_namespace(index)),
									   name);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return qualified;
}

/* DROP INDEX CONCURRENTLY cannot run in a transaction either. */
static void
drop_index(const HmIndexDebris *debris, const char *name,
		   bool give_up_at_lock)
{
	HmScriptOrigin origin = {
		.migration = "removal of an invalid index",
		.direction = "up",
		.first_line = 1
	};
	MemoryContext context = CurrentMemoryContext;
	HmScript   *script;

	StartTransactionCommand();
	MemoryContextSwitchTo(context);
	script = hm_script_parse(psprintf("DROP INDEX CONCURRENTLY IF EXISTS %s",
									  name), origin, false);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	hm_scope_enter(debris->scope);
	hm_execute_at_top_level(script, 0, hm_progress_create(script),
							debris->role, give_up_at_lock);
	ereport(NOTICE,
			(errmsg("dropped invalid index %s, left by a build that failed",
					name)));
}

/*
 * Dropping waits for everybody who uses the table.  The error that is about
 * to be shown cannot wait for ever, and is not to be hidden by another.
 */
static void
try_drop_index(const HmIndexDebris *debris, const char *name)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		drop_index(debris, name, true);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		MemoryContextSwitchTo(context);
		ereport(WARNING,
				(errmsg("could not drop invalid index %s: %s", name,
						error->message),
				 errhint("The next run drops it before it builds the index.")));
	}
	PG_END_TRY();
}

/* An index of that name on that table that nobody is building now. */
static Oid
find_leftover(const HmIndexDebris *debris, const char *name)
{
	ListCell   *cell;

	if (name == NULL ||
		!ConditionalLockRelationOid(debris->table, ShareUpdateExclusiveLock))
		return InvalidOid;
	foreach(cell, debris->known)
	{
		char	   *known = get_rel_name(lfirst_oid(cell));

		if (known && strcmp(known, name) == 0)
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

HmIndexDebris *
hm_index_debris_before(Node *statement, Oid role)
{
	MemoryContext context = CurrentMemoryContext;
	HmIndexDebris *debris = palloc0(sizeof(HmIndexDebris));
	Oid			leftover = InvalidOid;
	char	   *name;

	debris->role = role;
	debris->scope = hm_scope_current();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	MemoryContextSwitchTo(context);
	debris->table = find_table(statement);
	if (OidIsValid(debris->table))
	{
		debris->known = list_invalid(debris->table);
		if (IsA(statement, IndexStmt))
			leftover = find_leftover(debris,
									 ((IndexStmt *) statement)->idxname);
	}
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	name = OidIsValid(leftover) ? find_index_name(leftover) : NULL;
	if (name)
		drop_index(debris, name, false);
	return debris;
}

void
hm_index_debris_drop(HmIndexDebris *debris)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *indexes;
	ListCell   *cell;

	if (!OidIsValid(debris->table))
		return;
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	MemoryContextSwitchTo(context);
	indexes = list_difference_oid(list_invalid(debris->table), debris->known);
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	foreach(cell, indexes)
	{
		char	   *name = find_index_name(lfirst_oid(cell));

		if (name)
			try_drop_index(debris, name);
	}
}
