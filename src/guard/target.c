/*
 * src/guard/target.c
 *	  What a command names, for people to read and exemptions to be measured.
 */
#include "postgres.h"

#include "base/named.h"
#include "base/resolve.h"
#include "catalog/pg_class.h"
#include "guard/command.h"
#include "guard/idle.h"
#include "guard/target.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* As event triggers call them. */
static const char *const kind_words[] = {
	[OBJECT_ACCESS_METHOD] = "access method",
	[OBJECT_AGGREGATE] = "aggregate",
	[OBJECT_ATTRIBUTE] = "composite type column",
	[OBJECT_CAST] = "cast",
	[OBJECT_COLLATION] = "collation",
	[OBJECT_COLUMN] = "table column",
	[OBJECT_CONVERSION] = "conversion",
	[OBJECT_DATABASE] = "database",
	[OBJECT_DOMAIN] = "type",
	[OBJECT_DOMCONSTRAINT] = "domain constraint",
	[OBJECT_EVENT_TRIGGER] = "event trigger",
	[OBJECT_EXTENSION] = "extension",
	[OBJECT_FDW] = "foreign-data wrapper",
	[OBJECT_FOREIGN_SERVER] = "server",
	[OBJECT_FOREIGN_TABLE] = "foreign table",
	[OBJECT_FUNCTION] = "function",
	[OBJECT_INDEX] = "index",
	[OBJECT_LANGUAGE] = "language",
	[OBJECT_LARGEOBJECT] = "large object",
	[OBJECT_MATVIEW] = "materialized view",
	[OBJECT_OPCLASS] = "operator class",
	[OBJECT_OPERATOR] = "operator",
	[OBJECT_OPFAMILY] = "operator family",
	[OBJECT_PARAMETER_ACL] = "setting",
	[OBJECT_POLICY] = "policy",
	[OBJECT_PROCEDURE] = "procedure",
	[OBJECT_PUBLICATION] = "publication",
	[OBJECT_ROLE] = "role",
	[OBJECT_ROUTINE] = "routine",
	[OBJECT_RULE] = "rule",
	[OBJECT_SCHEMA] = "schema",
	[OBJECT_SEQUENCE] = "sequence",
	[OBJECT_STATISTIC_EXT] = "statistics object",
	[OBJECT_SUBSCRIPTION] = "subscription",
	[OBJECT_TABCONSTRAINT] = "table constraint",
	[OBJECT_TABLE] = "table",
	[OBJECT_TABLESPACE] = "tablespace",
	[OBJECT_TRANSFORM] = "transform",
	[OBJECT_TRIGGER] = "trigger",
	[OBJECT_TSCONFIGURATION] = "text search configuration",
	[OBJECT_TSDICTIONARY] = "text search dictionary",
	[OBJECT_TSPARSER] = "text search parser",
	[OBJECT_TSTEMPLATE] = "text search template",
	[OBJECT_TYPE] = "type",
	[OBJECT_USER_MAPPING] = "user mapping",
	[OBJECT_VIEW] = "view",
};

static bool
is_relation(ObjectType kind)
{
	return kind == OBJECT_TABLE || kind == OBJECT_VIEW ||
		kind == OBJECT_INDEX || kind == OBJECT_SEQUENCE ||
		kind == OBJECT_MATVIEW || kind == OBJECT_FOREIGN_TABLE;
}

/* ALTER TABLE reaches views too: what is there knows better. */
static const char *
word_for(const HmNamed *named)
{
	if (is_relation(named->kind) && OidIsValid(named->object) && !named->made)
	{
		switch (get_rel_relkind(named->object))
		{
			case RELKIND_VIEW:
				return "view";
			case RELKIND_MATVIEW:
				return "materialized view";
			case RELKIND_SEQUENCE:
				return "sequence";
			case RELKIND_INDEX:
			case RELKIND_PARTITIONED_INDEX:
				return "index";
			case RELKIND_FOREIGN_TABLE:
				return "foreign table";
			default:
				return "table";
		}
	}
	return named->kind < lengthof(kind_words) && kind_words[named->kind] ?
		kind_words[named->kind] : "object";
}

static void
append_arguments(StringInfo identity, const HmNamed *named)
{
	const char *separator = "";
	ListCell   *cell;

	appendStringInfoChar(identity, '(');
	foreach(cell, named->arguments)
	{
		TypeName   *type = lfirst(cell);
		Oid			oid = type ? hm_resolve_type(type) : InvalidOid;

		appendStringInfoString(identity, separator);
		if (type == NULL)
			appendStringInfoString(identity, "NONE");
		else
			appendStringInfoString(identity, OidIsValid(oid) ?
								   format_type_extended(oid, -1,
														FORMAT_TYPE_ALLOW_INVALID) :
								   strVal(llast(type->names)));
		separator = ", ";
	}
	appendStringInfoChar(identity, ')');
}

/* Those of new aggregates and operators stand among their properties. */
static bool
takes_arguments(const HmNamed *named)
{
	if (named->arguments != NIL)
		return true;
	return !named->any_arguments &&
		(named->kind == OBJECT_FUNCTION || named->kind == OBJECT_PROCEDURE ||
		 named->kind == OBJECT_ROUTINE ||
		 (named->kind == OBJECT_AGGREGATE && !named->made));
}

/* Operators, numbers and settings are written as they are. */
static bool
is_quoted(ObjectType kind)
{
	return kind != OBJECT_OPERATOR && kind != OBJECT_USER_MAPPING &&
		kind != OBJECT_LARGEOBJECT && kind != OBJECT_PARAMETER_ACL;
}

static const char *
schema_word(const HmNamed *named)
{
	if (named->whole_schema)
		return NULL;
	if (named->temporary)
		return "pg_temp";
	if (named->schema_name != NULL)
		return named->schema_name;
	return OidIsValid(named->schema) ?
		get_namespace_name(named->schema) : NULL;
}

static char *
identity_of(const HmNamed *named)
{
	StringInfoData identity;
	const char *schema = schema_word(named);

	initStringInfo(&identity);
	if (schema != NULL)
		appendStringInfo(&identity, "%s.", quote_identifier(schema));
	if (named->name != NULL)
		appendStringInfoString(&identity, is_quoted(named->kind) ?
							   quote_identifier(named->name) : named->name);
	if (named->part != NULL)
		appendStringInfo(&identity, ".%s", quote_identifier(named->part));
	if (takes_arguments(named))
		append_arguments(&identity, named);
	return identity.data;
}

List *
hm_guard_targets(Node *tree)
{
	List	   *targets = NIL;
	ListCell   *cell;

	foreach(cell, hm_named_by(hm_guard_look_through(tree)))
	{
		const HmNamed *named = lfirst(cell);
		HmTarget   *target;

		if (named->name == NULL && named->arguments == NIL)
			continue;
		target = palloc(sizeof(HmTarget));
		target->type = word_for(named);
		target->identity = identity_of(named);
		target->schema = named->schema;
		targets = lappend(targets, target);
	}
	return targets;
}

bool
hm_guard_within_schema(Node *tree, Oid schema)
{
	bool		found = false;
	bool		missing_ok;
	ListCell   *cell;

	tree = hm_guard_look_through(tree);
	missing_ok = hm_guard_tolerates_missing(tree);
	foreach(cell, hm_named_by(tree))
	{
		const HmNamed *named = lfirst(cell);

		if (OidIsValid(schema) && named->schema == schema)
			found = true;
		else if (!named->temporary &&
				 (!missing_ok || OidIsValid(named->object)))
			return false;
	}
	return found;
}
