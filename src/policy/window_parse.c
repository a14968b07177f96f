/*
 * src/policy/window_parse.c
 *	  Windows: from JSON.
 *
 * Nothing here asks the session what it takes a text for: not its TimeZone,
 * DateStyle or timezone_abbreviations.  Moments have their offset with them,
 * zones are named in full.
 */
#include "postgres.h"

#include "policy/window_parts.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#define MAX_WINDOWS		100
#define WHOLE_WEEK		0x7f
#define MAX_ETC_OFFSET	14

static const char *const day_names[] = {
	"sun", "mon", "tue", "wed", "thu", "fri", "sat"
};

/* An object of text members. */
typedef struct Members
{
	const char *days;
	const char *from;
	const char *until;
	const char *zone;
	const char *since;
} Members;

/* Exactly so many digits. */
static bool
scan_number(const char **at, int digits, int *value)
{
	*value = 0;
	for (int i = 0; i < digits; i++, (*at)++)
	{
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool
scan_character(const char **at, char character)
{
	if (**at != character)
		return false;
	(*at)++;
	return true;
}

/* HH:MM or HH:MM:SS, up to 24:00. */
static bool
scan_time(const char **at, int *seconds)
{
	int			hour;
	int			minute;
	int			second = 0;

	if (!scan_number(at, 2, &hour) || !scan_character(at, ':') ||
		!scan_number(at, 2, &minute))
		return false;
	if (scan_character(at, ':') && !scan_number(at, 2, &second))
		return false;
	*seconds = hour * SECS_PER_HOUR + minute * SECS_PER_MINUTE + second;
	return minute < 60 && second < 60 && *seconds <= SECS_PER_DAY;
}

/* Z, +HH, +HH:MM */
static bool
scan_offset(const char **at, int *seconds)
{
	int			sign = **at == '-' ? -1 : 1;
	int			hour;
	int			minute = 0;

	*seconds = 0;
	if (scan_character(at, 'Z'))
		return true;
	if (!scan_character(at, '+') && !scan_character(at, '-'))
		return false;
	if (!scan_number(at, 2, &hour))
		return false;
	if (scan_character(at, ':') && !scan_number(at, 2, &minute))
		return false;
	*seconds = sign * (hour * SECS_PER_HOUR + minute * SECS_PER_MINUTE);
	return hour <= 15 && minute < 60;
}

static bool
scan_date(const char **at, int *day)
{
	int			year;
	int			month;
	int			mday;

	if (!scan_number(at, 4, &year) || !scan_character(at, '-') ||
		!scan_number(at, 2, &month) || !scan_character(at, '-') ||
		!scan_number(at, 2, &mday))
		return false;
	if (year < 1 || month < 1 || month > 12 || mday < 1 ||
		mday > day_tab[isleap(year)][month - 1])
		return false;
	*day = date2j(year, month, mday) - POSTGRES_EPOCH_JDATE;
	return true;
}

/* .5 or .123456, as to_jsonb() writes it, or nothing. */
static bool
scan_fraction(const char **at, int *microseconds)
{
	int			weight = USECS_PER_SEC / 10;

	*microseconds = 0;
	if (!scan_character(at, '.'))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, weight /= 10)
		*microseconds += (**at - '0') * weight;
	return true;
}

static bool
parse_moment(const char *text, TimestampTz *moment)
{
	int			day;
	int			time;
	int			fraction;
	int			offset;

	if (!scan_date(&text, &day) ||
		(!scan_character(&text, ' ') && !scan_character(&text, 'T')) ||
		!scan_time(&text, &time) || !scan_fraction(&text, &fraction) ||
		!scan_offset(&text, &offset) || *text != '\0')
		return false;
	*moment = (TimestampTz) day * USECS_PER_DAY +
		(TimestampTz) (time - offset) * USECS_PER_SEC + fraction;
	return true;
}

static bool
parse_time(const char *text, int *seconds)
{
	return scan_time(&text, seconds) && *text == '\0';
}

static bool
scan_day(const char **at, int *day)
{
	for (*day = 0; *day < lengthof(day_names); (*day)++)
	{
		if (strncmp(*at, day_names[*day], 3) == 0)
		{
			*at += 3;
			return true;
		}
	}
	return false;
}

/* "mon-thu,sat"; "fri-mon" goes over the week's end. */
static bool
parse_days(const char *text, int *days)
{
	*days = 0;
	do
	{
		int			first;
		int			last;

		if (!scan_day(&text, &first))
			return false;
		last = first;
		if (scan_character(&text, '-') && !scan_day(&text, &last))
			return false;
		for (int day = first; day != last; day = (day + 1) % 7)
			*days |= 1 << day;
		*days |= 1 << last;
	} while (scan_character(&text, ','));
	return *text == '\0';
}

/*
 * "UTC", or an area and a place in it.  pg_tzset() knows more: abbreviations
 * such as EST, which elsewhere mean something else, and rules in the manner
 * of POSIX, which any misspelt name with a digit in it would be.
 */
static bool
is_full_name(const char *name)
{
	if (strcmp(name, "UTC") == 0)
		return true;
	if (strncmp(name, "Etc/GMT", 7) == 0 && (name[7] == '+' || name[7] == '-'))
		return strspn(name + 8, "0123456789") == strlen(name + 8) &&
			strlen(name + 8) <= 2 && atoi(name + 8) <= MAX_ETC_OFFSET;
	return strchr(name, '/') != NULL && name[0] != '/' &&
		strncmp(name, "posix/", 6) != 0 && strncmp(name, "right/", 6) != 0 &&
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-/") == strlen(name);
}

/* NULL, and *fault says why. */
static pg_tz *
find_zone(const char *name, char **fault)
{
	pg_tz	   *zone = NULL;

	if (is_full_name(name) && strlen(name) <= TZ_STRLEN_MAX)
		zone = pg_tzset(name);
	if (zone == NULL || !pg_tz_acceptable(zone))
	{
		*fault = psprintf("\"%s\" is not the full name of a time zone, such as \"America/New_York\" or \"UTC\": see pg_timezone_names.",
						  name);
		return NULL;
	}
	if (strcmp(pg_get_timezone_name(zone), name) != 0)
	{
		*fault = psprintf("Time zone \"%s\" is written \"%s\".",
						  name, pg_get_timezone_name(zone));
		return NULL;
	}
	return zone;
}

static char *
parse_span(const Members *members, HmWindow *window)
{
	if (members->days || members->from || members->zone)
		return pstrdup("A window has either \"since\" and \"until\", or \"from\", \"until\" and \"zone\".");
	if (!parse_moment(members->since, &window->span.begins))
		return psprintf("\"%s\" is not a moment with its offset, such as \"2027-01-09 22:00+01\".",
						members->since);
	if (!parse_moment(members->until, &window->span.ends))
		return psprintf("\"%s\" is not a moment with its offset, such as \"2027-01-09 22:00+01\".",
						members->until);
	if (window->span.ends <= window->span.begins)
		return psprintf("A window since \"%s\" until \"%s\" is never open.",
						members->since, members->until);
	return NULL;
}

static char *
parse_recurring(const Members *members, HmWindow *window)
{
	char	   *fault = NULL;

	window->recurs = true;
	window->days = WHOLE_WEEK;
	if (members->days && strcmp(members->days, "daily") != 0 &&
		!parse_days(members->days, &window->days))
		return psprintf("\"%s\" are not days, such as \"mon-thu,sat\" or \"daily\".",
						members->days);
	if (!parse_time(members->from, &window->from) ||
		window->from == SECS_PER_DAY)
		return psprintf("\"%s\" is not a time of day, such as \"18:00\".",
						members->from);
	if (!parse_time(members->until, &window->until))
		return psprintf("\"%s\" is not a time of day, such as \"18:00\".",
						members->until);
	if (window->from == window->until)
		return psprintf("A window from \"%s\" until \"%s\" ends when it begins; a whole day is from \"00:00\" until \"24:00\".",
						members->from, members->until);
	window->zone = find_zone(members->zone, &fault);
	return fault;
}

/* Where the member of that name belongs; NULL: there is none. */
static const char **
member_place(Members *members, const char *key)
{
	if (strcmp(key, "days") == 0)
		return &members->days;
	if (strcmp(key, "from") == 0)
		return &members->from;
	if (strcmp(key, "until") == 0)
		return &members->until;
	if (strcmp(key, "zone") == 0)
		return &members->zone;
	if (strcmp(key, "since") == 0)
		return &members->since;
	return NULL;
}

static char *
copy_string(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static char *
read_members(JsonbContainer *object, Members *members)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		char	   *key;
		const char **place;

		if (token != WJB_KEY)
			continue;
		key = copy_string(&value);
		place = member_place(members, key);
		if (place == NULL)
			return psprintf("A window has no \"%s\".", key);
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (value.type != jbvString)
			return psprintf("\"%s\" of a window is a text.", key);
		*place = copy_string(&value);
	}
	return NULL;
}

