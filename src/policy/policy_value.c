/*
 * src/policy/policy_value.c
 *	  Reads the values of requirements, which are JSON.
 */
#include "postgres.h"

#include "base/interval.h"
#include "policy/policy_value.h"

static bool
read_scalar(Jsonb *value, JsonbValue *scalar)
{
	return JsonbExtractScalar(&value->root, scalar);
}

bool
hm_value_read_bool(Jsonb *value, bool *result)
{
	JsonbValue	scalar;

	return read_scalar(value, &scalar) && hm_value_bool(&scalar, result);
}

bool
hm_value_flag(Jsonb *value, const char *member, bool absent)
{
	JsonbContainer *object = member ? hm_value_object(value) : NULL;
	bool		flag = absent;

	if (member == NULL)
		(void) hm_value_read_bool(value, &flag);
	else if (object)
		(void) hm_value_bool(hm_value_member(object, member), &flag);
	return flag;
}

char *
hm_value_read_text(Jsonb *value)
{
	JsonbValue	scalar;

	return read_scalar(value, &scalar) ? hm_value_text(&scalar) : NULL;
}

JsonbContainer *
hm_value_object(Jsonb *value)
{
	return JB_ROOT_IS_OBJECT(value) ? &value->root : NULL;
}

JsonbContainer *
hm_value_array(Jsonb *value)
{
	return JB_ROOT_IS_ARRAY(value) && !JB_ROOT_IS_SCALAR(value) ?
		&value->root : NULL;
}

List *
hm_value_elements(JsonbContainer *array)
{
	List	   *elements = NIL;

	for (uint32 i = 0; i < JsonContainerSize(array); i++)
		elements = lappend(elements, getIthJsonbValueFromContainer(array, i));
	return elements;
}

JsonbContainer *
hm_value_inner_object(JsonbValue *inner)
{
	return inner && inner->type == jbvBinary &&
		JsonContainerIsObject(inner->val.binary.data) ?
		inner->val.binary.data : NULL;
}

static JsonbContainer *
inner_array(JsonbValue *inner)
{
	return inner && inner->type == jbvBinary &&
		JsonContainerIsArray(inner->val.binary.data) ?
		inner->val.binary.data : NULL;
}

JsonbValue *
hm_value_member(JsonbContainer *object, const char *key)
{
	return getKeyJsonValueFromContainer(object, key, strlen(key), NULL);
}

char *
hm_value_text(JsonbValue *inner)
{
	char	   *text;

	if (inner == NULL || inner->type != jbvString)
		return NULL;
	text = pnstrdup(inner->val.string.val, inner->val.string.len);
	return text[strspn(text, " \t\r\n")] == '\0' ? NULL : text;
}

bool
hm_value_bool(JsonbValue *inner, bool *result)
{
	if (inner == NULL || inner->type != jbvBool)
		return false;
	*result = inner->val.boolean;
	return true;
}

List *
hm_value_texts(JsonbValue *inner)
{
	JsonbContainer *array = inner_array(inner);
	List	   *texts = NIL;
	ListCell   *cell;

	if (array == NULL)
		return NIL;
	foreach(cell, hm_value_elements(array))
	{
		char	   *text = hm_value_text(lfirst(cell));

		if (text == NULL)
			return NIL;
		texts = lappend(texts, text);
	}
	return texts;
}

static bool
is_among(const JsonbValue *key, const char *const *keys)
{
	for (; *keys; keys++)
	{
		if (strlen(*keys) == key->val.string.len &&
			memcmp(*keys, key->val.string.val, key->val.string.len) == 0)
			return true;
	}
	return false;
}

char *
hm_value_stranger(JsonbContainer *object, const char *const *keys)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue	key;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token == WJB_KEY && !is_among(&key, keys))
			return pnstrdup(key.val.string.val, key.val.string.len);
	}
	return NULL;
}

bool
hm_value_interval(const char *text, Interval *interval)
{
	const TimestampTz any = 0;

	return text && hm_interval_parse(text, interval) &&
		hm_interval_before(any, interval) < any;
}

TimestampTz
hm_value_after(TimestampTz moment, const Interval *interval)
{
	Interval	back = *interval;

	back.month = -back.month;
	back.day = -back.day;
	back.time = -back.time;
	return hm_interval_before(moment, &back);
}
