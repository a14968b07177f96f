/*
 * src/policy/window.c
 *	  Windows: when something may run.
 *
 * Each window is turned into spans of absolute time, in its own zone; the
 * spans are joined where they overlap or touch, and freezes are taken away
 * from them.  What is left are parts, and every question is about those.
 */
#include "postgres.h"

#include "base/moment.h"
#include "policy/freeze.h"
#include "policy/window_parts.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define HORIZON			(HM_WINDOW_HORIZON_DAYS * USECS_PER_DAY)

/*
 * A span may begin that many days before one looks at it: it lasts a day at
 * most, the date may be another in its zone, and zones have moved over the
 * date line.
 */
#define DAYS_AROUND		3

/*
 * When a clock in the zone shows that time of that day (from 2000-01-01), for
 * the first time.  Goes from one change of the clocks to the next, beginning
 * where it cannot be yet.
 */
static TimestampTz
clock_moment(const pg_tz *zone, int day, int seconds)
{
	pg_time_t	local = ((pg_time_t) day + POSTGRES_EPOCH_JDATE -
						 UNIX_EPOCH_JDATE) * SECS_PER_DAY + seconds;
	pg_time_t	start = local - 2 * SECS_PER_DAY;

	for (;;)
	{
		long int	offset = 0;
		long int	next_offset;
		int			dst;
		int			next_dst;
		pg_time_t	change;
		int			found = pg_next_dst_boundary(&start, &offset, &dst,
												 &change, &next_offset,
												 &next_dst, zone);
		pg_time_t	moment = Max(local - offset, start);

		if (found <= 0 || moment < change)
			return time_t_to_timestamptz(moment);
		start = change;
	}
}

/* Of the date there, from 2000-01-01. */
static int
day_there(const pg_tz *zone, TimestampTz moment)
{
	pg_time_t	time = timestamptz_to_time_t(moment);
	struct pg_tm *tm = pg_localtime(&time, zone);

	return date2j(tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday) -
		POSTGRES_EPOCH_JDATE;
}

/* Those that are open in some of [low, high], but for what ends at low. */
static List *
add_span(List *spans, TimestampTz begins, TimestampTz ends,
		 const HmWindowSpan *range)
{
	HmWindowSpan *span;

	if (begins >= ends || ends <= range->begins || begins > range->ends)
		return spans;
	span = palloc(sizeof(HmWindowSpan));
	span->begins = begins;
	span->ends = ends;
	return lappend(spans, span);
}

static List *
add_recurring(List *spans, const HmWindow *window, const HmWindowSpan *range)
{
	int			last = day_there(window->zone, range->ends) + DAYS_AROUND;
	int			over = window->until < window->from ? 1 : 0;

	for (int day = day_there(window->zone, range->begins) - DAYS_AROUND;
		 day <= last; day++)
	{
		if ((window->days & (1 << j2day(day + POSTGRES_EPOCH_JDATE))) == 0)
			continue;
		spans = add_span(spans,
						 clock_moment(window->zone, day, window->from),
						 clock_moment(window->zone, day + over, window->until),
						 range);
	}
	return spans;
}

static int
compare_begins(const ListCell *a, const ListCell *b)
{
	const HmWindowSpan *one = lfirst(a);
	const HmWindowSpan *other = lfirst(b);

	return one->begins < other->begins ? -1 : one->begins > other->begins;
}

/* As one, where they overlap or touch. */
static List *
join(List *spans)
{
	List	   *joined = NIL;
	HmWindowSpan *last = NULL;
	ListCell   *cell;

	list_sort(spans, compare_begins);
	foreach(cell, spans)
	{
		HmWindowSpan *span = lfirst(cell);

		if (last && span->begins <= last->ends)
		{
			last->ends = Max(last->ends, span->ends);
			continue;
		}
		joined = lappend(joined, span);
		last = span;
	}
	return joined;
}

static List *
build_spans(const HmWindows *windows, const HmWindowSpan *range)
{
	List	   *spans = NIL;
	ListCell   *cell;

	if (windows->always)
		return add_span(NIL, DT_NOBEGIN, DT_NOEND, range);
	foreach(cell, windows->list)
	{
		const HmWindow *window = lfirst(cell);

		if (window->recurs)
			spans = add_recurring(spans, window, range);
		else
			spans = add_span(spans, window->span.begins, window->span.ends,
							 range);
	}
	return join(spans);
}

