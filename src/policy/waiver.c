/*
 * src/policy/waiver.c
 *	  Waivers: somebody has judged a finding of the linter and lets it be.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/number.h"
#include "base/actor.h"
#include "base/ending.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "policy/waiver.h"
#include "registry/name.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static HmWaiver *
copy_waiver(uint64 row)
{
	HmWaiver   *waiver = palloc0(sizeof(HmWaiver));

	waiver->waiver_id = hm_query_int64(row, 1);
	waiver->migration_id = hm_query_int64(row, 2);
	waiver->checksum = hm_query_text(row, 3);
	waiver->rule = hm_query_text(row, 4);
	waiver->given_by = hm_query_text(row, 5);
	waiver->reason = hm_query_text(row, 6);
	waiver->given_by_oid = (Oid) hm_query_int64(row, 7);
	return waiver;
}

/* In this very database, so that the number of the role means something. */
static void
compare_with_record(List *waivers)
{
	static HmStatement find = {
		"SELECT w.waiver_id"
		"  FROM hipaa_migrate.waiver AS w"
		"  JOIN hipaa_migrate.audit_state AS t"
		"       ON w.epoch = t.epoch AND t.database_oid = " HM_QUERY_DATABASE
		" WHERE w.ended_at IS NULL AND EXISTS"
		" (SELECT FROM hipaa_migrate.audit_event AS e"
		"   WHERE e.epoch = w.epoch AND e.xid = w.xid"
		"     AND e.kind = 'waiver.given' AND e.actor = w.given_by"
		"     AND e.rule = w.rule"
		"     AND e.details::pg_catalog.jsonb ->> 'waiver_id'"
		"         = w.waiver_id::pg_catalog.text"
		"     AND e.details::pg_catalog.jsonb ->> 'checksum'"
		"         = pg_catalog.encode(w.checksum, 'hex'))"
		" ORDER BY w.waiver_id"
	};
	uint64		row = 0;
	ListCell   *cell;

	hm_query_run(&find, NULL, NULL, true);
	foreach(cell, waivers)
	{
		HmWaiver   *waiver = lfirst(cell);

		waiver->on_record = row < SPI_processed &&
			hm_query_int64(row, 1) == waiver->waiver_id;
		if (waiver->on_record)
			row++;
	}
}

/* Mostly there is none: then the record need not be looked at. */
List *
hm_waivers_load(void)
{
	static HmStatement find = {
		"SELECT w.waiver_id, w.migration_id, pg_catalog.encode(w.checksum, 'hex'),"
		"       w.rule, w.given_by, w.reason,"
		"       w.given_by_oid::pg_catalog.int8"
		"  FROM hipaa_migrate.waiver AS w"
		" WHERE w.ended_at IS NULL ORDER BY w.waiver_id"
	};
	List	   *waivers = NIL;
	HmBracket	bracket;
	MemoryContext before;

	hm_query_begin(&bracket);
	hm_query_run(&find, NULL, NULL, true);
	before = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
		waivers = lappend(waivers, copy_waiver(row));
	MemoryContextSwitchTo(before);
	if (waivers != NIL)
		compare_with_record(waivers);
	hm_query_end(&bracket);
	return waivers;
}

HmWaiver *
hm_waiver_find(List *waivers, int64 migration_id, const char *checksum,
			   const char *rule)
{
	ListCell   *cell;

	foreach(cell, waivers)
	{
		HmWaiver   *waiver = lfirst(cell);

		if (waiver->migration_id == migration_id &&
			strcmp(waiver->checksum, checksum) == 0 &&
			strcmp(waiver->rule, rule) == 0)
			return waiver;
	}
	return NULL;
}

/*
 * Who gave it need not be another than the author: that is for whoever
 * approves, who is told.
 */
