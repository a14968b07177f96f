/*
 * src/guard/effect_judge.c
 *	  The verdict on what no command covers.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/redact.h"
#include "base/settings.h"
#include "guard/effect_parts.h"
#include "guard/state.h"
#include "tcop/tcopprot.h"
#include "utils/timestamp.h"

bool
hm_effect_concerns(HmGuardClass class, bool shared)
{
	return (hm_setting_guard_override ||
			hm_guard_mode(class, shared) != HM_GUARD_OFF) &&
		!hm_guard_exempt_process();
}

/* Whether this is the first of its command; without one, of its statement. */
static bool
is_first(void)
{
	static TimestampTz told_at = 0;
	HmGuardFrame *frame = hm_guard_frame();
	TimestampTz statement = GetCurrentStatementStartTimestamp();
	bool		first;

	if (frame != NULL)
	{
		first = !frame->effect_told;
		frame->effect_told = true;
	}
	else
	{
		first = told_at != statement;
		told_at = statement;
	}
	return first;
}

/* The text that it is on record with: without literals. */
static void
tell_statement(HmGuardCase *about, const QueryDesc *query)
{
	uint8	   *hash = palloc(HM_HASH_LENGTH);

	if (query != NULL)
	{
		const PlannedStmt *plan = query->plannedstmt;

		about->statement = hm_redact_statement(query->sourceText,
											   plan->stmt_location,
											   plan->stmt_len, (Node *) plan,
											   hash);
	}
	else if (debug_query_string != NULL)
		about->statement = hm_redact_statement(debug_query_string, -1, 0, NULL,
											   hash);
	if (about->statement)
		about->statement_hash = hash;
}

void
hm_effect_judge(const HmGuardedCommand *command, HmGuardCase *about,
				const QueryDesc *query)
{
	HmPermit	permit;
	HmVerdict	verdict = hm_guard_judge(command, NULL, &permit);

	if (verdict == HM_VERDICT_FREE || verdict == HM_VERDICT_MIGRATION ||
		(verdict != HM_VERDICT_REFUSED && !is_first()))
		return;
	about->class = command->class;
	about->shared = command->shared;
	about->command = command->name;
	about->permit_id = permit.id;
	tell_statement(about, query);
	if (verdict == HM_VERDICT_REFUSED)
		hm_guard_refuse(about);
	hm_guard_tell(about, verdict);
}