/* What freezes, in the order of their beginnings, leave of the span. */
static List *
add_parts(List *parts, const HmWindowSpan *span, List *freezes)
{
	HmWindowSpan everything = {DT_NOBEGIN, DT_NOEND};
	TimestampTz begins = span->begins;
	ListCell   *cell;

	foreach(cell, freezes)
	{
		const HmFreeze *freeze = lfirst(cell);

		if (freeze->until <= begins || freeze->since >= span->ends)
			continue;
		parts = add_span(parts, begins, freeze->since, &everything);
		begins = freeze->until;
	}
	return add_span(parts, begins, span->ends, &everything);
}

static List *
build_parts(const HmWindows *windows, List *freezes, const HmWindowSpan *range)
{
	List	   *parts = NIL;
	ListCell   *cell;

	foreach(cell, build_spans(windows, range))
		parts = add_parts(parts, lfirst(cell), freezes);
	return parts;
}

static bool
contains(const HmWindowSpan *span, TimestampTz moment)
{
	return span->begins <= moment && moment < span->ends;
}

static bool
find_part(const HmWindows *windows, List *freezes, const HmWindowSpan *range,
		  TimestampTz moment, HmWindowSpan *part)
{
	ListCell   *cell;

	foreach(cell, build_parts(windows, freezes, range))
	{
		*part = *(HmWindowSpan *) lfirst(cell);
		if (contains(part, moment))
			return true;
	}
	return false;
}

static bool
open_at(const HmWindows *windows, List *freezes, TimestampTz moment)
{
	HmWindowSpan range = {moment, moment};
	HmWindowSpan part;

	return find_part(windows, freezes, &range, moment, &part);
}

/*
 * Windows that go on from one to the next, beyond what was looked at, have no
 * edge to be told of.
 */
static void
mend_edges(const HmWindows *windows, List *freezes, const HmWindowSpan *range,
		   HmWindowSpan *part)
{
	if (part->begins < range->begins && !TIMESTAMP_IS_NOBEGIN(part->begins) &&
		open_at(windows, freezes, part->begins - 1))
		part->begins = DT_NOBEGIN;
	if (part->ends > range->ends && !TIMESTAMP_IS_NOEND(part->ends) &&
		open_at(windows, freezes, part->ends))
		part->ends = DT_NOEND;
}

/* Whether all that is computed from it can be: no window is out there. */
static bool
within_calendar(TimestampTz moment)
{
	return moment > MIN_TIMESTAMP + 2 * HORIZON &&
		moment < END_TIMESTAMP - 2 * HORIZON;
}

bool
hm_window_open(Jsonb *windows, TimestampTz now, HmWindowSpan *span)
{
	if (span)
		return hm_window_usable(windows, NIL, now, span);
	return within_calendar(now) && open_at(hm_windows_parse(windows), NIL, now);
}

bool
hm_window_usable(Jsonb *windows, List *freezes, TimestampTz now,
				 HmWindowSpan *span)
{
	HmWindows  *parsed = hm_windows_parse(windows);
	HmWindowSpan range;

	if (!within_calendar(now))
		return false;
	range.begins = now - HORIZON;
	range.ends = now + HORIZON;
	if (!find_part(parsed, freezes, &range, now, span))
		return false;
	mend_edges(parsed, freezes, &range, span);
	return true;
}

bool
hm_window_next(Jsonb *windows, List *freezes, TimestampTz now,
			   HmWindowSpan *span)
{
	HmWindows  *parsed = hm_windows_parse(windows);
	HmWindowSpan range = {.begins = now};
	ListCell   *cell;

	if (!within_calendar(now))
		return false;
	range.ends = now + HORIZON;
	foreach(cell, build_parts(parsed, freezes, &range))
	{
		*span = *(HmWindowSpan *) lfirst(cell);
		if (span->begins <= now)
			continue;
		if (span->begins > range.ends)
			return false;
		mend_edges(parsed, freezes, &range, span);
		return true;
	}
	return false;
}

char *
hm_window_moment(TimestampTz moment)
{
	return pstrdup(timestamptz_to_str(hm_moment_whole_seconds(moment)));
}
