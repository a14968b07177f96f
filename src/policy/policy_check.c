/*
 * src/policy/policy_check.c
 *	  Whether a policy can be met: by the people, roles and windows there are.
 *
 * A row of the policy is looked at by itself, by the function that stands in
 * the table of its requirement.
 */
#include "postgres.h"

#include "base/compat.h"
#include "policy/approvers_judge.h"
#include "policy/break_glass_policy.h"
#include "policy/freeze.h"
#include "policy/policy_check_parts.h"
#include "policy/policy_people.h"
#include "policy/policy_value.h"
#include "policy/requirement_value.h"
#include "policy/roster.h"
#include "policy/window.h"
#include "utils/acl.h"
#include "utils/builtins.h"

void
hm_check_add(HmPolicyCheck *check, HmPolicyStatus status, char *message,
			 char *remedy)
{
	HmPolicyFinding *finding = palloc0(sizeof(HmPolicyFinding));

	finding->everywhere = check->row->everywhere;
	finding->risk = check->row->risk;
	finding->status = status;
	finding->item = check->row->name;
	finding->message = message;
	finding->remedy = remedy;
	check->findings = lappend(check->findings, finding);
}

/*
 * Roles.
 */

static void
report_unknown(HmPolicyCheck *check, List *roles)
{
	ListCell   *cell;

	foreach(cell, roles)
	{
		if (strcmp(lfirst(cell), HM_ANY_APPROVER) != 0 &&
			!OidIsValid(get_role_oid(lfirst(cell), true)))
			hm_check_add(check, HM_POLICY_WARNING,
						 psprintf("role \"%s\" does not exist",
								  (char *) lfirst(cell)),
						 hm_staff_create_role(lfirst(cell)));
	}
}

void
hm_check_roles(HmPolicyCheck *check, const char *as, List *roles, bool filled)
{
	char	   *why;
	char	   *remedy;

	if (filled)
	{
		report_unknown(check, roles);
		return;
	}
	why = hm_staff_why_nobody(check->staff, roles, &remedy);
	hm_check_add(check, HM_POLICY_CRITICAL,
				 hm_roles_any(roles) ? psprintf("%s: %s", as, why) :
				 psprintf("%s as %s: %s", as, hm_roles_phrase(roles), why),
				 remedy);
}

/* One signature, of whoever it is. */
static void
check_signature(HmPolicyCheck *check, char *as, List *roles)
{
	const HmPerson *first = NULL;
	int			count = hm_staff_count(check->staff, roles, &first);

	hm_check_roles(check, psprintf("nobody can sign %s", as), roles,
				   count > 0);
	if (count == 1)
		hm_check_add(check, HM_POLICY_WARNING,
					 psprintf("no deputy: nobody but %s can sign %s",
							  first->name, as),
					 hm_staff_add_member(roles));
}

/*
 * Of each risk.
 */

static void
check_stages(HmPolicyCheck *check)
{
	ListCell   *cell;

	foreach(cell, hm_stages_read(check->row->value))
	{
		HmStage    *stage = lfirst(cell);

		if (stage->roles)
			check_signature(check, psprintf("stage \"%s\"", stage->name),
							stage->roles);
	}
}

static void
check_assessment(HmPolicyCheck *check)
{
	JsonbContainer *object = hm_value_object(check->row->value);
	List	   *roles = hm_value_texts(hm_value_member(object, "roles"));

	if (roles)
		check_signature(check, "what touches health information", roles);
}

/* A signature has to last from its day to that of the run. */
static void
check_validity(HmPolicyCheck *check)
{
	TimestampTz ends = hm_validity_ends(check->row->value, check->now);
	Jsonb	   *stages = hm_policy_value(check->policy, "stages",
										 check->row->risk);
	ListCell   *cell;

	foreach(cell, hm_stages_read(stages))
	{
		HmStage    *stage = lfirst(cell);

		if (ends > hm_value_after(check->now, &stage->notice))
			continue;
		hm_check_add(check, stage->roles ?
					 HM_POLICY_CRITICAL : HM_POLICY_WARNING,
					 stage->roles ?
					 psprintf("the signature of stage \"%s\" ends before what it is for can run, %s later",
							  stage->name, stage->notice_text) :
					 psprintf("what is approved on the day of its submission cannot run, %s later",
							  stage->notice_text),
					 psprintf("SELECT migrate_set_policy('%s', 'validity', '\"14 days\"', 'reason')",
							  hm_severity_name(check->row->risk)));
	}
}

