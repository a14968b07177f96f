/*
 * src/policy/requirement_relay.c
 *	  relay: whether approvals that were given elsewhere count.
 */
#include "postgres.h"

#include "policy/policy_value.h"
#include "policy/requirement_value.h"

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
	.check = hm_requirement_check_flag,
	.describe = describe,
};
