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
#include "registry/toplevel.h"
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
		bool		isnull;
		Oid			index = DatumGetObjectId(hm_query_datum(row, 1, &isnull));
		MemoryContext before = MemoryContextSwitchTo(context);

		indexes = lappend_oid(indexes, index);
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

/* DROP INDEX CONCURRENTLY cannot run in a transaction either. */
static void
drop_index(Oid index)
{
	HmScriptOrigin origin = {
		.migration = "removal of an invalid index",
		.direction = "up",
		.first_line = 1
	};
	MemoryContext context = CurrentMemoryContext;
	HmProgress *progress;
	HmScript   *script;
	char	   *name;
	char	   *sql;

	StartTransactionCommand();
	MemoryContextSwitchTo(context);
	name = get_rel_name(index) == NULL ? NULL :
		quote_qualified_identifier(get_namespace_name(get_rel_namespace(index)),
								   get_rel_name(index));
	sql = psprintf("DROP INDEX CONCURRENTLY IF EXISTS %s", name ? name : "");
	script = name ? hm_script_parse(sql, origin, false) : NULL;
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	if (script == NULL)
		return;
	progress = hm_progress_create(script);
	hm_execute_at_top_level(script, 0, progress, GetSessionUserId());
	ereport(NOTICE,
			(errmsg("dropped invalid index %s, left by a build that failed",
					name)));
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
hm_index_debris_before(Node *statement)
{
	MemoryContext context = CurrentMemoryContext;
	HmIndexDebris *debris = palloc0(sizeof(HmIndexDebris));
	Oid			leftover = InvalidOid;

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
	if (OidIsValid(leftover))
		drop_index(leftover);
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
		drop_index(lfirst_oid(cell));
}
