/*
 * src/audit/notification.c
 *	  Tells whoever listens on channel hipaa_migrate what went on record.
 *
 * What is to be told waits here until the transaction commits, and is handed
 * to the server just before: at a PREPARE TRANSACTION it is forgotten instead.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/notification.h"
#include "base/compat.h"
#include "base/json_read.h"
#include "base/json_text.h"
#include "commands/async.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

/*
 * The server takes less than 8000 bytes.  Names are short; a list of all that
 * is missing may not be, and is left out then.
 */
#define ROOM 6000
#define LONGEST_NAME 400

/* Part of the server's queue beyond which it belongs to others. */
#define QUEUE_SHARE 0.5

typedef struct Pending
{
	SubTransactionId part;		/* that appended the event */
	char	   *payload;
} Pending;

/*
 * Details that are names, numbers or moments, or made of them.  A detail that
 * is not here is not told.
 */
static const char *const told_details[] = {
	"direction", "revision", "checksum", "risk", "phi", "missing", "meaning",
	"submission", "members", "approval", "assessment_id", "waiver_id",
	"freeze_id", "exemption", "break_glass", "act_id", "act", "requirement",
	"preset",
	"mode", "person", "capability", "severity", "drill", "how", "state",
	"since", "until", "planned_for", "opens_at", "expires_at", "review_due",
	"relayed_by", "count"
};

static MemoryContext context = NULL;
static List *pending = NIL;		/* of Pending *, the latest last */
static bool deferred = false;

static char *
text_of(const HmEventRow *row, int column)
{
	return row->nulls[column] ? NULL :
		TextDatumGetCString(row->values[column]);
}

/* Of many alike the record has one event, which says of which kind. */
static char *
kind_of(const HmEventRow *row)
{
	char	   *kind = text_of(row, HM_COL_KIND);

	if (strcmp(kind, hm_event_kind_name(HM_EVENT_FOLDED)) == 0)
	{
		char	   *folded = hm_json_member(text_of(row, HM_COL_DETAILS), "kind");

		return folded ? folded : kind;
	}
	return kind;
}

static void
put_details(StringInfo json, const HmEventRow *row)
{
	bool		cut = false;
	Jsonb	   *details;

	if (row->nulls[HM_COL_DETAILS])
		return;
	details = hm_json_parse(text_of(row, HM_COL_DETAILS));
	for (int i = 0; i < lengthof(told_details); i++)
	{
		char	   *value = hm_json_member_json(details, told_details[i]);

		if (value == NULL)
			continue;
		if (json->len + strlen(value) < ROOM)
			hm_json_raw(json, told_details[i], value);
		else
			cut = true;
	}
	if (cut)
		hm_json_bool(json, "cut", true);
}

/* What is refused may be about a name that is none, of any length. */
static char *
clipped(char *name)
{
	if (name && strlen(name) > LONGEST_NAME)
		name[pg_mbcliplen(name, strlen(name), LONGEST_NAME)] = '\0';
	return name;
}

static char *
build_payload(const char *kind, const HmEventRow *row)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "event", kind);
	hm_json_int64(&json, "event_id", DatumGetInt64(row->values[HM_COL_EVENT_ID]));
	hm_json_text(&json, "outcome", text_of(row, HM_COL_OUTCOME));
	hm_json_text(&json, "migration", clipped(text_of(row, HM_COL_MIGRATION)));
	hm_json_text(&json, "rule", text_of(row, HM_COL_RULE));
	hm_json_text(&json, "who", text_of(row, HM_COL_ACTOR));
	hm_json_timestamp(&json, "at",
					  DatumGetTimestampTz(row->values[HM_COL_OCCURRED_AT]));
	hm_json_text(&json, "database", text_of(row, HM_COL_DATABASE));
	hm_json_text(&json, "sqlstate", text_of(row, HM_COL_SQLSTATE));
	put_details(&json, row);
	return hm_json_end(&json);
}

static void
keep(const char *payload)
{
	MemoryContext before;
	Pending    *entry;

	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext,
										"hipaa_migrate notifications",
										ALLOCSET_SMALL_SIZES);
	before = MemoryContextSwitchTo(context);
	entry = palloc(sizeof(Pending));
	entry->part = GetCurrentSubTransactionId();
	entry->payload = pstrdup(payload);
	pending = lappend(pending, entry);
	MemoryContextSwitchTo(before);
}

/* Nobody can listen to a server that serves one session. */
void
hm_notification_note(const HmEventRow *row)
{
	char	   *kind;

	if (!IsUnderPostmaster)
		return;
	kind = kind_of(row);
	if (hm_event_kind_is_told(kind))
		keep(build_payload(kind, row));
}

static void
forget_all(void)
{
	pending = NIL;
	if (context)
		MemoryContextReset(context);
}

/* Whoever listens and does not read must not keep us from committing. */
static bool
queue_has_room(void)
{
	float8		used = DatumGetFloat8(DirectFunctionCall1(pg_notification_queue_usage,
														  (Datum) 0));

	if (used < QUEUE_SHARE)
		return true;
	ereport(WARNING,
			(errmsg("nobody is notified on channel \"%s\", for the server's queue of notifications is half full",
					HM_NOTIFICATION_CHANNEL),
			 errdetail("Some session that listens has been in one transaction for long."),
			 errhint("What happened is on record: SELECT * FROM hipaa_migrate.audit_log;")));
	return false;
}

static void
send_all(void)
{
	ListCell   *cell;

	if (pending == NIL || !queue_has_room())
		return;
	foreach(cell, pending)
	{
		Pending    *entry = lfirst(cell);

		Async_Notify(HM_NOTIFICATION_CHANNEL, entry->payload);
	}
}

void
hm_notification_defer(void)
{
	deferred = true;
}

/* What cannot be told is on record, and who listens may look there. */
void
hm_notification_send(void)
{
	MemoryContext before = CurrentMemoryContext;

	if (pending == NIL)
		return;
	PG_TRY();
	{
		StartTransactionCommand();
		send_all();
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		EmitErrorReport();
		FlushErrorState();
		AbortOutOfAnyTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(before);
	forget_all();
}

static void
end_transaction(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			if (!deferred)
				send_all();
			break;
		case XACT_EVENT_COMMIT:
			if (!deferred)
				forget_all();
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			forget_all();
			break;
		default:
			break;
	}
}

/* What belongs to it has been noted since it began: parts are numbered. */
static void
end_subtransaction(SubXactEvent event, SubTransactionId part,
				   SubTransactionId parent, void *argument)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (pending != NIL &&
		   ((Pending *) llast(pending))->part >= part)
		pending = list_delete_last(pending);
}

void
hm_notification_init(void)
{
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
}
