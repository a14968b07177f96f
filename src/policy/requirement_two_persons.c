/*
 * src/policy/requirement_two_persons.c
 *	  two_persons: whether what weakens the policy takes two people.
 */
#include "postgres.h"

#include "policy/policy_value.h"
#include "policy/requirement_value.h"

static char *
describe(Jsonb *value)
{
	return pstrdup(hm_value_flag(value, NULL, false) ?
				   "changes of the policy take two people" :
				   "one person changes the policy");
}

const HmRequirement hm_requirement_two_persons = {
	.name = "two_persons",
	.everywhere = true,
	.example = "true",
	.check = hm_requirement_check_flag,
	.describe = describe,
};
