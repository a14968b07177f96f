/*
 * src/policy/requirement_break_glass.c
 *	  Requirement break_glass: who may open the guard in an emergency, for how
 *	  long, and when another person must have looked at it.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "policy/break_glass_policy.h"
#include "policy/requirement.h"

static char *
check(Jsonb *value)
{
	HmBreakGlassPolicy policy;

	return hm_break_glass_policy_read(value, &policy);
}

static void
describe_roles(StringInfo text, List *roles)
{
	ListCell   *cell;

	foreach(cell, roles)
		appendStringInfo(text, "%s%s", cell == list_head(roles) ?
						 ", by a member of " : " or ",
						 (char *) lfirst(cell));
}

static void
describe_reviews(StringInfo text, const int64 *review)
{
	bool		same = true;

	for (int i = 1; i < HM_BREAK_GLASS_SEVERITIES; i++)
		same = same && review[i] == review[0];
	appendStringInfoString(text, ", reviewed within ");
	if (same)
		appendStringInfoString(text, hm_break_glass_duration(review[0]));
	else
		for (int i = 0; i < HM_BREAK_GLASS_SEVERITIES; i++)
			appendStringInfo(text, "%s%s (P%d)", i > 0 ? ", " : "",
							 hm_break_glass_duration(review[i]), i);
}

static char *
describe(Jsonb *value)
{
	HmBreakGlassPolicy policy;
	StringInfoData text;

	(void) hm_break_glass_policy_read(value, &policy);
	initStringInfo(&text);
	appendStringInfo(&text, "break-glass for at most %s",
					 hm_break_glass_duration(policy.longest));
	describe_roles(&text, policy.roles);
	if (policy.ticket)
		appendStringInfoString(&text, ", with a ticket");
	describe_reviews(&text, policy.review);
	return text.data;
}

/*
 * It is no condition of a run, but of break-glass: guard/break_glass_rules.c.
 */
const HmRequirement hm_requirement_break_glass = {
	.name = "break_glass",
	.everywhere = true,
	.example = "{\"longest\": \"4 hours\", \"roles\": [\"dba\"], \"ticket\": true, \"review\": {\"P0\": \"24 hours\"}}",
	.check = check,
	.describe = describe,
	.judge = NULL
};
