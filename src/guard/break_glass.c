/*
 * src/guard/break_glass.c
 *	  Break-glass: what this session has opened, and how that ends.
 *
 * Where the recorder could not be reached the transaction that opened it has
 * inserted its row, which is nobody else's to change meanwhile: an end that
 * comes before the transaction's is told after it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/event.h"
#include "audit/number.h"
#include "audit/relations.h"
#include "base/actor.h"
#include "base/compat.h"
#include "base/errors.h"
#include "base/settings.h"
#include "guard/break_glass.h"
#include "guard/break_glass_row.h"
#include "guard/break_glass_rules.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

/* id 0: nothing, all of it is zero. */
static HmBreakGlass glass;

/* Invalid once the transaction that opened it has committed. */
static SubTransactionId opened_in = InvalidSubTransactionId;

/* OID of the extension then: another one keeps another record. */
static Oid	extension;

/* What glass points to. */
static MemoryContext context;

static const char *
keep(const char *text)
{
	return text ? MemoryContextStrdup(context, text) : NULL;
}

static void
forget(void)
{
	memset(&glass, 0, sizeof(glass));
	opened_in = InvalidSubTransactionId;
	MemoryContextReset(context);
}

/* Raises nothing, in whatever state the transaction is. */
static void
record_end(int wait_ms)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	HmEvent		event = {
		.kind = HM_EVENT_BREAK_GLASS_ENDED,
		.outcome = glass.drill ? "drill" : NULL,
		.ticket = glass.ticket,
		.reason = glass.reason,
		.occurred_at = glass.ended_at,
		.details = hm_break_glass_details(&glass)
	};

	(void) hm_event_record(&event, 0, wait_ms);
	MemoryContextSwitchTo(caller);
	forget();
}

static void
end(const char *how, TimestampTz when, const char *reason, int wait_ms)
{
	glass.ended_at = when;
	glass.ended_how = how;
	glass.end_reason = keep(reason);
	if (opened_in == InvalidSubTransactionId)
		record_end(wait_ms);
}

static inline bool
is_open(void)
{
	return glass.id != 0 && glass.ended_at == 0;
}

/* Notices that its time is over. */
static bool
is_alive(int wait_ms)
{
	if (!is_open())
		return false;
	if (GetCurrentTimestamp() < glass.expires_at)
		return true;
	end("expired", glass.expires_at, NULL, wait_ms);
	return false;
}

const HmBreakGlass *
hm_break_glass_find(void)
{
	if (likely(glass.id == 0) || !is_alive(0) || glass.drill ||
		glass.role != hm_actor_authenticated() ||
		extension != hm_relations_extension())
		return NULL;
	return &glass;
}

int64
hm_break_glass_current(void)
{
	return hm_break_glass_find() ? glass.id : 0;
}

void
hm_break_glass_discard(void)
{
	if (is_alive(hm_setting_record_wait))
		end("discarded", GetCurrentTimestamp(), NULL, hm_setting_record_wait);
}

/* The end of the transaction that opened it, before or after its own end. */
static void
settle_opening(bool committed)
{
	opened_in = InvalidSubTransactionId;
	if (glass.ended_at != 0)
		record_end(0);
	else if (!committed)
		end(proc_exit_inprogress ? "disconnected" : "rolled back",
			GetCurrentTimestamp(), NULL, 0);
}

/*
 * Whoever commits a prepared transaction may be another, and is told nothing
 * of a review.
 */
static void
end_transaction(XactEvent event, void *argument)
{
	if (opened_in == InvalidSubTransactionId)
		return;
	switch (event)
	{
		case XACT_EVENT_PRE_PREPARE:
			ereport(ERROR,
					(errcode(HM_ERRCODE_GUARD),
					 errmsg("cannot prepare a transaction that opened the guard by break-glass"),
					 errhint("Commit it instead.")));
			break;
		case XACT_EVENT_COMMIT:
			settle_opening(true);
			break;
		case XACT_EVENT_ABORT:
			settle_opening(false);
			break;
		default:
			break;
	}
}

