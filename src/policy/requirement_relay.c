/*
 * src/policy/requirement_relay.c
 *	  relay: whether approvals that were given elsewhere count.
 */
#include "postgres.h"

#include "policy/policy_value.h"
#include "policy/requirement.h"

static void
check(Jsonb *value)
{
	bool		ignored;

	if (!hm_value_read_bool(value, &ignored))
		hm_requirement_refuse(&hm_requirement_relay,
							  "It is true or false.");
}

static char *
describe(Jsonb *value)
{
	return pstrdup(hm_value_flag(value, NULL, false) ?
				   "relayed approvals count" :
				   "relayed approvals do not count");
}

const HmRequirement hm_requirement_relay = {
	.name = "relay",
	.example = "false",
	.check = check,
	.describe = describe,
};
