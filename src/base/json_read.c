/*
 * src/base/json_read.c
 *	  Reads members of JSON objects that are text.
 */
#include "postgres.h"

#include "base/json_read.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

Jsonb *
hm_json_parse(const char *text)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(text)));
}

static bool
find_member(Jsonb *object, const char *key, JsonbValue *value)
{
	return JB_ROOT_IS_OBJECT(object) &&
		getKeyJsonValueFromContainer(&object->root, key, strlen(key),
									 value) != NULL;
}

char *
hm_json_member_json(Jsonb *object, const char *key)
{
	JsonbValue	value;
	Jsonb	   *member;

	if (!find_member(object, key, &value) || value.type == jbvNull)
		return NULL;
	member = JsonbValueToJsonb(&value);
	return JsonbToCString(NULL, &member->root, VARSIZE(member));
}

char *
hm_json_member(const char *object, const char *key)
{
	JsonbValue	value;

	if (!find_member(hm_json_parse(object), key, &value))
		return NULL;
	if (value.type == jbvString)
		return pnstrdup(value.val.string.val, value.val.string.len);
	if (value.type == jbvNumeric)
		return DatumGetCString(DirectFunctionCall1(numeric_out,
												   NumericGetDatum(value.val.numeric)));
	return NULL;
}

List *
hm_json_texts_member(const char *object, const char *key)
{
	JsonbValue	value;
	JsonbValue	element;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	List	   *texts = NIL;

	if (!find_member(hm_json_parse(object), key, &value) ||
		value.type != jbvBinary ||
		!JsonContainerIsArray(value.val.binary.data))
		return NIL;
	iterator = JsonbIteratorInit(value.val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM && element.type == jbvString)
			texts = lappend(texts, pnstrdup(element.val.string.val,
											element.val.string.len));
	}
	return texts;
}