static void
end_subtransaction(SubXactEvent event, SubTransactionId my_id,
				   SubTransactionId parent_id, void *argument)
{
	if (opened_in == InvalidSubTransactionId || opened_in != my_id)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		settle_opening(false);
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		opened_in = parent_id;
}

/* A transaction in progress is aborted after this, and tells it then. */
static void
end_session(int code, Datum argument)
{
	if (is_open() && opened_in == InvalidSubTransactionId &&
		is_alive(hm_setting_record_wait))
		end("disconnected", GetCurrentTimestamp(), NULL,
			hm_setting_record_wait);
}

static void
watch_session(void)
{
	static bool watched = false;

	if (!watched)
		before_shmem_exit(end_session, (Datum) 0);
	watched = true;
}

static void
require_nothing_open(void)
{
	if (is_alive(hm_setting_record_wait))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("break-glass %lld is already open in this session",
						(long long) glass.id),
				 errhint("End it first: SELECT migrate_break_glass_end();")));
	if (glass.id != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this transaction has opened the guard by break-glass already"),
				 errhint("COMMIT, then open it again.")));
}

static void
record_opening(const HmBreakGlass *opening)
{
	HmEvent		event = {
		.kind = HM_EVENT_BREAK_GLASS_OPENED,
		.outcome = opening->drill ? "drill" : NULL,
		.ticket = opening->ticket,
		.reason = opening->reason,
		.details = hm_break_glass_details(opening)
	};

	if (hm_event_record(&event, 0, hm_setting_record_wait) == HM_RECORD_LOST)
	{
		hm_break_glass_insert(opening);
		ereport(WARNING,
				(errmsg("break-glass %lld could not be put on record in time",
						(long long) opening->id),
				 errdetail("The write-ahead log and the server's log have it."),
				 errhint("See what SELECT * FROM migrate_health() says.")));
	}
	ereport(LOG,
			(errmsg("break-glass %lld opened by user \"%s\"%s",
					(long long) opening->id, opening->opened_by,
					opening->drill ? ", as a drill" : ""),
			 errhidestmt(true), errhidecontext(true)));
}

static void
activate(const HmBreakGlass *opening)
{
	HmBreakGlass kept = *opening;

	watch_session();
	if (context == NULL)
		context = AllocSetContextCreate(TopMemoryContext,
										"hipaa_migrate break-glass",
										ALLOCSET_SMALL_SIZES);
	kept.opened_by = keep(opening->opened_by);
	kept.authn_id = keep(opening->authn_id);
	kept.severity = keep(opening->severity);
	kept.ticket = keep(opening->ticket);
	kept.reason = keep(opening->reason);
	extension = hm_relations_extension();
	opened_in = GetCurrentSubTransactionId();
	glass = kept;
}

const HmBreakGlass *
hm_break_glass_open(const HmBreakGlass *request)
{
	HmBreakGlass opening = *request;

	require_nothing_open();
	opening.opened_at = GetCurrentTimestamp();
	hm_break_glass_admit(&opening);
	opening.id = hm_number_next(HM_RELATION_BREAK_GLASS_ID_SEQ);
	opening.role = hm_actor_authenticated();
	opening.opened_by = hm_actor_authenticated_name();
	opening.authn_id = hm_compat_authn_id();
	record_opening(&opening);
	activate(&opening);
	return &glass;
}

void
hm_break_glass_end(int64 id, const char *reason)
{
	if (!is_alive(hm_setting_record_wait) || (id != 0 && id != glass.id))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 id == 0 ? errmsg("nothing is open by break-glass in this session") :
				 errmsg("break-glass %lld is not open in this session",
						(long long) id),
				 errhint("See SELECT * FROM hipaa_migrate.break_glass_review; another session's ends with it: SELECT pg_terminate_backend(pid);")));
	end("ended", GetCurrentTimestamp(), reason, hm_setting_record_wait);
}

void
hm_break_glass_init(void)
{
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
	hm_break_glass_row_init();
}
