/*
 * src/policy/break_glass_policy.c
 *	  What the policy says of break-glass: requirement break_glass.
 */
#include "postgres.h"

#include "base/interval.h"
#include "policy/break_glass_policy.h"
#include "policy/policy.h"

static void
set_defaults(HmBreakGlassPolicy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->longest = HM_BREAK_GLASS_MAX_HOURS * USECS_PER_HOUR;
	for (int i = 0; i < HM_BREAK_GLASS_SEVERITIES; i++)
		policy->review[i] = HM_BREAK_GLASS_REVIEW_HOURS * USECS_PER_HOUR;
}

static char *
text_of(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* A day has 24 hours, and a month cannot be told in them. */
static bool
read_duration(const JsonbValue *value, int64 most, int64 *duration)
{
	Interval	interval;

	if (value->type != jbvString ||
		!hm_interval_parse(text_of(value), &interval) || interval.month != 0)
		return false;
	*duration = interval.day * USECS_PER_DAY + interval.time;
	return *duration > 0 && *duration <= most;
}

static bool
read_roles(const JsonbValue *value, HmBreakGlassPolicy *policy)
{
	JsonbContainer *array = value->val.binary.data;

	if (value->type != jbvBinary || !JsonContainerIsArray(array))
		return false;
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *role = getIthJsonbValueFromContainer(array, i);

		if (role->type != jbvString || role->val.string.len == 0)
			return false;
		policy->roles = lappend(policy->roles, text_of(role));
	}
	return true;
}

/* The number of a severity by its name; -1: it is none. */
static int
severity_of(const JsonbValue *key)
{
	const char *name = key->val.string.val;

	if (key->val.string.len != 2 || name[0] != 'P' || name[1] < '0' ||
		name[1] >= '0' + HM_BREAK_GLASS_SEVERITIES)
		return -1;
	return name[1] - '0';
}

static bool
read_review(const JsonbValue *value, HmBreakGlassPolicy *policy)
{
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	deadline;
	JsonbIteratorToken token;
	int			severity;

	if (value->type != jbvBinary ||
		!JsonContainerIsObject(value->val.binary.data))
		return false;
	iterator = JsonbIteratorInit(value->val.binary.data);
	(void) JsonbIteratorNext(&iterator, &key, true);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&iterator, &deadline, true);
		severity = severity_of(&key);
		if (severity < 0 ||
			!read_duration(&deadline,
						   HM_BREAK_GLASS_REVIEW_MAX_DAYS * USECS_PER_DAY,
						   &policy->review[severity]))
			return false;
	}
	Assert(token == WJB_END_OBJECT);
	return true;
}

static bool
read_ticket(const JsonbValue *value, HmBreakGlassPolicy *policy)
{
	if (value->type != jbvBool)
		return false;
	policy->ticket = value->val.boolean;
	return true;
}

/* Returns what is wrong, or NULL. */
static char *
read_member(const char *key, const JsonbValue *value,
			HmBreakGlassPolicy *policy)
{
	if (strcmp(key, "longest") == 0)
		return read_duration(value, HM_BREAK_GLASS_MAX_HOURS * USECS_PER_HOUR,
							 &policy->longest) ? NULL :
			psprintf("Member \"longest\" is an interval of more than nothing, and of at most %d hours.",
					 HM_BREAK_GLASS_MAX_HOURS);
	if (strcmp(key, "roles") == 0)
		return read_roles(value, policy) ? NULL :
			pstrdup("Member \"roles\" is an array of names of roles.");
	if (strcmp(key, "ticket") == 0)
		return read_ticket(value, policy) ? NULL :
			pstrdup("Member \"ticket\" is true or false.");
	if (strcmp(key, "review") == 0)
		return read_review(value, policy) ? NULL :
			psprintf("Member \"review\" is an object that gives severities P0 to P3 intervals of at most %d days.",
					 HM_BREAK_GLASS_REVIEW_MAX_DAYS);
	return psprintf("Member \"%s\" is not known; there are longest, roles, ticket and review.",
					key);
}

char *
hm_break_glass_policy_read(Jsonb *value, HmBreakGlassPolicy *policy)
{
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	member;
	char	   *wrong = NULL;

	set_defaults(policy);
	if (!JB_ROOT_IS_OBJECT(value))
		return pstrdup("It is an object.");
	iterator = JsonbIteratorInit(&value->root);
	(void) JsonbIteratorNext(&iterator, &key, true);
	while (wrong == NULL &&
		   JsonbIteratorNext(&iterator, &key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&iterator, &member, true);
		wrong = read_member(text_of(&key), &member, policy);
	}
	return wrong;
}

static char *
count_of(int64 count, const char *unit)
{
	return psprintf("%lld %s%s", (long long) count, unit,
					count == 1 ? "" : "s");
}

char *
hm_break_glass_duration(int64 duration)
{
	if (duration % USECS_PER_HOUR == 0)
		return count_of(duration / USECS_PER_HOUR, "hour");
	if (duration % USECS_PER_MINUTE == 0)
		return count_of(duration / USECS_PER_MINUTE, "minute");
	return psprintf("%.6g seconds", duration / (double) USECS_PER_SEC);
}

HmBreakGlassPolicy *
hm_break_glass_policy_load(void)
{
	HmBreakGlassPolicy *policy = palloc(sizeof(HmBreakGlassPolicy));
	Jsonb	   *value = hm_policy_value(hm_policy_load(), "break_glass",
										HM_LOW);
	char	   *wrong = value ? hm_break_glass_policy_read(value, policy) : NULL;

	if (value == NULL)
		set_defaults(policy);
	else if (wrong)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the policy of break-glass cannot be read"),
				 errdetail("%s", wrong),
				 errhint("Set it anew: SELECT migrate_set_policy('ALL', 'break_glass', '{...}', 'reason');")));
	return policy;
}
