/*
 * src/lint/constant_text.c
 *	  The value of an expression that is made of constants.
 *
 * Time is linear in expression and value: each argument is evaluated once,
 * and MAX_TEXT ends what nested format() would multiply.
 */
#include "postgres.h"

#include "lint/constant_text.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"

/* Nobody writes a longer text as a constant. */
#define MAX_TEXT (1024 * 1024)

/* NULL if it is not known. */
static char *
value_of(Node *expression)
{
	StringInfoData value;

	initStringInfo(&value);
	return hm_constant_text_append(&value, expression) ? value.data : NULL;
}

static bool
append_string(StringInfo text, const char *value)
{
	if (value == NULL || text->len + strlen(value) > MAX_TEXT)
		return false;
	appendStringInfoString(text, value);
	return true;
}

static bool
append_constant(StringInfo text, A_Const *constant)
{
	if (constant->isnull)
		return false;
	switch (nodeTag(&constant->val))
	{
		case T_String:
			return append_string(text, strVal(&constant->val));
		case T_Integer:
			return append_string(text, psprintf("%d", intVal(&constant->val)));
		case T_Float:
			return append_string(text, constant->val.fval.fval);
		default:
			return false;
	}
}

/* As format() does for a %s, %I or %L. */
static bool
append_formatted(StringInfo text, char conversion, const char *value)
{
	if (value == NULL)
		return false;
	switch (conversion)
	{
		case 's':
			return append_string(text, value);
		case 'I':
			return append_string(text, quote_identifier(value));
		case 'L':
			return append_string(text, quote_literal_cstr(value));
		default:
			return false;
	}
}

/*
 * The number before the $ of a %2$s, from 1, or 0 if there is none.  Moves at
 * to the conversion.
 */
static int
read_position(const char **at)
{
	size_t		digits = strspn(*at, "0123456789");
	int			position;

	if (digits == 0 || digits > 4 || (*at)[digits] != '$')
		return 0;
	position = atoi(*at);
	*at += digits + 1;
	return position;
}

/* Widths are not known here: they end what is known. */
static bool
append_format(StringInfo text, List *arguments)
{
	int			count = list_length(arguments);
	char	  **values = palloc(sizeof(char *) * count);
	int			next = 1;

	for (int i = 0; i < count; i++)
		values[i] = value_of(list_nth(arguments, i));
	if (values[0] == NULL)
		return false;
	for (const char *at = values[0]; *at; at++)
	{
		int			position;

		if (text->len >= MAX_TEXT)
			return false;
		if (*at != '%' || *++at == '%')
		{
			appendStringInfoCharMacro(text, *at);
			continue;
		}
		position = read_position(&at);
		if (position > 0)
			next = position;
		if (next >= count || !append_formatted(text, *at, values[next++]))
			return false;
	}
	return true;
}

static bool
append_all(StringInfo text, List *arguments)
{
	ListCell   *cell;

	foreach(cell, arguments)
	{
		if (!hm_constant_text_append(text, lfirst(cell)))
			return false;
	}
	return true;
}

static bool
append_call(StringInfo text, const FuncCall *call)
{
	const char *name = strVal(llast(call->funcname));
	int			count = list_length(call->args);

	if (call->func_variadic || count == 0 ||
		(list_length(call->funcname) > 1 &&
		 strcmp(strVal(linitial(call->funcname)), "pg_catalog") != 0))
		return false;
	if (strcmp(name, "format") == 0)
		return append_format(text, call->args);
	if (strcmp(name, "concat") == 0)
		return append_all(text, call->args);
	if (strcmp(name, "quote_ident") == 0 && count == 1)
		return append_formatted(text, 'I', value_of(linitial(call->args)));
	if (strcmp(name, "quote_literal") == 0 && count == 1)
		return append_formatted(text, 'L', value_of(linitial(call->args)));
	return false;
}

static bool
append_cast(StringInfo text, const TypeCast *cast)
{
	const char *type = strVal(llast(cast->typeName->names));

	return (strcmp(type, "text") == 0 || strcmp(type, "varchar") == 0) &&
		cast->typeName->typmods == NIL &&
		cast->typeName->arrayBounds == NIL &&
		hm_constant_text_append(text, cast->arg);
}

static bool
append_joined(StringInfo text, const A_Expr *expr)
{
	return expr->kind == AEXPR_OP && expr->lexpr != NULL &&
		strcmp(strVal(llast(expr->name)), "||") == 0 &&
		hm_constant_text_append(text, expr->lexpr) &&
		hm_constant_text_append(text, expr->rexpr);
}

bool
hm_constant_text_append(StringInfo text, Node *expression)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	switch (nodeTag(expression))
	{
		case T_A_Const:
			return append_constant(text, (A_Const *) expression);
		case T_A_Expr:
			return append_joined(text, (A_Expr *) expression);
		case T_FuncCall:
			return append_call(text, (FuncCall *) expression);
		case T_TypeCast:
			return append_cast(text, (TypeCast *) expression);
		default:
			return false;
	}
}
