/*
 * src/policy/requirement_validity.c
 *	  validity: how long an approval lasts.
 */
#include "postgres.h"

#include "policy/policy_value.h"
#include "policy/requirement_value.h"

TimestampTz
hm_validity_ends(Jsonb *value, TimestampTz given_at)
{
	Interval	interval;

	if (value == NULL)
		return DT_NOEND;
	return hm_value_interval(hm_value_read_text(value), &interval) ?
		hm_value_after(given_at, &interval) : given_at;
}

static char *
check(Jsonb *value)
{
	Interval	interval;

	return hm_value_interval(hm_value_read_text(value), &interval) ? NULL :
		pstrdup("It is an interval longer than nothing.");
}

static char *
describe(Jsonb *value)
{
	return psprintf("an approval lasts %s", hm_value_read_text(value));
}

const HmRequirement hm_requirement_validity = {
	.name = "validity",
	.example = "\"14 days\"",
	.check = check,
	.describe = describe,
};
