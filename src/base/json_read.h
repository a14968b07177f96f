/*
 * src/base/json_read.h
 *	  Reads members of JSON objects that are text.
 */
#ifndef HM_BASE_JSON_READ_H
#define HM_BASE_JSON_READ_H

#include "nodes/pg_list.h"

/*
 * A text or number as text; NULL if it is absent, null or anything else.
 * Raises if the object is no JSON.
 */
extern char *hm_json_member(const char *object, const char *key);

/* An array of texts as a list of char *; empty if it is anything else. */
extern List *hm_json_texts_member(const char *object, const char *key);

#endif							/* HM_BASE_JSON_READ_H */
