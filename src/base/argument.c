/*
 * src/base/argument.c
 *	  Arguments of SQL functions, checked.
 */
#include "postgres.h"

#include "base/argument.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

static void
refuse_null(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("argument \"%s\" must not be null", name)));
}

void
hm_arg_require(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		refuse_null(name);
}

int64
hm_arg_require_int64(FunctionCallInfo fcinfo, int number, const char *name)
{
	hm_arg_require(fcinfo, number, name);
	return PG_GETARG_INT64(number);
}

char *
hm_arg_text(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL :
		text_to_cstring(PG_GETARG_TEXT_PP(number));
}

Jsonb *
hm_arg_jsonb(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : PG_GETARG_JSONB_P(number);
}

char *
hm_arg_require_text(FunctionCallInfo fcinfo, int number, const char *name)
{
	hm_arg_require(fcinfo, number, name);
	return hm_arg_text(fcinfo, number);
}

char *
hm_arg_bounded(char *text, const char *name)
{
	if (text && strlen(text) > HM_ARG_PROSE_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("argument \"%s\" is too long", name),
				 errdetail("It has %zu bytes, and is kept on record: at most %d.",
						   strlen(text), HM_ARG_PROSE_BYTES),
				 errhint("Say where the rest of it is.")));
	return text;
}

char *
hm_arg_prose(FunctionCallInfo fcinfo, int number, const char *name)
{
	return hm_arg_bounded(hm_arg_text(fcinfo, number), name);
}

char *
hm_arg_require_reason(FunctionCallInfo fcinfo, int number)
{
	char	   *reason = hm_arg_prose(fcinfo, number, "reason");

	if (reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a reason is required"),
				 errhint("Say why, in argument \"reason\": it is kept on record.")));
	return reason;
}

List *
hm_arg_text_list(FunctionCallInfo fcinfo, int number, const char *name)
{
	List	   *list = NIL;
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(number))
	{
		if (name)
			refuse_null(name);
		return NIL;
	}
	array = PG_GETARG_ARRAYTYPE_P(number);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			refuse_null(name ? name : "names");
		list = lappend(list, TextDatumGetCString(elements[i]));
	}
	return list;
}
