/*
 * src/policy/policy_value.h
 *	  Reads the values of requirements, which are JSON.
 *
 * Nothing here raises: a value that is not of the shape asked for is NULL,
 * NIL or false, and the requirement says what is wrong with it.
 */
#ifndef HM_POLICY_POLICY_VALUE_H
#define HM_POLICY_POLICY_VALUE_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

/* The whole value is true or false. */
extern bool hm_value_read_bool(Jsonb *value, bool *result);

/* A member, or the whole value (member NULL); absent where it is neither. */
extern bool hm_value_flag(Jsonb *value, const char *member, bool absent);

/* The whole value is a text; NULL: it is not, or blank. */
extern char *hm_value_read_text(Jsonb *value);

/* The object or array that the value is; NULL: it is none. */
extern JsonbContainer *hm_value_object(Jsonb *value);
extern JsonbContainer *hm_value_array(Jsonb *value);

/* Of JsonbValue *: the elements of an array. */
extern List *hm_value_elements(JsonbContainer *array);

/* Of an element or member; NULL: it is none. */
extern JsonbContainer *hm_value_inner_object(JsonbValue *inner);

/* NULL: it has none of that key. */
extern JsonbValue *hm_value_member(JsonbContainer *object, const char *key);

/* NULL, false: absent, or not of that kind; a text must not be blank. */
extern char *hm_value_text(JsonbValue *inner);
extern bool hm_value_bool(JsonbValue *inner, bool *result);

/* Of char *: an array of texts, none blank; NIL: it is not, or is empty. */
extern List *hm_value_texts(JsonbValue *inner);

/* The first key that is not in the list, which ends with NULL; or NULL. */
extern char *hm_value_stranger(JsonbContainer *object,
							   const char *const *keys);

/* An interval longer than nothing. */
extern bool hm_value_interval(const char *text, Interval *interval);

/* So long after the moment, in the calendar of UTC. */
extern TimestampTz hm_value_after(TimestampTz moment,
								  const Interval *interval);

#endif							/* HM_POLICY_POLICY_VALUE_H */
