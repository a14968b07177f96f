/*
 * src/policy/requirement_separation.c
 *	  separation: whether author and executor may be among the approvers.
 */
#include "postgres.h"

#include "policy/policy_value.h"
#include "policy/requirement_value.h"

static char *
check(Jsonb *value)
{
	static const char *const keys[] = {"author", "executor", NULL};

	return hm_requirement_check_flags(value, keys);
}

static char *
describe(Jsonb *value)
{
	bool		author = hm_value_flag(value, "author", false);
	bool		executor = hm_value_flag(value, "executor", false);

	if (author && executor)
		return pstrdup("author and executor may approve");
	if (author)
		return pstrdup("the author may approve, the executor not");
	if (executor)
		return pstrdup("the executor may approve, the author not");
	return pstrdup("neither author nor executor may approve");
}

const HmRequirement hm_requirement_separation = {
	.name = "separation",
	.example = "{\"author\": false, \"executor\": true}",
	.check = check,
	.describe = describe,
};
