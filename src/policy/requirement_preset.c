/*
 * src/policy/requirement_preset.c
 *	  preset: which one the policy began with.  It asks nothing.
 */
#include "postgres.h"

#include "policy/policy_value.h"
#include "policy/requirement.h"

/*
 * What migrate_use_policy() sets, and migrate_set_policy() does not.  Another
 * version may have other presets.
 */
static char *
check(Jsonb *value)
{
	return hm_value_read_text(value) ? NULL :
		pstrdup("It is the name of a preset.");
}

static char *
describe(Jsonb *value)
{
	return psprintf("began as preset %s", hm_value_read_text(value));
}

const HmRequirement hm_requirement_preset = {
	.name = "preset",
	.everywhere = true,
	.example = "\"hipaa\"",
	.check = check,
	.describe = describe,
};
