/*
 * src/policy/requirement_identity.c
 *	  identity: what the logins of approvers must be.
 */
#include "postgres.h"

#include "policy/policy_value.h"
#include "policy/requirement_value.h"

static char *
check(Jsonb *value)
{
	static const char *const keys[] = {"registered", "authn_id", NULL};

	return hm_requirement_check_flags(value, keys);
}

static char *
describe(Jsonb *value)
{
	bool		registered = hm_value_flag(value, "registered", false);
	bool		authn_id = hm_value_flag(value, "authn_id", false);

	if (registered && authn_id)
		return pstrdup("approvers are registered persons with a proven identity");
	if (registered)
		return pstrdup("approvers are registered persons");
	if (authn_id)
		return pstrdup("approvers have proven an identity");
	return pstrdup("any login that is not shared may approve");
}

const HmRequirement hm_requirement_identity = {
	.name = "identity",
	.everywhere = true,
	.example = "{\"registered\": true, \"authn_id\": false}",
	.check = check,
	.describe = describe,
};
