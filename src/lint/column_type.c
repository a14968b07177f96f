/*
 * src/lint/column_type.c
 *	  What the type of a column means, as far as the catalogs can tell.
 */
#include "postgres.h"

#include "base/resolve.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "lint/column_type.h"
#include "lint/harmless.h"
#include "nodes/value.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static const struct
{
	const char *name;
	Oid			type;
}			serials[] =

{
	{"serial", INT4OID},
	{"serial4", INT4OID},
	{"bigserial", INT8OID},
	{"serial8", INT8OID},
	{"smallserial", INT2OID},
	{"serial2", INT2OID},
};

/* As transformColumnDefinition() does: only without a schema. */
static Oid
serial_type(const TypeName *name)
{
	if (list_length(name->names) != 1 || name->pct_type ||
		name->arrayBounds != NIL)
		return InvalidOid;
	for (int i = 0; i < lengthof(serials); i++)
	{
		if (strcmp(strVal(linitial(name->names)), serials[i].name) == 0)
			return serials[i].type;
	}
	return InvalidOid;
}

bool
hm_is_serial(const TypeName *name)
{
	return OidIsValid(serial_type(name));
}

typedef struct Question
{
	const TypeName *name;
	Oid			type;
	int32		typmod;
} Question;

static void
ask_for_typmod(void *argument)
{
	Question   *question = argument;

	typenameTypeIdAndMod(NULL, question->name, &question->type,
						 &question->typmod);
}

/* A type that the plan makes or drops is not what the catalogs have. */
static bool
is_of_catalogs(HmWorld *world, const TypeName *name)
{
	HmType	   *type;

	if (!world->catalogs)
		return false;
	if (world->types == NIL)
		return true;
	type = hm_world_type(world, name);
	return type != NULL && OidIsValid(type->oid);
}

Oid
hm_column_type(HmWorld *world, const TypeName *name, int32 *typmod)
{
	Question	question = {name, InvalidOid, -1};
	Oid			type = serial_type(name);

	*typmod = -1;
	if (OidIsValid(type))
		return type;
	if (!is_of_catalogs(world, name))
		return InvalidOid;
	if (name->typmods == NIL && !name->setof)
		return hm_resolve_type(name);
	if (!hm_harmless_attempt(ask_for_typmod, &question))
		return InvalidOid;
	*typmod = question.typmod;
	return question.type;
}

Oid
hm_column_collation(const ColumnDef *column, Oid type)
{
	Oid			schema;

	if (column->collClause)
		return hm_resolve_collation(hm_resolve_parts(column->collClause->collname),
									&schema);
	return OidIsValid(type) ? get_typcollation(type) : InvalidOid;
}

/* What the grammar makes of the standard's names, and what they are. */
static const struct
{
	const char *internal;
	const char *shown;
	const char *behind;			/* comes behind the modifiers */
}			shown_types[] =

{
	{"bit", "bit", ""},
	{"bool", "boolean", ""},
	{"bpchar", "character", ""},
	{"float4", "real", ""},
	{"float8", "double precision", ""},
	{"int2", "smallint", ""},
	{"int4", "integer", ""},
	{"int8", "bigint", ""},
	{"interval", "interval", ""},
	{"json", "json", ""},		/* a key word since 16 */
	{"numeric", "numeric", ""},
	{"time", "time", " without time zone"},
	{"timestamp", "timestamp", " without time zone"},
	{"timestamptz", "timestamp", " with time zone"},
	{"timetz", "time", " with time zone"},
	{"varbit", "bit varying", ""},
	{"varchar", "character varying", ""},
};

static const char *
shown_name(const TypeName *name, const char **behind)
{
	const char *last = name->names ? strVal(llast(name->names)) : "";

	*behind = "";
	if (list_length(name->names) != 2 ||
		strcmp(strVal(linitial(name->names)), "pg_catalog") != 0)
		return TypeNameToString(name);
	for (int i = 0; i < lengthof(shown_types); i++)
	{
		if (strcmp(shown_types[i].internal, last) == 0)
		{
			*behind = name->arrayBounds == NIL ? shown_types[i].behind :
				psprintf("%s[]", shown_types[i].behind);
			return shown_types[i].shown;
		}
	}
	return TypeNameToString(name);
}

char *
hm_type_display(const TypeName *name)
{
	const char *behind;
	StringInfoData display;
	ListCell   *cell;

	initStringInfo(&display);
	appendStringInfoString(&display, shown_name(name, &behind));
	foreach(cell, name->typmods)
	{
		A_Const    *constant = lfirst(cell);

		appendStringInfoString(&display, cell == list_head(name->typmods) ?
							   "(" : ", ");
		if (IsA(constant, A_Const) && IsA(&constant->val, Integer))
			appendStringInfo(&display, "%d", intVal(&constant->val));
		else
			appendStringInfoString(&display, "...");
	}
	if (name->typmods != NIL)
		appendStringInfoChar(&display, ')');
	appendStringInfoString(&display, behind);
	return display.data;
}
