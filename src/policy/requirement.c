/*
 * src/policy/requirement.c
 *	  What a policy can ask: the table.
 */
#include "postgres.h"

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

void
hm_requirement_refuse(const HmRequirement *requirement, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value of requirement \"%s\"", requirement->name),
			 errdetail_internal("%s", detail),
			 errhint("A value of it looks like this: %s",
					 requirement->example)));
}

void
hm_requirement_check_keys(const HmRequirement *requirement,
						  JsonbContainer *object, const char *const *keys)
{
	char	   *stranger;

	if (object == NULL)
		hm_requirement_refuse(requirement, "It is a JSON object.");
	stranger = hm_value_stranger(object, keys);
	if (stranger)
		hm_requirement_refuse(requirement,
							  psprintf("Key \"%s\" is not known.", stranger));
}

void
hm_requirement_check_flags(const HmRequirement *requirement, Jsonb *value,
						   const char *const *keys)
{
	JsonbContainer *object = hm_value_object(value);
	bool		ignored;

	hm_requirement_check_keys(requirement, object, keys);
	for (int i = 0; keys[i]; i++)
	{
		if (!hm_value_bool(hm_value_member(object, keys[i]), &ignored))
			hm_requirement_refuse(requirement,
								  psprintf("Key \"%s\" must be true or false.",
										   keys[i]));
	}
}
