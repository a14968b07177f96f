/*
 * src/policy/policy_people.c
 *	  What the policy says about acts that need two people.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/confirm.h"
#include "audit/own_words.h"
#include "audit/person.h"
#include "miscadmin.h"
#include "policy/policy.h"
#include "policy/policy_people.h"
#include "policy/roster.h"

static bool
wants_two(const HmPolicy *policy)
{
	return hm_policy_flag(policy, "two_persons", NULL, HM_LOW, false);
}

static bool
need_two(void)
{
	return hm_policy_binds() && wants_two(hm_policy_load());
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
	if (!person->registered && hm_policy_wants_registered(policy))
		refuse(act_id, act, person,
			   "The policy asks for registered persons, and the login is registered as nobody's.",
			   "Log in as yourself, with a login that migrate_person() has given to you: SELECT * FROM hipaa_migrate.person;");
	if (person->authn_id == NULL && hm_policy_wants_proof(policy))
		refuse(act_id, act, person,
			   "The policy asks for a proven identity, and the session has none.",
			   "Connect by a method that proves who you are, such as cert or gss.");
}

/* Of HmPerson *: who could be one of two, by each login. */
static List *
find_people(bool registered, bool (*may_act) (Oid role))
{
	HmPersons  *persons = hm_persons_load();
	List	   *people = NIL;
	ListCell   *cell;

	foreach(cell, hm_roster_logins())
	{
		Oid			role = lfirst_oid(cell);
		char	   *name = GetUserNameFromId(role, true);
		HmPerson   *person;

		if (name == NULL || !may_act(role))
			continue;
		person = hm_person_of(persons, name, role, NULL);
		if (!person->shared && (person->registered || !registered))
			people = lappend(people, person);
	}
	return people;
}

static bool
may_confirm(Oid role)
{
	return superuser_arg(role) || hm_capability_held_by(HM_APPROVER, role);
}

static bool
has_another(const HmPerson *person, List *people)
{
	ListCell   *cell;

	foreach(cell, people)
	{
		if (!hm_person_same(person, lfirst(cell)))
			return true;
	}
	return false;
}

/* A superuser asks, and another superuser or an approver confirms. */
bool
hm_policy_people_suffice(const HmPolicy *policy)
{
	bool		registered = hm_policy_wants_registered(policy);
	List	   *confirmers;
	ListCell   *cell;

	if (!wants_two(policy))
		return true;
	confirmers = find_people(registered, may_confirm);
	foreach(cell, find_people(registered, superuser_arg))
	{
		if (has_another(lfirst(cell), confirmers))
			return true;
	}
	return false;
}

void
hm_policy_people_warn(void)
{
	const HmPolicy *policy = hm_policy_load();

	if (hm_policy_people_suffice(policy))
		return;
	ereport(WARNING,
			(errmsg("there are no two people who could change the policy, or take the guard out of enforce again"),
			 errdetail("The policy wants two: a superuser who asks, and another superuser or approver who confirms%s.",
					   hm_policy_wants_registered(policy) ?
					   ", both with logins that are registered as theirs" : ""),
			 errhint("Say who is who before the guard is armed: SELECT migrate_person('name', ARRAY['login'], 'reason'); later only hipaa_migrate.guard_override in the configuration file helps.")));
}

/* At any risk: what it has is found out later. */
static bool
keeps_authors_out(void)
{
	return hm_policy_separates_authors(hm_policy_load());
}

void
hm_policy_people_init(void)
{
	static const HmActRules rules = {need_two, require_person};

	hm_act_set_rules(&rules);
	hm_own_words_set_rule(keeps_authors_out);
}
