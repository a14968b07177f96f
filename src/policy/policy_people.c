/*
 * src/policy/policy_people.c
 *	  What the policy says about acts that need two people.
 */
#include "postgres.h"

#include "audit/confirm.h"
#include "audit/person.h"
#include "policy/policy.h"
#include "policy/policy_people.h"

static bool
need_two(void)
{
	return hm_policy_binds() &&
		hm_policy_flag(hm_policy_load(), "two_persons", NULL, HM_LOW, false);
}

static void
refuse(int64 act_id, const char *act, const HmPerson *person, const char *why,
	   const char *hint)
{
	hm_act_refused(act_id, act, why);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("user \"%s\" cannot be one of two people", person->login),
			 errdetail("%s", why),
			 errhint("%s", hint)));
}

static void
require_person(int64 act_id, const char *act)
{
	HmPerson   *person = hm_person_acting(hm_persons_load());
	HmPolicy   *policy;

	if (person->shared)
		refuse(act_id, act, person, "The login is shared, and so nobody's.",
			   "Log in as yourself.");
	if (!hm_policy_binds())
		return;
	policy = hm_policy_load();
	if (!person->registered &&
		hm_policy_flag(policy, "identity", "registered", HM_LOW, false))
		refuse(act_id, act, person,
			   "The policy asks for registered persons, and the login is registered as nobody's.",
			   psprintf("A superuser can say whose it is: SELECT migrate_person('name', '{%s}', 'reason');",
						person->login));
	if (person->authn_id == NULL &&
		hm_policy_flag(policy, "identity", "authn_id", HM_LOW, false))
		refuse(act_id, act, person,
			   "The policy asks for a proven identity, and the session has none.",
			   "Connect by a method that proves who you are, such as cert or gss.");
}

void
hm_policy_people_init(void)
{
	static const HmActRules rules = {need_two, require_person};

	hm_act_set_rules(&rules);
}
