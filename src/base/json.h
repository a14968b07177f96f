/*
 * src/base/json.h
 *	  JSON objects as text, always written in the same way, and read.
 *
 *		HmJson		json;
 *
 *		hm_json_begin(&json);
 *		hm_json_text(&json, "name", name);
 *		details = hm_json_end(&json);
 */
#ifndef HM_BASE_JSON_H
#define HM_BASE_JSON_H

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

typedef struct HmJson
{
	StringInfoData text;
} HmJson;

extern void hm_json_begin(HmJson *json);
extern void hm_json_text(HmJson *json, const char *key, const char *value);
extern void hm_json_int64(HmJson *json, const char *key, int64 value);

/* "YYYY-MM-DDTHH:MM:SS.ffffffZ". */
extern void hm_json_timestamp(HmJson *json, const char *key, TimestampTz value);

/* A value that is JSON already; "null" for NULL. */
extern void hm_json_raw(HmJson *json, const char *key, const char *value);
extern char *hm_json_end(HmJson *json);

/* The moment in UTC, as in hm_json_timestamp(). */
extern char *hm_json_moment(TimestampTz moment);

/* A member as text, NULL if it is absent or null; raises if it is no JSON. */
extern char *hm_json_member(const char *object, const char *key);

#endif							/* HM_BASE_JSON_H */
