/*
 * src/base/json_read.c
 *	  Reads members of JSON objects that are text.
 */
#include "postgres.h"

#include "base/json_read.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

static bool
find_member(const char *object, const char *key, JsonbValue *value)
{
	Jsonb	   *jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
														   CStringGetDatum(object)));

	return JB_ROOT_IS_OBJECT(jsonb) &&
		getKeyJsonValueFromContainer(&jsonb->root, key, strlen(key),
									 value) != NULL;
}

char *
hm_json_member(const char *object, const char *key)
{
	JsonbValue	value;

	if (!find_member(object, key, &value))
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

	if (!find_member(object, key, &value) || value.type != jbvBinary ||
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
