/*
 * src/base/json_read.c
 *	  Reads members of JSON objects that are text.
 */
#include "postgres.h"

#include "base/json_read.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

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
