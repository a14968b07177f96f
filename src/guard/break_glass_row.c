/*
 * src/guard/break_glass_row.c
 *	  Rows of break_glass.
 *
 * There is one way to make a row, from the details of an event: either that
 * of the opening or, should that be lost, that of the end.
 */
#include "postgres.h"

#include "audit/event_recorded.h"
#include "audit/relations.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "guard/break_glass_row.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* Long details are not kept in events that come through the ring. */
#define END_REASON_MAX 1000		/* bytes */

static char *
clip(const char *text, int limit)
{
	return text == NULL ? NULL :
		pnstrdup(text, pg_mbcliplen(text, strlen(text), limit));
}

char *
hm_break_glass_details(const HmBreakGlass *glass)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "break_glass", glass->id);
	hm_json_text(&json, "opened_by", glass->opened_by);
	hm_json_int64(&json, "role", glass->role);
	hm_json_timestamp(&json, "opened_at", glass->opened_at);
	hm_json_timestamp(&json, "expires_at", glass->expires_at);
	hm_json_timestamp(&json, "review_due", glass->review_due);
	hm_json_text(&json, "severity", glass->severity);
	hm_json_bool(&json, "drill", glass->drill);
	hm_json_int64(&json, "pid", MyProcPid);
	hm_json_int64(&json, "database", MyDatabaseId);
	if (glass->ended_at != 0)
	{
		hm_json_timestamp(&json, "ended_at", glass->ended_at);
		hm_json_text(&json, "how", glass->ended_how);
		hm_json_text(&json, "end_reason",
					 clip(glass->end_reason, END_REASON_MAX));
	}
	return hm_json_end(&json);
}

/*
 * A row of that number made by another life of the extension is not touched,
 * and an end that is known is not replaced.
 */
static void
put_row(const char *details, const char *reason, const char *ticket,
		const char *authn_id)
{
	static HmStatement put = {
		"INSERT INTO hipaa_migrate.break_glass AS b"
		" (break_glass_id, opened_by, role_oid, authn_id, opened_at,"
		"  expires_at, review_due, severity, ticket, reason, drill, pid,"
		"  database_oid, ended_at, ended_how, end_reason)"
		" SELECT d.break_glass, d.opened_by, d.role, $4, d.opened_at,"
		"        d.expires_at, d.review_due, d.severity, $3, $2, d.drill,"
		"        d.pid, d.database, d.ended_at, d.how, d.end_reason"
		"   FROM pg_catalog.jsonb_to_record($1::pg_catalog.jsonb) AS d"
		"        (break_glass bigint, opened_by text, role oid,"
		"         opened_at timestamptz, expires_at timestamptz,"
		"         review_due timestamptz, severity text, drill boolean,"
		"         pid integer, database oid, ended_at timestamptz, how text,"
		"         end_reason text)"
		" ON CONFLICT (break_glass_id) DO UPDATE"
		" SET ended_at = excluded.ended_at, ended_how = excluded.ended_how,"
		"     end_reason = excluded.end_reason"
		" WHERE b.ended_at IS NULL AND b.opened_at = excluded.opened_at"
		"   AND b.database_oid = excluded.database_oid",
		4, {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
	};
	HmBracket	bracket;
	Datum		values[4];
	char		nulls[4];

	values[0] = hm_query_text_arg(details, &nulls[0]);
	values[1] = hm_query_text_arg(reason, &nulls[1]);
	values[2] = hm_query_text_arg(ticket, &nulls[2]);
	values[3] = hm_query_text_arg(authn_id, &nulls[3]);
	hm_query_begin(&bracket);
	hm_query_run(&put, values, nulls, false);
	hm_query_end(&bracket);
}

void
hm_break_glass_insert(const HmBreakGlass *glass)
{
	put_row(hm_break_glass_details(glass), glass->reason, glass->ticket,
			glass->authn_id);
}

static const char *
text_of(const HmEventRow *row, int column)
{
	return row->nulls[column] ? NULL :
		TextDatumGetCString(row->values[column]);
}

static void
note(const HmEventRow *row)
{
	const char *details = text_of(row, HM_COL_DETAILS);

	if (details && OidIsValid(hm_relation_find(HM_RELATION_BREAK_GLASS)))
		put_row(details, text_of(row, HM_COL_REASON),
				text_of(row, HM_COL_TICKET), text_of(row, HM_COL_AUTHN_ID));
}

void
hm_break_glass_row_init(void)
{
	hm_event_recorded_note(HM_EVENT_BREAK_GLASS_OPENED, note);
	hm_event_recorded_note(HM_EVENT_BREAK_GLASS_ENDED, note);
}