/* Returns what is wrong with it, or NULL. */
static char *
parse_window(const JsonbValue *element, HmWindow *window)
{
	Members		members = {0};
	char	   *fault;

	if (element->type != jbvBinary ||
		!JsonContainerIsObject(element->val.binary.data))
		return pstrdup("A window is an object.");
	fault = read_members(element->val.binary.data, &members);
	if (fault)
		return fault;
	if (members.since && members.until)
		return parse_span(&members, window);
	if (members.from && members.until && members.zone)
		return parse_recurring(&members, window);
	return pstrdup("A window has either \"since\" and \"until\", or \"from\", \"until\" and \"zone\".");
}

static void
parse_list(Jsonb *value, HmWindows *windows)
{
	uint32		count = JB_ROOT_COUNT(value);

	if (count > MAX_WINDOWS)
		windows->fault = psprintf("There are more than %d.", MAX_WINDOWS);
	for (uint32 i = 0; i < count && windows->fault == NULL; i++)
	{
		HmWindow   *window = palloc0(sizeof(HmWindow));

		windows->fault = parse_window(getIthJsonbValueFromContainer(&value->root, i),
									  window);
		windows->list = lappend(windows->list, window);
	}
	if (windows->fault)
		windows->list = NIL;
}

HmWindows *
hm_windows_parse(Jsonb *value)
{
	HmWindows  *windows = palloc0(sizeof(HmWindows));
	JsonbValue	scalar;

	if (JB_ROOT_IS_SCALAR(value))
	{
		windows->always = JsonbExtractScalar(&value->root, &scalar) &&
			scalar.type == jbvString &&
			strcmp(copy_string(&scalar), "always") == 0;
		if (!windows->always)
			windows->fault = pstrdup("Windows are a list, or \"always\".");
	}
	else if (JB_ROOT_IS_ARRAY(value))
		parse_list(value, windows);
	else
		windows->fault = pstrdup("Windows are a list, or \"always\".");
	return windows;
}
