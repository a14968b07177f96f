/*
 * src/policy/requirement.c
 *	  What a policy can ask: the table.
 */
#include "postgres.h"

#include "base/errors.h"
#include "policy/policy_value.h"
#include "policy/requirement_value.h"

static const HmRequirement *const requirements[] = {
	&hm_requirement_preset,
	&hm_requirement_approvers,
	&hm_requirement_separation,
	&hm_requirement_validity,
	&hm_requirement_stages,
	&hm_requirement_assessment,
	&hm_requirement_windows,
	&hm_requirement_relay,
	&hm_requirement_identity,
	&hm_requirement_two_persons,
	&hm_requirement_break_glass,
};

const HmRequirement *
hm_requirement_find(const char *name)
{
	for (int i = 0; i < lengthof(requirements); i++)
	{
		if (strcmp(requirements[i]->name, name) == 0)
			return requirements[i];
	}
	return NULL;
}

const HmRequirement *const *
hm_requirements(int *count)
{
	*count = lengthof(requirements);
	return requirements;
}

HmPolicyGap *
hm_gap_create(const char *requirement, int errcode, char *what)
{
	HmPolicyGap *gap = palloc0(sizeof(HmPolicyGap));

	gap->requirement = requirement;
	gap->what = what;
	gap->errcode = errcode;
	return gap;
}

HmPolicyGap *
hm_gap_unsubmitted(const char *requirement)
{
	HmPolicyGap *gap = hm_gap_create(requirement, HM_ERRCODE_NOT_APPROVED,
									 pstrdup("is not submitted"));

	gap->submit = true;
	return gap;
}

void
hm_requirement_require(const HmRequirement *requirement, Jsonb *value)
{
	char	   *fault = requirement->check(value);

	if (fault)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value of requirement \"%s\"",
						requirement->name),
				 errdetail_internal("%s", fault),
				 errhint("A value of it looks like this: %s",
						 requirement->example)));
}

char *
hm_requirement_check_flag(Jsonb *value)
{
	bool		ignored;

	return hm_value_read_bool(value, &ignored) ? NULL :
		pstrdup("It is true or false.");
}

char *
hm_requirement_check_keys(JsonbContainer *object, const char *const *keys)
{
	char	   *stranger;

	if (object == NULL)
		return pstrdup("It is a JSON object.");
	stranger = hm_value_stranger(object, keys);
	return stranger ? psprintf("Key \"%s\" is not known.", stranger) : NULL;
}

char *
hm_requirement_check_flags(Jsonb *value, const char *const *keys)
{
	JsonbContainer *object = hm_value_object(value);
	char	   *fault = hm_requirement_check_keys(object, keys);
	bool		ignored;

	for (int i = 0; keys[i] && fault == NULL; i++)
	{
		if (!hm_value_bool(hm_value_member(object, keys[i]), &ignored))
			fault = psprintf("Key \"%s\" must be true or false.", keys[i]);
	}
	return fault;
}