static char *
end_freeze(const HmPolicy *policy)
{
	HmFreeze   *freeze = linitial(policy->freezes);

	return psprintf("SELECT migrate_freeze_end(%lld, 'reason')",
					(long long) freeze->freeze_id);
}

static void
check_windows(HmPolicyCheck *check)
{
	Jsonb	   *windows = check->row->value;
	List	   *freezes = check->policy->freezes;
	HmWindowSpan span;

	if (hm_window_usable(windows, freezes, check->now, &span) ||
		hm_window_next(windows, freezes, check->now, &span))
		return;
	if (hm_window_open(windows, check->now, &span) ||
		hm_window_next(windows, NIL, check->now, &span))
		hm_check_add(check, HM_POLICY_WARNING,
					 pstrdup("no window opens in the next 400 days that is not frozen"),
					 end_freeze(check->policy));
	else
		hm_check_add(check, HM_POLICY_WARNING,
					 pstrdup("no window opens in the next 400 days"),
					 psprintf("SELECT migrate_set_policy('%s', 'windows', %s, 'reason')",
							  hm_severity_name(check->row->risk),
							  quote_literal_cstr(hm_requirement_windows.example)));
}

static void
check_relay(HmPolicyCheck *check)
{
	if (check->row->risk >= HM_HIGH &&
		hm_value_flag(check->row->value, NULL, false))
		hm_check_add(check, HM_POLICY_WARNING,
					 pstrdup("approvals that were given elsewhere are enough"),
					 psprintf("SELECT migrate_set_policy('%s', 'relay', 'false', 'reason')",
							  hm_severity_name(check->row->risk)));
}

/*
 * Of all together.
 */

static void
check_identity(HmPolicyCheck *check)
{
	if (hm_value_flag(check->row->value, "authn_id", false) &&
		hm_compat_authn_id() == NULL)
		hm_check_add(check, HM_POLICY_WARNING,
					 pstrdup("this session has proven no identity, so that others like it cannot approve"),
					 pstrdup("see that pg_hba.conf asks for cert, gss, ldap, peer or scram-sha-256"));
}

static void
check_two_persons(HmPolicyCheck *check)
{
	if (hm_policy_people_suffice(check->policy))
		return;
	hm_check_add(check, HM_POLICY_CRITICAL,
				 pstrdup("there are no two people who could change the policy: a superuser who asks, and another, or an approver, who confirms"),
				 pstrdup("SELECT migrate_person('name', ARRAY['login'], 'reason')"));
}

/* Whether somebody can open it, and how many hold the capability at all. */
static bool
has_breaker(const HmPolicyCheck *check, List *roles, int *holders)
{
	ListCell   *cell;

	*holders = 0;
	foreach(cell, check->staff->logins)
	{
		HmStaffLogin *login = lfirst(cell);

		if (!hm_capability_held_by(HM_BREAKER, login->oid))
			continue;
		(*holders)++;
		if (roles == NIL ||
			hm_roster_member_of_any(check->staff->roster, login->oid, roles))
			return true;
	}
	return false;
}

static void
check_break_glass(HmPolicyCheck *check)
{
	HmBreakGlassPolicy policy;
	int			holders;

	(void) hm_break_glass_policy_read(check->row->value, &policy);
	report_unknown(check, policy.roles);
	if (has_breaker(check, policy.roles, &holders))
		return;
	hm_check_add(check, HM_POLICY_WARNING,
				 holders == 0 ?
				 pstrdup("nobody holds capability breaker: nobody can open the guard in an emergency") :
				 psprintf("nobody who holds capability breaker is %s: nobody can open the guard in an emergency",
						  hm_roles_phrase(policy.roles)),
				 holders == 0 ?
				 pstrdup("SELECT migrate_grant('breaker', 'role')") :
				 hm_staff_grant_role(linitial(policy.roles)));
}

/*
 * All.
 */

