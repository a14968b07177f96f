/*
 * src/audit/event_recorded.c
 *	  Events on their way through the ring: the recorder's side.
 */
#include "postgres.h"

#include "audit/event_recorded.h"
#include "audit/event_row.h"
#include "audit/recorder.h"
#include "audit/verify_note.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/json.h"

/* Filled in _PG_init() and never changed after it. */
static HmEventNote notes[HM_EVENT_KINDS];

void
hm_event_recorded_note(HmEventKind kind, HmEventNote note)
{
	notes[kind] = note;
}

static void
call_note(const HmEventRow *row)
{
	HmEventKind kind =
	hm_event_kind_find(TextDatumGetCString(row->values[HM_COL_KIND]));

	if (kind < HM_EVENT_KINDS && notes[kind] != NULL)
		notes[kind] (row);
}

static void
record_event(const char *bytes, Size length)
{
	HmEventRow	row;

	hm_event_row_unpack(&row, bytes, length);
	hm_event_row_insert(&row);
	hm_event_note_appended();
	hm_verify_note_in_state(&row);
	call_note(&row);
}

/* In UTC, as ISO 8601 and JSON have it. */
static char *
moment(TimestampTz when)
{
	const int	utc = 0;

	return JsonEncodeDateTime(NULL,
							  TimestampTzGetDatum(when), TIMESTAMPTZOID,
							  &utc);
}

static char *
describe(const char *kind, int64 count, TimestampTz first, TimestampTz last)
{
	return psprintf("{%s%s%s\"count\": " INT64_FORMAT
					", \"first\": \"%s\", \"last\": \"%s\"}",
					kind ? "\"kind\": \"" : "", kind ? kind : "",
					kind ? "\", " : "",
					count, moment(first), moment(last));
}

static void
record_gap(const char *bytes, Size length)
{
	HmGap		gap;
	HmEvent		event = {.kind = HM_EVENT_GAP};

	memcpy(&gap, bytes, sizeof(gap));
	event.details = describe(NULL, gap.count, gap.first, gap.last);
	hm_event_append(&event);
}

static void
put_text(HmEventRow *row, int column, const char *text)
{
	row->nulls[column] = false;
	row->values[column] = CStringGetTextDatum(text);
}

/* The row of the first of them says who did what; its kind becomes a detail. */
static void
record_folded(const char *bytes, Size length)
{
	const HmFolded *folded = (const HmFolded *) bytes;
	HmEventRow	row;
	char	   *kind;

	if (folded->kind != HM_MESSAGE_EVENT)
		elog(ERROR, "messages of kind %d cannot be folded", folded->kind);
	hm_event_row_unpack(&row, folded->bytes, folded->length);
	kind = TextDatumGetCString(row.values[HM_COL_KIND]);
	put_text(&row, HM_COL_KIND, hm_event_kind_name(HM_EVENT_FOLDED));
	put_text(&row, HM_COL_DETAILS, describe(kind, folded->count,
											folded->first, folded->last));
	hm_event_row_insert(&row);
	hm_event_note_appended();
}

void
hm_event_recorded_init(void)
{
	hm_recorder_handle(HM_MESSAGE_EVENT, record_event);
	hm_recorder_handle(HM_MESSAGE_GAP, record_gap);
	hm_recorder_handle(HM_MESSAGE_FOLDED, record_folded);
}
