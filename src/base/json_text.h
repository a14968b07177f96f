/*
 * src/base/json_text.h
 *	  Writes a JSON object as text, member by member.
 *
 *		StringInfoData json;
 *
 *		hm_json_begin(&json);
 *		hm_json_text(&json, "direction", "up");
 *		hm_json_int64(&json, "revision", 3);
 *		event.details = hm_json_end(&json);
 *
 * Keys are written as they are.  A text that is NULL leaves no member.
 */
#ifndef HM_BASE_JSON_TEXT_H
#define HM_BASE_JSON_TEXT_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

extern void hm_json_begin(StringInfo json);
extern void hm_json_text(StringInfo json, const char *key, const char *value);

/* An array of texts (char *), also when it is empty. */
extern void hm_json_texts(StringInfo json, const char *key, List *values);

extern void hm_json_int64(StringInfo json, const char *key, int64 value);
extern void hm_json_bool(StringInfo json, const char *key, bool value);

/* Lower-case hexadecimal. */
extern void hm_json_hex(StringInfo json, const char *key, const uint8 *bytes,
						int length);

/* A value that is JSON already. */
extern void hm_json_raw(StringInfo json, const char *key, const char *value);

/*
 * As hm_json_moment(), which is "YYYY-MM-DDTHH:MM:SS.ffffffZ" in UTC, followed
 * by " BC" for years before 1: timestamptz reads it.
 */
extern void hm_json_timestamp(StringInfo json, const char *key,
							  TimestampTz value);
extern char *hm_json_moment(TimestampTz moment);

/* Returns the text, palloc'd by hm_json_begin(). */
extern char *hm_json_end(StringInfo json);

#endif							/* HM_BASE_JSON_TEXT_H */
