/*
 * src/policy/requirement_windows.c
 *	  Requirement "windows": when a migration may run.
 */
#include "postgres.h"

#include "base/errors.h"
#include "policy/freeze.h"
#include "policy/policy.h"
#include "policy/submission.h"
#include "policy/window_parts.h"
#include "utils/datetime.h"

static char *
check(Jsonb *value)
{
	return hm_windows_parse(value)->fault;
}

static char *
describe_days(int days)
{
	static const char *const names[] = {
		"sun", "mon", "tue", "wed", "thu", "fri", "sat"
	};
	StringInfoData text;

	initStringInfo(&text);
	if (days == 0x7f)
		appendStringInfoString(&text, "daily");
	else if (days == 0x3e)
		appendStringInfoString(&text, "mon-fri");
	else
		for (int i = 1; i <= 7; i++)
			if (days & (1 << (i % 7)))
				appendStringInfo(&text, "%s%s", text.len > 0 ? "," : "",
								 names[i % 7]);
	return text.data;
}

static char *
describe_time(int seconds)
{
	int			minutes = seconds / SECS_PER_MINUTE;

	if (seconds % SECS_PER_MINUTE != 0)
		return psprintf("%02d:%02d:%02d", minutes / 60, minutes % 60,
						(int) (seconds % SECS_PER_MINUTE));
	return psprintf("%02d:%02d", minutes / 60, minutes % 60);
}

static char *
describe_window(const HmWindow *window)
{
	if (!window->recurs)
		return psprintf("%s to %s", hm_window_moment(window->span.begins),
						hm_window_moment(window->span.ends));
	return psprintf("%s %s-%s %s", describe_days(window->days),
					describe_time(window->from), describe_time(window->until),
					pg_get_timezone_name(window->zone));
}

static char *
describe(Jsonb *value)
{
	HmWindows  *windows = hm_windows_parse(value);
	StringInfoData text;
	ListCell   *cell;

	if (windows->always)
		return pstrdup("at any time");
	initStringInfo(&text);
	foreach(cell, windows->list)
		appendStringInfo(&text, "%s%s", text.len > 0 ? "; " : "",
						 describe_window(lfirst(cell)));
	if (text.len == 0)
		return pstrdup("never, until a window is added");
	return text.data;
}

/* When all else that is missing could be there. */
static TimestampTz
find_earliest(const HmPolicyCase *c, List *gaps)
{
	TimestampTz earliest = c->now;
	ListCell   *cell;

	foreach(cell, gaps)
		earliest = Max(earliest, ((HmPolicyGap *) lfirst(cell))->opens_at);
	return c->submission ? Max(earliest, c->submission->planned_for) : earliest;
}

/* The first moment from then on at which windows and freezes let it run. */
static bool
find_opening(const HmPolicyCase *c, Jsonb *value, TimestampTz since,
			 TimestampTz *opening)
{
	List	   *freezes = c->policy->freezes;
	HmWindowSpan span;

	*opening = since;
	if (hm_window_usable(value, freezes, since, &span))
		return true;
	if (!hm_window_next(value, freezes, since, &span))
		return false;
	*opening = span.begins;
	return true;
}

static char *
describe_none(Jsonb *value, TimestampTz since)
{
	HmWindowSpan span;

	if (hm_window_next(value, NIL, since, &span))
		return psprintf("; freezes leave none of them in the next %d days: end one with migrate_freeze_end()",
						HM_WINDOW_HORIZON_DAYS);
	return psprintf(", and none opens in the next %d days; add one with migrate_set_policy()",
					HM_WINDOW_HORIZON_DAYS);
}

/*
 * What is told is when it can run: a window that opens, and is over before a
 * notice or a freeze is, is of no use.
 */
static List *
judge(const HmPolicyCase *c, Jsonb *value, List *gaps)
{
	TimestampTz earliest = find_earliest(c, gaps);
	bool		open = hm_window_open(value, c->now, NULL);
	const char *where = open ? "its window is over by then" :
	"is outside its windows";
	TimestampTz opening;
	bool		opens;
	HmPolicyGap *gap;

	if (open && earliest == c->now)
		return gaps;
	opens = find_opening(c, value, earliest, &opening);
	if (open && opens && opening == earliest)
		return gaps;
	gap = hm_gap_create(hm_requirement_windows.name, HM_ERRCODE_NOT_NOW, NULL);
	gap->opens_at = opens ? opening : 0;
	if (!opens)
		gap->what = psprintf("%s%s", where, describe_none(value, earliest));
	else if (earliest == c->now)
		gap->what = psprintf("%s; the next opens at %s", where,
							 hm_window_moment(opening));
	else
		gap->what = psprintf("%s; it can run at %s at the earliest", where,
							 hm_window_moment(opening));
	return lappend(gaps, gap);
}

const HmRequirement hm_requirement_windows = {
	.name = "windows",
	.example = HM_WINDOW_EXAMPLE,
	.check = check,
	.describe = describe,
	.judge = judge
};
