/*
 * src/guard/effect_judge.c
 *	  The verdict on what no command covers.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/redact.h"
#include "base/settings.h"
#include "common/hashfn.h"
#include "guard/effect_parts.h"
#include "guard/guard_state.h"
#include "tcop/tcopprot.h"
#include "utils/timestamp.h"

bool
hm_effect_concerns(HmGuardClass class, bool shared)
{
	return (hm_setting_guard_override ||
			hm_guard_mode(class, shared) != HM_GUARD_OFF) &&
		!hm_guard_exempt_process();
}

/* A loop of a statement that does the same again is told of once. */
static bool
is_told(const HmGuardCase *about)
{
	static TimestampTz told_at = 0;
	static uint64 told = 0;
	TimestampTz statement = GetCurrentStatementStartTimestamp();
	char	   *text = psprintf("%d %s %s", about->class, about->command,
								about->object ? about->object : "");
	uint64		key = hash_bytes_extended((const unsigned char *) text,
										  strlen(text), 0);
	bool		same = told_at == statement && told == key;

	told_at = statement;
	told = key;
	return same;
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

	if (verdict == HM_VERDICT_FREE || verdict == HM_VERDICT_MIGRATION)
		return;
	about->class = command->class;
	about->shared = command->shared;
	about->command = command->name;
	about->permit_id = permit.id;
	about->ticket = permit.ticket;
	if (verdict != HM_VERDICT_REFUSED && is_told(about))
		return;
	tell_statement(about, query);
	if (verdict == HM_VERDICT_REFUSED)
		hm_guard_refuse(about);
	hm_guard_tell(about, verdict);
}
