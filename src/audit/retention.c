/*
 * src/audit/retention.c
 *	  How long the record is kept, and by which clock.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/retention.h"
#include "audit/service.h"
#include "audit/shared.h"
#include "base/compat.h"
#include "base/interval.h"
#include "base/json_read.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#define LEAST_RETENTION "7 years"
#define SETTING "hipaa_migrate.audit_retention"

/* SPI leaves its own memory context behind. */
static char *
keep_text(HmRetention *retention, const char *text)
{
	return text ? MemoryContextStrdup(GetMemoryChunkContext(retention), text) :
		NULL;
}

/* Takes the text over if it covers what holds so far. */
static bool
raise_to(HmRetention *retention, const char *text)
{
	Interval	interval;

	if (text == NULL || !hm_interval_parse(text, &interval) ||
		!hm_interval_covers(&interval, &retention->interval))
		return false;
	retention->interval = interval;
	retention->text = keep_text(retention, text);
	return true;
}

/*
 * What the record says was raised to: the state is not part of a dump, the
 * record is.
 */
static void
raise_to_recorded(HmRetention *retention)
{
	static HmStatement find = {
		"SELECT DISTINCT e.details FROM hipaa_migrate.audit_event AS e"
		" WHERE e.kind = 'setting.changed'"
		"   AND e.object = '" SETTING "'",
		0
	};

	hm_query_run(&find, NULL, NULL, true);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char	   *details = hm_query_text(row, 1);

		if (details)
			(void) raise_to(retention, hm_json_member(details, "holds"));
	}
}

/*
 * What was set since the start of the server, and is no longer, while this
 * record was there.  The present setting is looked at by itself.
 */
static void
raise_to_former(HmRetention *retention, TimestampTz record_since)
{
	char		text[HM_SETTING_MAX];
	TimestampTz until;

	if (hm_shared == NULL)
		return;
	LWLockAcquire(hm_shared->lock, LW_SHARED);
	strlcpy(text, hm_shared->retention, sizeof(text));
	until = hm_shared->retention_until;
	LWLockRelease(hm_shared->lock);
	if (until != 0 && until >= record_since)
		(void) raise_to(retention, text);
}

static bool
find_state(HmRetention *retention)
{
	static HmStatement find = {
		"SELECT s.retention, s.retention_setting, s.anchored_at,"
		"       s.clock_pending, s.clone, p.opened_at"
		"  FROM hipaa_migrate.audit_state AS s"
		"  LEFT JOIN hipaa_migrate.audit_epoch AS p ON p.epoch = s.epoch",
		0
	};

	if (hm_query_run(&find, NULL, NULL, true) != 1)
		return false;
	(void) raise_to(retention, hm_query_text(0, 1));
	retention->kept = retention->text;
	raise_to_former(retention, hm_query_int64(0, 6));
	retention->seen = keep_text(retention, hm_query_text(0, 2));
	retention->anchored_at = hm_query_int64(0, 3);
	retention->clock_pending = hm_query_int64(0, 4);
	retention->clone = hm_query_bool(0, 5);
	return true;
}

static HmRetention *
find_retention(bool from_record)
{
	HmRetention *retention = palloc0(sizeof(HmRetention));
	HmBracket	bracket;
	bool		found;

	retention->interval.month = HM_LEAST_RETENTION_MONTHS;
	retention->text = LEAST_RETENTION;
	hm_query_begin(&bracket);
	found = find_state(retention);
	if (found && from_record)
		raise_to_recorded(retention);
	hm_query_end(&bracket);
	if (!found)
		return NULL;
	retention->setting_ignored =
		!raise_to(retention, hm_setting_audit_retention);
	retention->cutoff = hm_interval_before(retention->anchored_at,
										   &retention->interval);
	return retention;
}

HmRetention *
hm_retention_find(void)
{
	return find_retention(false);
}

HmRetention *
hm_retention_load(bool from_record)
{
	HmRetention *retention = find_retention(from_record);

	if (retention == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the record of hipaa_migrate has no open epoch"),
				 errdetail("Table hipaa_migrate.audit_state is empty."),
				 errhint("Have one opened with SELECT audit_seal(), and see what SELECT * FROM audit_verify() reports.")));
	return retention;
}

