/*
 * src/policy/requirement_windows.c
 *	  Requirement "windows": when a migration may run.
 */
#include "postgres.h"

#include "base/errors.h"
#include "policy/freeze.h"
#include "policy/policy.h"
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

static char *
describe_none(const HmPolicyCase *c, Jsonb *value)
{
	HmWindowSpan span;

	if (hm_window_next(value, NIL, c->now, &span))
		return psprintf("is outside its windows; freezes leave none of them in the next %d days: end one with migrate_freeze_end()",
						HM_WINDOW_HORIZON_DAYS);
	return psprintf("is outside its windows, and none opens in the next %d days; add one with migrate_set_policy()",
					HM_WINDOW_HORIZON_DAYS);
}

static List *
judge(const HmPolicyCase *c, Jsonb *value, List *gaps)
{
	HmPolicyGap *gap;
	HmWindowSpan span;

	if (hm_window_open(value, c->now, NULL))
		return gaps;
	gap = hm_gap_create(hm_requirement_windows.name, HM_ERRCODE_NOT_NOW, NULL);
	if (hm_window_next(value, c->policy->freezes, c->now, &span))
	{
		gap->opens_at = span.begins;
		gap->what = psprintf("is outside its windows; the next opens at %s",
							 hm_window_moment(span.begins));
	}
	else
		gap->what = describe_none(c, value);
	return lappend(gaps, gap);
}

const HmRequirement hm_requirement_windows = {
	.name = "windows",
	.example = HM_WINDOW_EXAMPLE,
	.check = check,
	.describe = describe,
	.judge = judge
};