typedef struct RowCheck
{
	const HmRequirement *requirement;
	void		(*check) (HmPolicyCheck *check);
} RowCheck;

static const RowCheck row_checks[] = {
	{&hm_requirement_approvers, hm_check_approvers},
	{&hm_requirement_validity, check_validity},
	{&hm_requirement_stages, check_stages},
	{&hm_requirement_assessment, check_assessment},
	{&hm_requirement_windows, check_windows},
	{&hm_requirement_relay, check_relay},
	{&hm_requirement_identity, check_identity},
	{&hm_requirement_two_persons, check_two_persons},
	{&hm_requirement_break_glass, check_break_glass},
};

static void
check_row(HmPolicyCheck *check, const RowCheck *row_check)
{
	int			before = list_length(check->findings);

	row_check->check(check);
	if (list_length(check->findings) == before)
		hm_check_add(check, HM_POLICY_OK,
					 row_check->requirement->describe(check->row->value),
					 NULL);
}

/* What can be set there is set anew, the rest taken away. */
static void
report_fault(HmPolicyCheck *check)
{
	const HmPolicyRow *row = check->row;
	bool		belongs = row->requirement &&
	row->requirement->everywhere == row->everywhere &&
	row->requirement != &hm_requirement_preset;

	hm_check_add(check, HM_POLICY_CRITICAL, hm_policy_describe(row),
				 psprintf("SELECT migrate_set_policy('%s', %s, %s, 'reason')",
						  row->everywhere ? "ALL" :
						  hm_severity_name(row->risk),
						  quote_literal_cstr(row->name), belongs ?
						  quote_literal_cstr(row->requirement->example) :
						  "NULL"));
}

/* requirement NULL: those with a fault, whatever requirement they are of. */
static List *
find_rows(const HmPolicy *policy, bool everywhere, HmSeverity risk,
		  const HmRequirement *requirement)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, policy->rows)
	{
		HmPolicyRow *row = lfirst(cell);

		if (row->everywhere == everywhere &&
			(everywhere || row->risk == risk) &&
			(requirement ? !row->fault && row->requirement == requirement :
			 row->fault != NULL))
			found = lappend(found, row);
	}
	return found;
}

static void
check_risk(HmPolicyCheck *check, bool everywhere, HmSeverity risk)
{
	ListCell   *cell;

	foreach(cell, find_rows(check->policy, everywhere, risk, NULL))
	{
		check->row = lfirst(cell);
		report_fault(check);
	}
	for (int i = 0; i < lengthof(row_checks); i++)
	{
		foreach(cell, find_rows(check->policy, everywhere, risk,
								row_checks[i].requirement))
		{
			check->row = lfirst(cell);
			check_row(check, &row_checks[i]);
		}
	}
}

static void
report_none(HmPolicyCheck *check)
{
	static const HmPolicyRow none = {.everywhere = true,.name = "policy"};

	check->row = &none;
	hm_check_add(check, HM_POLICY_OK,
				 pstrdup("there is no policy: nothing is asked of a migration"),
				 pstrdup("SELECT migrate_use_policy('hipaa', 'reason')"));
}

List *
hm_policy_check(const HmPolicy *policy)
{
	HmPolicyCheck check = {.policy = policy,.now = GetCurrentTimestamp()};

	if (policy->rows == NIL)
	{
		report_none(&check);
		return check.findings;
	}
	check.staff = hm_staff_load(policy);
	check_risk(&check, true, HM_LOW);
	for (int risk = HM_LOW; risk <= HM_CRITICAL; risk++)
		check_risk(&check, false, (HmSeverity) risk);
	return check.findings;
}

void
hm_policy_check_warn(void)
{
	int			critical = 0;
	ListCell   *cell;

	foreach(cell, hm_policy_check(hm_policy_load()))
	{
		if (((HmPolicyFinding *) lfirst(cell))->status == HM_POLICY_CRITICAL)
			critical++;
	}
	if (critical > 0)
		ereport(WARNING,
				(errmsg_plural("the policy is in force with %d condition that nobody can meet",
							   "the policy is in force with %d conditions that nobody can meet",
							   critical, critical),
				 errhint("To see which, and what mends them: SELECT * FROM migrate_policy_check() WHERE status = 'critical';")));
}
