/*
 * src/base/interval.c
 *	  Intervals of the calendar: how long is long enough.
 */
#include "postgres.h"

#include "base/interval.h"
#include "utils/datetime.h"

#define MAX_YEARS	INT64CONST(1000)

/* Fields of an interval's text; as interval_in() does, but without errors. */
static int
decode(const char *text, struct pg_itm_in *fields)
{
	char		work[256];
	char	   *field[MAXDATEFIELDS];
	int			ftype[MAXDATEFIELDS];
	int			nfields;
	int			dtype;
	int			error;

	memset(fields, 0, sizeof(*fields));
	if (strlen(text) >= sizeof(work) - MAXDATEFIELDS)
		return DTERR_BAD_FORMAT;
	error = ParseDateTime(text, work, sizeof(work), field, ftype,
						  MAXDATEFIELDS, &nfields);
	if (error == 0)
		error = DecodeInterval(field, ftype, nfields, INTERVAL_FULL_RANGE,
							   &dtype, fields);
	if (error == DTERR_BAD_FORMAT)
	{
		char	   *copy = pstrdup(text);

		error = DecodeISO8601Interval(copy, &dtype, fields);
		pfree(copy);
	}
	return error == 0 && dtype != DTK_DELTA ? DTERR_BAD_FORMAT : error;
}

bool
hm_interval_parse(const char *text, Interval *interval)
{
	struct pg_itm_in fields;

	return decode(text, &fields) == 0 &&
		itmin2interval(&fields, interval) == 0 &&
		labs((long) interval->month) <= MAX_YEARS * 12 &&
		labs((long) interval->day) <= MAX_YEARS * 366 &&
		interval->time <= MAX_YEARS * 366 * USECS_PER_DAY &&
		interval->time >= -MAX_YEARS * 366 * USECS_PER_DAY;
}

/*
 * Months, then days, then the rest, as in timestamp_mi_interval(), in the
 * calendar of UTC, for the time zone of a session must not decide.
 */
TimestampTz
hm_interval_before(TimestampTz moment, const Interval *interval)
{
	int64		day = moment / USECS_PER_DAY;
	int64		rest = moment % USECS_PER_DAY;
	int			year;
	int			month;
	int			mday;
	int64		months;

	if (rest < 0)
	{
		rest += USECS_PER_DAY;
		day--;
	}
	j2date((int) day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	months = (int64) year * 12 + month - 1 - interval->month;
	year = (int) (months / 12);
	month = (int) (months % 12) + 1;
	mday = Min(mday, day_tab[isleap(year)][month - 1]);
	day = date2j(year, month, mday) - POSTGRES_EPOCH_JDATE - interval->day;
	return day * USECS_PER_DAY + rest - interval->time;
}

/*
 * Years repeat after four; where a century leaves a leap day out, what counts
 * in days gets longer against what counts in months.
 */
bool
hm_interval_covers(const Interval *a, const Interval *b)
{
	const int	first = date2j(2024, 1, 1) - POSTGRES_EPOCH_JDATE;
	const int	ndays = 4 * 365 + 1;

	for (int day = first; day < first + ndays; day++)
	{
		TimestampTz moment = (TimestampTz) day * USECS_PER_DAY;

		if (hm_interval_before(moment, a) > hm_interval_before(moment, b))
			return false;
	}
	return true;
}
