/*
 * src/policy/requirement_preset.c
 *	  preset: which one the policy began with.  It asks nothing.
 */
#include "postgres.h"

#include "policy/policy_preset.h"
#include "policy/policy_value.h"
#include "policy/requirement.h"

/* What migrate_use_policy() sets, and migrate_set_policy() does not. */
static void
check(Jsonb *value)
{
	char	   *name = hm_value_read_text(value);

	if (name == NULL || hm_preset_find(name) == NULL)
		hm_requirement_refuse(&hm_requirement_preset,
							  "It is the name of a preset.");
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