static void
keep(const HmRetention *retention)
{
	static HmStatement update = {
		"UPDATE hipaa_migrate.audit_state"
		"   SET retention = $1, retention_setting = $2",
		2, {TEXTOID, TEXTOID}
	};
	HmEvent		event = {.kind = HM_EVENT_SETTING_CHANGED};
	HmBracket	bracket;
	StringInfoData json;
	Datum		values[2];

	values[0] = CStringGetTextDatum(retention->text);
	values[1] = CStringGetTextDatum(hm_setting_audit_retention);
	hm_query_begin(&bracket);
	hm_query_run(&update, values, NULL, false);
	hm_query_end(&bracket);
	hm_json_begin(&json);
	hm_json_text(&json, "value", hm_setting_audit_retention);
	hm_json_text(&json, "before", retention->seen);
	hm_json_text(&json, "holds", retention->text);
	event.object_type = "setting";
	event.object = SETTING;
	event.outcome = retention->setting_ignored ? "ignored" : NULL;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

/* A new database's first look is on record only if it has something to say. */
static bool
is_news(const HmRetention *retention)
{
	return strcmp(retention->seen ? retention->seen : LEAST_RETENTION,
				  hm_setting_audit_retention) != 0 ||
		strcmp(retention->kept, retention->text) != 0;
}

void
hm_retention_visit(void)
{
	static TimestampTz looked_at = 0;
	HmRetention *retention;

	if (looked_at == PgReloadTime)
		return;
	if (hm_service_start_transaction())
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		retention = hm_retention_load(false);
		if (is_news(retention))
			keep(retention);
		PopActiveSnapshot();
		looked_at = PgReloadTime;
	}
	CommitTransactionCommand();
}

/* Only the launcher writes it, so it needs no lock to read it. */
static bool
is_longest(const Interval *setting)
{
	Interval	former;

	return hm_shared->retention[0] == '\0' ||
		!hm_interval_parse(hm_shared->retention, &former) ||
		hm_interval_covers(setting, &former);
}

void
hm_retention_note_setting(void)
{
	TimestampTz now = GetCurrentTimestamp();
	Interval	setting;
	bool		longest;

	if (strlen(hm_setting_audit_retention) >= HM_SETTING_MAX ||
		!hm_interval_parse(hm_setting_audit_retention, &setting))
		return;
	longest = is_longest(&setting);
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	if (longest)
	{
		strlcpy(hm_shared->retention, hm_setting_audit_retention,
				HM_SETTING_MAX);
		hm_shared->retention_until = 0;
	}
	else if (hm_shared->retention_until == 0)
		hm_shared->retention_until = now;
	LWLockRelease(hm_shared->lock);
}

void
hm_retention_require_past(int64 act_id, const HmRetention *retention,
						  TimestampTz before)
{
	if (before <= retention->cutoff)
		return;
	hm_act_refused(act_id, "purge", "within retention");
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot purge events that are younger than %s",
					retention->text),
			 errdetail("By the clock of the record it is %s, so that only events before %s may go.",
					   hm_json_moment(retention->anchored_at),
					   hm_json_moment(retention->cutoff)),
			 retention->clock_pending == 0 ? 0 :
			 errhint("The server's clock is further on; two people can confirm that with SELECT audit_confirm_clock('reason').")));
}

/*
 * The clock.
 */

static void
require_step(const HmRetention *retention)
{
	if (retention->clock_pending == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no step of the clock to confirm"),
				 errdetail("The clock of the record follows the server's clock.")));
}

/*
 * The time asked for is in the arguments for whoever confirms to read.  The
 * clock goes on until then, which is at most as long as an act lives.
 */
static char *
perform_clock(const HmAct *act)
{
	static HmStatement update = {
		"UPDATE hipaa_migrate.audit_state"
		"   SET anchored_at = $1, clock_pending = NULL",
		1, {TIMESTAMPTZOID}
	};
	HmRetention *retention = hm_retention_load(false);
	HmEvent		event = {.kind = HM_EVENT_CLOCK_CONFIRMED};
	TimestampTz now = GetCurrentTimestamp();
	Datum		value = TimestampTzGetDatum(now);
	HmBracket	bracket;
	StringInfoData json;

	require_step(retention);
	hm_query_begin(&bracket);
	hm_query_run(&update, &value, NULL, false);
	hm_query_end(&bracket);
	hm_json_begin(&json);
	hm_json_int64(&json, "act_id", act->id);
	hm_json_timestamp(&json, "before", retention->anchored_at);
	hm_json_timestamp(&json, "now", now);
	event.reason = act->reason;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
	return unconstify(char *, event.details);
}

int64
hm_retention_request_clock(const char *reason)
{
	HmRetention *retention = hm_retention_load(false);
	StringInfoData json;

	require_step(retention);
	hm_json_begin(&json);
	hm_json_timestamp(&json, "record", retention->anchored_at);
	hm_json_timestamp(&json, "server", GetCurrentTimestamp());
	return hm_act_request("clock", hm_json_end(&json), reason);
}

void
hm_retention_init(void)
{
	static const HmActKind clock = {"clock", "audit_confirm_clock", HM_AUDITOR, perform_clock};

	hm_act_register(&clock);
}
