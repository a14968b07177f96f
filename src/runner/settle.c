/*
 * src/runner/settle.c
 *	  What a migration leaves open, settled before the next one begins.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "base/attempt.h"
#include "base/query.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/prepare.h"
#include "commands/trigger.h"
#include "nodes/makefuncs.h"
#include "runner/execute.h"
#include "runner/settle.h"
#include "utils/datum.h"
#include "utils/portal.h"

typedef struct Deferrable
{
	List	   *all;			/* RangeVars of constraints with events */
	List	   *initially_deferred; /* those that are deferred by declaration */
} Deferrable;

static void
origin_callback(void *arg)
{
	if (arg)
		errcontext("deferred constraints of %s",
				   hm_script_origin_display((const HmScriptOrigin *) arg));
	else
		errcontext("deferred constraints of the transaction, before any migration");
}

/* Mostly nothing is, so this costs less than a query. */
static bool
any_pending(void)
{
	Relation	catalog = table_open(TriggerRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL,
										  0, NULL);
	HeapTuple	tuple;
	bool		found = false;

	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger trigger = (Form_pg_trigger) GETSTRUCT(tuple);

		found = trigger->tgdeferrable &&
			AfterTriggerPendingOnRel(trigger->tgrelid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/*
 * Constraints of tables that have pending events.  SET CONSTRAINTS tells
 * constraints of one schema apart by their names only, and refuses to defer
 * a name that a constraint which is not deferrable bears too.  Such a one
 * stays immediate for the rest of the transaction.
 */
static Deferrable
find_pending(void)
{
	static HmStatement find = {
		"SELECT DISTINCT t.tgrelid, n.nspname, c.conname,"
		"       c.condeferred AND NOT EXISTS ("
		"         SELECT FROM pg_catalog.pg_constraint AS same"
		"          WHERE same.conname = c.conname"
		"            AND same.connamespace = c.connamespace"
		"            AND NOT same.condeferrable)"
		"  FROM pg_catalog.pg_trigger AS t"
		"  JOIN pg_catalog.pg_constraint AS c ON c.oid = t.tgconstraint"
		"  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace"
		" WHERE t.tgdeferrable"
	};
	MemoryContext context = CurrentMemoryContext;
	Deferrable	pending = {NIL, NIL};
	HmBracket	bracket;

	if (!any_pending())
		return pending;
	hm_query_begin(&bracket);
	hm_query_run(&find, NULL, NULL, false);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Oid			table = hm_query_oid(row, 1);
		MemoryContext before;
		RangeVar   *name;

		if (!AfterTriggerPendingOnRel(table))
			continue;
		before = MemoryContextSwitchTo(context);
		name = makeRangeVar(pstrdup(hm_query_text(row, 2)),
							pstrdup(hm_query_text(row, 3)), -1);
		pending.all = lappend(pending.all, name);
		if (hm_query_bool(row, 4))
			pending.initially_deferred =
				lappend(pending.initially_deferred, name);
		MemoryContextSwitchTo(before);
	}
	hm_query_end(&bracket);
	return pending;
}

static void
set_constraints(List *names, bool deferred)
{
	ConstraintsSetStmt *statement = makeNode(ConstraintsSetStmt);

	statement->constraints = names;
	statement->deferred = deferred;
	AfterTriggerSetState(statement);
}

void
hm_settle_deferred(const HmScriptOrigin *origin)
{
	Deferrable	pending = find_pending();
	ErrorContextCallback callback;

	if (pending.all == NIL)
		return;
	callback.callback = origin_callback;
	callback.arg = unconstify(HmScriptOrigin *, origin);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	set_constraints(pending.all, false);
	CommandCounterIncrement();
	if (pending.initially_deferred != NIL)
		set_constraints(pending.initially_deferred, true);
	error_context_stack = callback.previous;
}

static void
close_cursor(const char *name)
{
	Portal		portal = GetPortalByName(name);

	if (PortalIsValid(portal) && portal->status != PORTAL_ACTIVE)
		PortalDrop(portal, false);
}

HmSessionMark *
hm_settle_mark(void)
{
	static HmStatement find = {
		"SELECT ARRAY(SELECT name FROM pg_catalog.pg_cursors),"
		" ARRAY(SELECT name FROM pg_catalog.pg_prepared_statements)"
	};
	MemoryContext context = CurrentMemoryContext;
	HmSessionMark *mark = palloc(sizeof(HmSessionMark));
	HmBracket	bracket;
	bool		isnull;

	hm_query_begin(&bracket);
	hm_query_run(&find, NULL, NULL, false);
	MemoryContextSwitchTo(context);
	mark->cursors = datumCopy(hm_query_datum(0, 1, &isnull), false, -1);
	mark->prepared = datumCopy(hm_query_datum(0, 2, &isnull), false, -1);
	hm_query_end(&bracket);
	return mark;
}

void
hm_settle_session(const HmSessionMark *mark)
{
	static HmStatement find = {
		"SELECT name, true FROM pg_catalog.pg_cursors"
		" WHERE name <> ALL ($1)"
		" UNION ALL"
		" SELECT name, false FROM pg_catalog.pg_prepared_statements"
		" WHERE name <> ALL ($2)",
		2, {TEXTARRAYOID, TEXTARRAYOID}
	};
	Datum		values[2];
	HmBracket	bracket;

	values[0] = mark->cursors;
	values[1] = mark->prepared;
	hm_query_begin(&bracket);
	hm_query_run(&find, values, NULL, false);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		if (hm_query_bool(row, 2))
			close_cursor(hm_query_text(row, 1));
		else
			DropPreparedStatement(hm_query_text(row, 1), false);
	}
	hm_query_end(&bracket);
}

static void
execute_verify(void *argument)
{
	const HmScript *verify = argument;

	hm_execute_script(verify, hm_progress_create(verify));
}

void
hm_settle_verify(const HmScript *verify)
{
	ErrorData  *error = hm_attempt(execute_verify,
								   unconstify(HmScript *, verify),
								   HM_ATTEMPT_ROLL_BACK);

	if (error)
		ReThrowError(error);
}
