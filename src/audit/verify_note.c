/*
 * src/audit/verify_note.c
 *	  That the record was verified goes on record.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/event.h"
#include "audit/state_row.h"
#include "audit/verify_note.h"
#include "base/json_text.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

static char *
failed_checks(const HmVerifyReport *report)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < HM_CHECK_COUNT; i++)
	{
		if (report->checks[i].failures > 0)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
							 hm_verify_check_name(i));
	}
	return names.len > 0 ? names.data : NULL;
}

void
hm_verify_note(const HmVerifyOptions *options, const HmVerifyReport *report)
{
	HmEvent		event = {.kind = HM_EVENT_VERIFIED};
	StringInfoData json;

	if (RecoveryInProgress())
		return;
	hm_json_begin(&json);
	hm_json_int64(&json, "events", report->checks[HM_CHECK_EVENT].checked);
	hm_json_int64(&json, "blocks", report->checks[HM_CHECK_CHAIN].checked);
	if (options->since != 0)
		hm_json_timestamp(&json, "since", options->since);
	hm_json_bool(&json, "digest", options->digest != NULL);
	hm_json_text(&json, "failed", failed_checks(report));
	event.outcome = hm_verify_passed(report) ? "ok" : "failed";
	event.details = hm_json_end(&json);
	hm_event_record(&event, 0, 0);
}

void
hm_verify_note_in_state(const HmEventRow *row)
{
	HmState		state;
	Snapshot	snapshot;
	char	   *kind = TextDatumGetCString(row->values[HM_COL_KIND]);

	if (strcmp(kind, hm_event_kind_name(HM_EVENT_VERIFIED)) != 0 ||
		!hm_state_try_lock())
		return;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	if (hm_state_load(&state, snapshot))
	{
		state.verified_at =
			DatumGetTimestampTz(row->values[HM_COL_OCCURRED_AT]);
		state.verified_outcome =
			TextDatumGetCString(row->values[HM_COL_OUTCOME]);
		hm_state_update(&state);
	}
	UnregisterSnapshot(snapshot);
}
