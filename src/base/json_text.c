/*
 * src/base/json_text.c
 *	  Writes a JSON object as text, member by member.
 */
#include "postgres.h"

#include "base/hash.h"
#include "base/json_text.h"
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
	appendStringInfo(json, "\"%s\": ", key);
}

void
hm_json_text(StringInfo json, const char *key, const char *value)
{
	if (value == NULL)
		return;
	append_key(json, key);
	escape_json(json, value);
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
		escape_json(json, lfirst(cell));
	}
	appendStringInfoChar(json, ']');
}

void
hm_json_int64(StringInfo json, const char *key, int64 value)
{
	append_key(json, key);
	appendStringInfo(json, INT64_FORMAT, value);
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

char *
hm_json_moment(TimestampTz moment)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (TIMESTAMP_NOT_FINITE(moment) ||
		timestamp2tm(moment, NULL, &tm, &fsec, NULL, NULL) != 0)
		return pstrdup(TIMESTAMP_IS_NOBEGIN(moment) ? "-infinity" : "infinity");
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ%s",
					tm.tm_year > 0 ? tm.tm_year : 1 - tm.tm_year,
					tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
					(int) fsec, tm.tm_year > 0 ? "" : " BC");
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
