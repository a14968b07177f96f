/*
 * src/base/json_text.c
 *	  Writes a JSON object as text, member by member.
 */
#include "postgres.h"

#include "base/hash.h"
#include "base/json_text.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"

void
hm_json_begin(StringInfo json)
{
	initStringInfo(json);
	appendStringInfoChar(json, '{');
}

static void
append_key(StringInfo json, const char *key)
{
	if (json->len > 1)
		appendStringInfoString(json, ", ");
	appendStringInfoChar(json, '"');
	appendStringInfoString(json, key);
	appendStringInfoString(json, "\": ");
}

/* As escape_json(); but most texts have nothing to escape. */
static void
append_text(StringInfo json, const char *value)
{
	for (const char *at = value; *at; at++)
	{
		if ((unsigned char) *at < ' ' || *at == '"' || *at == '\\')
		{
			escape_json(json, value);
			return;
		}
	}
	appendStringInfoChar(json, '"');
	appendStringInfoString(json, value);
	appendStringInfoChar(json, '"');
}

void
hm_json_text(StringInfo json, const char *key, const char *value)
{
	if (value == NULL)
		return;
	append_key(json, key);
	append_text(json, value);
}

void
hm_json_texts(StringInfo json, const char *key, List *values)
{
	ListCell   *cell;

	append_key(json, key);
	appendStringInfoChar(json, '[');
	foreach(cell, values)
	{
		if (foreach_current_index(cell) > 0)
			appendStringInfoString(json, ", ");
		append_text(json, lfirst(cell));
	}
	appendStringInfoChar(json, ']');
}

void
hm_json_int64(StringInfo json, const char *key, int64 value)
{
	char		digits[MAXINT8LEN + 1];

	append_key(json, key);
	pg_lltoa(value, digits);
	appendStringInfoString(json, digits);
}

void
hm_json_bool(StringInfo json, const char *key, bool value)
{
	append_key(json, key);
	appendStringInfoString(json, value ? "true" : "false");
}

void
hm_json_hex(StringInfo json, const char *key, const uint8 *bytes, int length)
{
	char	   *hex = hm_hash_to_hex(bytes, length);

	hm_json_text(json, key, hex);
	pfree(hex);
}

void
hm_json_raw(StringInfo json, const char *key, const char *value)
{
	append_key(json, key);
	appendStringInfoString(json, value);
}

static char *
put_number(char *text, int number, int digits, char end)
{
	text = pg_ultostr_zeropad(text, number, digits);
	*text++ = end;
	return text;
}

char *
hm_json_moment(TimestampTz moment)
{
	struct pg_tm tm;
	fsec_t		fsec;
	char		text[MAXDATELEN + 1];
	char	   *end = text;

	if (TIMESTAMP_NOT_FINITE(moment) ||
		timestamp2tm(moment, NULL, &tm, &fsec, NULL, NULL) != 0)
		return pstrdup(TIMESTAMP_IS_NOBEGIN(moment) ? "-infinity" : "infinity");
	end = put_number(end, tm.tm_year > 0 ? tm.tm_year : 1 - tm.tm_year, 4, '-');
	end = put_number(end, tm.tm_mon, 2, '-');
	end = put_number(end, tm.tm_mday, 2, 'T');
	end = put_number(end, tm.tm_hour, 2, ':');
	end = put_number(end, tm.tm_min, 2, ':');
	end = put_number(end, tm.tm_sec, 2, '.');
	end = put_number(end, fsec, 6, 'Z');
	strcpy(end, tm.tm_year > 0 ? "" : " BC");
	return pstrdup(text);
}

void
hm_json_timestamp(StringInfo json, const char *key, TimestampTz value)
{
	char	   *moment = hm_json_moment(value);

	hm_json_text(json, key, moment);
	pfree(moment);
}

char *
hm_json_end(StringInfo json)
{
	appendStringInfoChar(json, '}');
	return json->data;
}
