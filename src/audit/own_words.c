/*
 * src/audit/own_words.c
 *	  Signatures, and what takes two people, in words of one's own.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/client_words.h"
#include "audit/event.h"
#include "audit/own_words.h"
#include "base/compat.h"
#include "base/settings.h"

/* Filled in _PG_init(); NULL: never. */
static bool (*authors_kept_out) (void) = NULL;

/* In this transaction. */
static bool signed_here = false;

static void
record_refusal(const char *rule, int sqlstate)
{
	HmEvent		event = {
		.kind = HM_EVENT_ACCESS_REFUSED,
		.rule = rule,
		.sqlstate = unpack_sql_state(sqlstate)
	};

	(void) hm_event_record(&event, 0, hm_setting_record_wait);
}

HM_NORETURN static void
refuse(const char *function)
{
	record_refusal(psprintf("%s in the caller's own words", function),
				   ERRCODE_INSUFFICIENT_PRIVILEGE);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s() must be called by the statement that the client sends",
					function),
			 errdetail("A view, a trigger or a function cannot act for whoever uses it."),
			 errhint("Call it directly.")));
}

void
hm_own_words_require(const char *function)
{
	if (!hm_client_words_call(function))
		refuse(function);
	signed_here = true;
}

void
hm_own_words_set_rule(bool (*rule) (void))
{
	authors_kept_out = rule;
}

void
hm_own_words_require_author(const char *function)
{
	if (!hm_client_words_call(function) && authors_kept_out &&
		authors_kept_out())
		refuse(function);
}

static void
refuse_prepare(void)
{
	record_refusal("a signature that is prepared",
				   ERRCODE_FEATURE_NOT_SUPPORTED);
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot prepare a transaction in which somebody has signed"),
			 errdetail("Somebody else could commit it, and say when."),
			 errhint("Commit it instead.")));
}

static void
watch_transaction(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_PRE_PREPARE:
			if (signed_here)
				refuse_prepare();
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
			signed_here = false;
			break;
		default:
			break;
	}
}

void
hm_own_words_init(void)
{
	RegisterXactCallback(watch_transaction, NULL);
}
