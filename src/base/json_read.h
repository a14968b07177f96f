/*
 * src/base/json_read.h
 *	  Reads members of JSON objects that are text.
 */
#ifndef HM_BASE_JSON_READ_H
#define HM_BASE_JSON_READ_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/*
 * A text or number as text; NULL if it is absent, null or anything else.
 * Raises if the object is no JSON.
 */
extern char *hm_json_member(const char *object, const char *key);

/* An array of texts as a list of char *; empty if it is anything else. */
extern List *hm_json_texts_member(const char *object, const char *key);

/* Any member as JSON; NULL if it is absent or null. */
extern char *hm_json_member_json(Jsonb *object, const char *key);

/* Raises if the text is no JSON. */
extern Jsonb *hm_json_parse(const char *text);

#endif							/* HM_BASE_JSON_READ_H */