static void
append_event(HmEventKind kind, int64 waiver_id, const HmWaived *waived,
			 const char *rule, const char *reason)
{
	HmEvent		event = {.kind = kind};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "waiver_id", waiver_id);
	hm_json_text(&json, "checksum", waived->checksum);
	if (waived->author)
		hm_json_bool(&json, "by_author",
					 strcmp(waived->author,
							hm_actor_authenticated_name()) == 0);
	event.migration = waived->display;
	event.rule = rule;
	event.reason = reason;
	event.author = waived->author;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static void
refuse_second(const HmWaived *waived, const char *rule)
{
	HmWaiver   *waiver = hm_waiver_find(hm_waivers_load(),
										waived->migration_id,
										waived->checksum, rule);

	if (waiver)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("rule \"%s\" is waived for migration \"%s\" already",
						rule, waived->display),
				 errdetail("%s waived it.", waiver->given_by),
				 errhint("To end it: SELECT migrate_waive_end(%lld, 'reason');",
						 (long long) waiver->waiver_id)));
}

int64
hm_waiver_give(const HmWaived *waived, const char *rule, const char *reason)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.waiver"
		" (waiver_id, migration_id, checksum, rule, reason, given_by, given_by_oid,"
		"  given_at, epoch, xid)"
		" SELECT $1, $2, pg_catalog.decode($3, 'hex'), $4, $5, $6, $7, $8,"
		"        s.epoch, " HM_QUERY_XID
		"   FROM hipaa_migrate.audit_state AS s",
		8, {INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, OIDOID,
		TIMESTAMPTZOID}
	};
	int64		waiver_id;
	Datum		values[8];
	HmBracket	bracket;

	refuse_second(waived, rule);
	waiver_id = hm_number_next(HM_RELATION_WAIVER_ID_SEQ);
	values[0] = Int64GetDatum(waiver_id);
	values[1] = Int64GetDatum(waived->migration_id);
	values[2] = CStringGetTextDatum(waived->checksum);
	values[3] = CStringGetTextDatum(rule);
	values[4] = CStringGetTextDatum(reason);
	values[5] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[6] = ObjectIdGetDatum(hm_actor_authenticated());
	values[7] = TimestampTzGetDatum(GetCurrentTimestamp());
	hm_query_begin(&bracket);
	hm_query_run(&insert, values, NULL, false);
	hm_query_end(&bracket);
	append_event(HM_EVENT_WAIVER_GIVEN, waiver_id, waived, rule, reason);
	return waiver_id;
}

static void
end_row(int64 waiver_id, const char *reason, HmWaived *waived, char **rule)
{
	static HmStatement end = {
		"UPDATE hipaa_migrate.waiver AS w" HM_END_SET
		" WHERE w.waiver_id = $1 AND w.ended_at IS NULL"
		" RETURNING w.rule, pg_catalog.encode(w.checksum, 'hex'),"
		"  (SELECT m.project FROM hipaa_migrate.migration AS m"
		"    WHERE m.migration_id = w.migration_id),"
		"  (SELECT m.name FROM hipaa_migrate.migration AS m"
		"    WHERE m.migration_id = w.migration_id)",
		HM_END_ARGUMENTS
	};
	HmBracket	bracket;
	MemoryContext before;

	hm_query_begin(&bracket);
	if (!hm_end_row(&end, waiver_id, reason))
		hm_end_refuse("waiver", waiver_id, "waiver_list");
	before = MemoryContextSwitchTo(bracket.caller_context);
	*rule = hm_query_text(0, 1);
	waived->checksum = hm_query_text(0, 2);
	if (hm_query_text(0, 4))
		waived->display = hm_name_display(hm_query_text(0, 3),
										  hm_query_text(0, 4));
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
}

void
hm_waiver_end(int64 waiver_id, const char *reason)
{
	HmWaived	waived = {0};
	char	   *rule;

	end_row(waiver_id, reason, &waived, &rule);
	append_event(HM_EVENT_WAIVER_ENDED, waiver_id, &waived, rule, reason);
}
