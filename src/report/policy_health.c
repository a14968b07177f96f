/*
 * src/report/policy_health.c
 *	  What migrate_health() says of the policy and of freezes.
 */
#include "postgres.h"

#include "policy/freeze.h"
#include "policy/policy_check.h"
#include "policy/window.h"
#include "report/policy_health.h"
#include "report/status_row.h"

#define LOOK "SELECT * FROM migrate_policy_check() WHERE status <> 'ok'"

static int
count_status(List *findings, HmPolicyStatus status)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, findings)
		count += ((HmPolicyFinding *) lfirst(cell))->status == status;
	return count;
}

static void
put_in_force(ReturnSetInfo *result, const HmPolicy *policy)
{
	List	   *findings = hm_policy_check(policy);
	int			critical = count_status(findings, HM_POLICY_CRITICAL);
	int			warnings = count_status(findings, HM_POLICY_WARNING);

	if (critical > 0)
		hm_status_row_put(result, "policy", HM_STATUS_CRITICAL, "in force",
						  psprintf("nobody can meet what it asks for: %d critical",
								   critical), LOOK);
	else
		hm_status_row_put(result, "policy", HM_STATUS_OK, "in force",
						  warnings == 0 ? NULL :
						  psprintf("%d to consider: see migrate_policy_check()",
								   warnings), NULL);
}

static void
put_policy(ReturnSetInfo *result, const HmPolicy *policy)
{
	if (policy->rows == NIL)
		hm_status_row_put(result, "policy", HM_STATUS_OK, "none",
						  "nothing is asked of a migration", NULL);
	else if (!hm_policy_binds())
		hm_status_row_put(result, "policy", HM_STATUS_WARNING, "observing",
						  "the guard is not armed, so that what is not approved runs",
						  "SELECT * FROM migrate_guard('enforce', 'reason', ARRAY['schema'])");
	else
		put_in_force(result, policy);
}

static void
put_freezes(ReturnSetInfo *result, const HmPolicy *policy, TimestampTz now)
{
	HmFreeze   *freeze = hm_freeze_at(policy->freezes, now);
	char	   *message = NULL;

	if (freeze)
		message = TIMESTAMP_IS_NOEND(freeze->until) ?
			psprintf("nothing runs until freeze %lld is ended",
					 (long long) freeze->freeze_id) :
			psprintf("nothing runs until %s",
					 hm_window_moment(freeze->until));
	hm_status_row_put(result, "freezes", HM_STATUS_OK,
					  psprintf("%d", list_length(policy->freezes)), message,
					  NULL);
}

void
hm_policy_health_put(ReturnSetInfo *result, TimestampTz now)
{
	HmPolicy   *policy = hm_policy_load();

	put_policy(result, policy);
	put_freezes(result, policy, now);
}
