/*
 * src/policy/freeze.c
 *	  Freezes: times in which nothing runs but under break-glass.
 */
#include "postgres.h"

#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/number.h"
#include "audit/relations.h"
#include "base/actor.h"
#include "base/ending.h"
#include "base/errors.h"
#include "base/json_text.h"
#include "base/latest.h"
#include "catalog/pg_type.h"
#include "policy/freeze.h"
#include "policy/window.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static TimestampTz
until_of(uint64 row, int column)
{
	bool		isnull;
	Datum		until = hm_query_datum(row, column, &isnull);

	return isnull ? DT_NOEND : DatumGetTimestampTz(until);
}

/* Columns freeze_id, since, until, reason, created_by. */
static HmFreeze *
copy_freeze(uint64 row)
{
	HmFreeze   *freeze = palloc0(sizeof(HmFreeze));
	bool		isnull;

	freeze->freeze_id = hm_query_int64(row, 1);
	freeze->since = DatumGetTimestampTz(hm_query_datum(row, 2, &isnull));
	freeze->until = until_of(row, 3);
	freeze->reason = hm_query_text(row, 4);
	freeze->created_by = hm_query_text(row, 5);
	return freeze;
}

List *
hm_freezes_load(void)
{
	static HmStatement find = {
		"SELECT f.freeze_id, f.since, f.until, f.reason, f.created_by"
		"  FROM hipaa_migrate.freeze_period AS f"
		" WHERE f.ended_at IS NULL AND (f.until IS NULL OR f.until > $1)"
		" ORDER BY f.since, f.freeze_id",
		1, {TIMESTAMPTZOID}
	};
	Datum		now = TimestampTzGetDatum(GetCurrentTimestamp());
	List	   *freezes = NIL;
	HmBracket	bracket;
	MemoryContext before;

	if (!OidIsValid(hm_relation_find(HM_RELATION_FREEZE_PERIOD)))
		return NIL;
	hm_query_begin(&bracket);
	hm_query_run_latest(&find, &now, NULL);
	before = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
		freezes = lappend(freezes, copy_freeze(row));
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
	return freezes;
}

HmFreeze *
hm_freeze_at(List *freezes, TimestampTz moment)
{
	HmFreeze   *longest = NULL;
	ListCell   *cell;

	foreach(cell, freezes)
	{
		HmFreeze   *freeze = lfirst(cell);

		if (freeze->since <= moment && moment < freeze->until &&
			(longest == NULL || freeze->until > longest->until))
			longest = freeze;
	}
	return longest;
}

HmPolicyGap *
hm_freeze_gap(const HmFreeze *freeze)
{
	bool		ends = !TIMESTAMP_IS_NOEND(freeze->until);
	HmPolicyGap *gap = hm_gap_create("freeze", HM_ERRCODE_NOT_NOW,
									 psprintf("is frozen until %s (freeze %lld, by \"%s\")",
											  ends ? hm_window_moment(freeze->until) : "that is ended",
											  (long long) freeze->freeze_id,
											  freeze->created_by));

	gap->opens_at = ends ? freeze->until : 0;
	return gap;
}

static void
append_event(HmEventKind kind, const HmFreeze *freeze, const char *reason)
{
	HmEvent		event = {.kind = kind,.reason = reason};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "freeze_id", freeze->freeze_id);
	hm_json_timestamp(&json, "since", freeze->since);
	if (!TIMESTAMP_IS_NOEND(freeze->until))
		hm_json_timestamp(&json, "until", freeze->until);
	if (kind == HM_EVENT_FREEZE_ENDED)
		hm_json_text(&json, "ordered_by", freeze->created_by);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

int64
hm_freeze_order(const HmFreeze *freeze)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.freeze_period"
		" (freeze_id, since, until, reason, created_by, created_at)"
		" VALUES ($1, $2, $3, $4, $5, $6)",
		6, {INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
		TIMESTAMPTZOID}
	};
	HmFreeze	ordered = *freeze;
	HmBracket	bracket;
	Datum		values[6];
	char		nulls[] = "      ";

	ordered.freeze_id = hm_number_next(HM_RELATION_FREEZE_ID_SEQ);
	values[0] = Int64GetDatum(ordered.freeze_id);
	values[1] = TimestampTzGetDatum(freeze->since);
	values[2] = TimestampTzGetDatum(freeze->until);
	if (TIMESTAMP_IS_NOEND(freeze->until))
		nulls[2] = 'n';
	values[3] = CStringGetTextDatum(freeze->reason);
	values[4] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[5] = TimestampTzGetDatum(GetCurrentTimestamp());
	hm_query_begin(&bracket);
	hm_query_run(&insert, values, nulls, false);
	hm_query_end(&bracket);
	append_event(HM_EVENT_FREEZE_ORDERED, &ordered, freeze->reason);
	return ordered.freeze_id;
}

static void
end_freeze(int64 freeze_id, const char *reason)
{
	static HmStatement end = {
		"UPDATE hipaa_migrate.freeze_period AS f" HM_END_SET
		" WHERE f.freeze_id = $1 AND f.ended_at IS NULL"
		"   AND (f.until IS NULL OR f.until > $3)"
		" RETURNING f.freeze_id, f.since, f.until, f.reason, f.created_by",
		HM_END_ARGUMENTS
	};
	HmFreeze   *freeze;
	HmBracket	bracket;
	MemoryContext before;

	hm_query_begin(&bracket);
	if (!hm_end_row(&end, freeze_id, reason))
		hm_end_refuse("freeze", freeze_id, "freeze_list");
	before = MemoryContextSwitchTo(bracket.caller_context);
	freeze = copy_freeze(0);
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
	append_event(HM_EVENT_FREEZE_ENDED, freeze, reason);
}

static char *
perform_end(const HmAct *act)
{
	end_freeze(strtoll(hm_act_text(act, "freeze_id"), NULL, 10), act->reason);
	return NULL;
}

static const HmActKind act_freeze_end = {
	.name = "freeze_end",
	.function = "migrate_freeze_end",
	.capability = HM_APPROVER,
	.perform = perform_end,
	.or_superuser = true
};

/* What cannot be ended is refused at once, not when it is confirmed. */
int64
hm_freeze_end(int64 freeze_id, const char *reason)
{
	StringInfoData json;
	bool		found = false;
	ListCell   *cell;

	foreach(cell, hm_freezes_load())
	{
		if (((HmFreeze *) lfirst(cell))->freeze_id == freeze_id)
			found = true;
	}
	if (!found)
		hm_end_refuse("freeze", freeze_id, "freeze_list");
	hm_json_begin(&json);
	hm_json_int64(&json, "freeze_id", freeze_id);
	return hm_act_perform(act_freeze_end.name, hm_json_end(&json), reason);
}

void
hm_freeze_init(void)
{
	hm_act_register(&act_freeze_end);
}
