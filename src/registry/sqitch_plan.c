/*
 * src/registry/sqitch_plan.c
 *	  sqitch.plan: the changes of a project, in order.
 *
 *		%project=clinic
 *
 *		appschema 2025-01-03T10:00:00Z Ann <ann@example.org> # the schema
 *		users [appschema !legacy] 2025-01-03T11:00:00Z Ann <ann@example.org>
 *		@v1.0 2025-01-04T09:00:00Z Ann <ann@example.org> # first release
 */
#include "postgres.h"

#include "registry/sqitch_plan.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define SHAPE "dddd-dd-ddTdd:dd:ddZ"

static void
refuse(const HmLine *line, const char *problem)
{
	hm_format_refuse(line->file->path, line->number, "%s", problem);
}

static bool
has_shape(const char *string, const char *shape)
{
	for (; *shape; string++, shape++)
	{
		if (*shape == 'd' ? *string < '0' || *string > '9' : *string != *shape)
			return false;
	}
	return *string == '\0';
}

static Timestamp
parse_time(const HmLine *line, const char *word)
{
	struct pg_tm tm = {0};
	struct pg_tm back;
	fsec_t		fraction;
	Timestamp	result;

	if (!has_shape(word, SHAPE))
		refuse(line, "expected when it was planned, like 2025-01-03T10:00:00Z");
	tm.tm_year = atoi(word);
	tm.tm_mon = atoi(word + 5);
	tm.tm_mday = atoi(word + 8);
	tm.tm_hour = atoi(word + 11);
	tm.tm_min = atoi(word + 14);
	tm.tm_sec = atoi(word + 17);
	if (tm2timestamp(&tm, 0, NULL, &result) != 0 ||
		timestamp2tm(result, NULL, &back, &fraction, NULL, NULL) != 0 ||
		back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday ||
		back.tm_hour != tm.tm_hour || back.tm_min != tm.tm_min ||
		back.tm_sec != tm.tm_sec)
		refuse(line, "there is no such time");
	return result;
}

static char *
time_digits(Timestamp time)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (timestamp2tm(time, NULL, &tm, &fraction, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");
	return psprintf("%04d%02d%02d%02d%02d%02d", tm.tm_year, tm.tm_mon,
					tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Takes "[a !b]" off the front of the line. */
static char *
read_dependencies(HmPlanChange *change, const HmLine *line, char *rest)
{
	char	   *end = strchr(rest, ']');
	ListCell   *cell;

	if (end == NULL)
		refuse(line, "the list of dependencies does not end");
	*end = '\0';
	foreach(cell, hm_text_split(rest + 1, " \t"))
	{
		char	   *reference = lfirst(cell);

		if (*reference == '!')
			change->conflicts = lappend(change->conflicts, reference + 1);
		else
			change->requires = lappend(change->requires, reference);
	}
	return end + 1;
}

static char *
take_word(char **rest)
{
	char	   *word = *rest + strspn(*rest, " \t");
	char	   *end = word + strcspn(word, " \t");

	*rest = end + strspn(end, " \t");
	return pnstrdup(word, end - word);
}

/* Takes "# note" off the end of the line. */
static char *
take_note(char *rest)
{
	char	   *hash = strchr(rest, '#');

	if (hash == NULL)
		return NULL;
	*hash = '\0';
	return hm_text_trim(hash + 1, strlen(hash + 1));
}

static HmPlanChange *
parse_change(const HmLine *line, char *rest, Timestamp *time)
{
	HmPlanChange *change = palloc0(sizeof(HmPlanChange));
	Timestamp	planned;

	change->line = line->number;
	change->note = take_note(rest);
	if (*rest == '-')
		refuse(line, "a change that is to be reverted has no place in the registry");
	if (*rest == '+')
		rest++;
	change->name = take_word(&rest);
	if (*rest == '[')
		rest = read_dependencies(change, line, rest);
	planned = parse_time(line, take_word(&rest));
	*time = planned > *time ? planned : *time + USECS_PER_SEC;
	change->digits = time_digits(*time);
	return change;
}

static void
parse_tag(HmSqitchPlan *plan, const HmLine *line, char *rest)
{
	HmPlanChange *change;

	if (plan->changes == NIL)
		refuse(line, "a tag must follow a change");
	(void) take_note(rest);
	change = llast(plan->changes);
	change->tags = lappend(change->tags, take_word(&rest));
}

/* "%project=name", perhaps with spaces; other pragmas have no effect. */
static void
parse_pragma(HmSqitchPlan *plan, char *rest)
{
	char	   *equals = strchr(rest, '=');

	if (equals == NULL ||
		strcmp(hm_text_trim(rest + 1, equals - rest - 1), "project") != 0)
		return;
	plan->project = hm_text_trim(equals + 1, strlen(equals + 1));
}

HmSqitchPlan *
hm_plan_parse(const HmSourceFile *file)
{
	HmSqitchPlan *plan = palloc0(sizeof(HmSqitchPlan));
	Timestamp	time = DT_NOBEGIN;
	HmLine		line;

	plan->path = file->path;
	plan->project = "";
	hm_line_begin(&line, file);
	while (hm_line_next(&line))
	{
		char	   *rest = hm_text_trim(line.text, line.length);

		if (*rest == '\0' || *rest == '#')
			continue;
		else if (*rest == '%')
			parse_pragma(plan, rest);
		else if (*rest == '@')
			parse_tag(plan, &line, rest);
		else
			plan->changes = lappend(plan->changes,
									parse_change(&line, rest, &time));
	}
	return plan;
}

static int
find_tag(const HmSqitchPlan *plan, const char *tag)
{
	for (int i = 0; i < list_length(plan->changes); i++)
	{
		const HmPlanChange *change = list_nth(plan->changes, i);
		ListCell   *cell;

		foreach(cell, change->tags)
		{
			if (strcmp(lfirst(cell), tag) == 0)
				return i;
		}
	}
	return -1;
}

int
hm_plan_find(const HmSqitchPlan *plan, const char *reference, int before)
{
	const char *at = strchr(reference, '@');
	char	   *name = at ? pnstrdup(reference, at - reference) :
	pstrdup(reference);
	int			last = at ? find_tag(plan, at) : before - 1;

	if (last >= before)
		return -1;
	if (*name == '\0')
		return last;
	for (; last >= 0; last--)
	{
		const HmPlanChange *change = list_nth(plan->changes, last);

		if (strcmp(change->name, name) == 0)
			return last;
	}
	return -1;
}

int
hm_plan_find_rework(const HmSqitchPlan *plan, int index)
{
	const HmPlanChange *change = list_nth(plan->changes, index);

	for (int i = index + 1; i < list_length(plan->changes); i++)
	{
		const HmPlanChange *later = list_nth(plan->changes, i);

		if (strcmp(later->name, change->name) == 0)
			return i;
	}
	return -1;
}
