/*
 * src/base/json.c
 *	  JSON objects as text, always written in the same way, and read.
 */
#include "postgres.h"

#include "base/json.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

static void
put_key(HmJson *json, const char *key)
{
	appendStringInfoString(&json->text, json->text.len > 1 ? ", " : "");
	escape_json(&json->text, key);
	appendStringInfoString(&json->text, ": ");
}

void
hm_json_begin(HmJson *json)
{
	initStringInfo(&json->text);
	appendStringInfoChar(&json->text, '{');
}

void
hm_json_text(HmJson *json, const char *key, const char *value)
{
	put_key(json, key);
	if (value)
		escape_json(&json->text, value);
	else
		appendStringInfoString(&json->text, "null");
}

void
hm_json_int64(HmJson *json, const char *key, int64 value)
{
	put_key(json, key);
	appendStringInfo(&json->text, INT64_FORMAT, value);
}

void
hm_json_timestamp(HmJson *json, const char *key, TimestampTz value)
{
	hm_json_text(json, key, hm_json_moment(value));
}

void
hm_json_raw(HmJson *json, const char *key, const char *value)
{
	put_key(json, key);
	appendStringInfoString(&json->text, value ? value : "null");
}

char *
hm_json_end(HmJson *json)
{
	appendStringInfoChar(&json->text, '}');
	return json->text.data;
}

char *
hm_json_moment(TimestampTz moment)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(moment, NULL, &tm, &fsec, NULL, NULL) != 0)
		return pstrdup(TIMESTAMP_IS_NOBEGIN(moment) ? "-infinity" : "infinity");
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year,
					tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
					(int) fsec);
}

char *
hm_json_member(const char *object, const char *key)
{
	Jsonb	   *jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
														   CStringGetDatum(object)));
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(jsonb) ||
		getKeyJsonValueFromContainer(&jsonb->root, key, strlen(key),
									 &value) == NULL)
		return NULL;
	if (value.type == jbvString)
		return pnstrdup(value.val.string.val, value.val.string.len);
	if (value.type == jbvNumeric)
		return DatumGetCString(DirectFunctionCall1(numeric_out,
												   NumericGetDatum(value.val.numeric)));
	return NULL;
}
