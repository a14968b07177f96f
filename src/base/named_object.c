/*
 * src/base/named_object.c
 *	  One object, as DROP, COMMENT and GRANT name it.
 *
 * The grammar writes the name of each kind of object in its own way, and the
 * server looks for each in its own way; both stand in one table here.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/named.h"
#include "base/resolve.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_subscription.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "commands/policy.h"
#include "commands/proclang.h"
#include "commands/tablespace.h"
#include "commands/trigger.h"
#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "rewrite/rewriteSupport.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

typedef struct KindRule
{
	void		(*resolve) (HmNamed *named, Node *name);
	int			cache;			/* of objects in schemas */
	Oid			(*find) (const char *name, bool missing_ok);
	Oid			(*find_part) (Oid relation, const char *name, bool missing_ok);
} KindRule;

static const KindRule *rule_of(ObjectType kind);

static void
set_name(HmNamed *named, HmQualified parts)
{
	named->schema_name = parts.schema;
	named->name = parts.name;
}

static void
resolve_relation(HmNamed *named, Node *name)
{
	RangeVar	relation = {.type = T_RangeVar};

	if (IsA(name, RangeVar))
		relation = *(RangeVar *) name;
	else if (IsA(name, List))
	{
		HmQualified parts = hm_resolve_parts((List *) name);

		relation.schemaname = parts.schema;
		relation.relname = parts.name;
	}
	named->schema_name = relation.schemaname;
	named->name = relation.relname;
	named->object = named->relation = hm_resolve_relation(&relation);
	if (OidIsValid(named->object))
		named->schema = get_rel_namespace(named->object);
	else if (relation.schemaname != NULL)
		named->schema = hm_resolve_schema(relation.schemaname);
}

/* The last of the names is the part's, the others are the relation's. */
static void
resolve_part(HmNamed *named, Node *name)
{
	List	   *names = IsA(name, List) ? (List *) name : NIL;
	const KindRule *rule = rule_of(named->kind);
	char	   *part;

	if (list_length(names) < 2 || !IsA(llast(names), String))
		return;
	part = strVal(llast(names));
	resolve_relation(named, (Node *) list_truncate(list_copy(names),
												   list_length(names) - 1));
	if (OidIsValid(named->relation))
		named->object = rule->find_part(named->relation, part, true);
	named->part = part;
}

static void
resolve_type(HmNamed *named, Node *name)
{
	List	   *names = NIL;

	if (IsA(name, TypeName))
		names = ((TypeName *) name)->names;
	else if (IsA(name, List))
		names = (List *) name;
	set_name(named, hm_resolve_parts(names));
	named->object = hm_resolve_named_type(hm_resolve_parts(names),
										  &named->schema);
}

/* DROP has a TypeName here, RENAME the names alone. */
static void
resolve_domain_constraint(HmNamed *named, Node *name)
{
	List	   *names = IsA(name, List) ? (List *) name : NIL;
	Oid			domain;

	if (names == NIL || !IsA(linitial(names), TypeName))
	{
		resolve_type(named, name);
		return;
	}
	resolve_type(named, linitial(names));
	named->part = strVal(llast(names));
	domain = named->object;
	if (OidIsValid(domain))
		named->object = get_domain_constraint_oid(domain, strVal(llast(names)),
												  true);
}

static void
resolve_function(HmNamed *named, Node *name)
{
	ObjectWithArgs *function = castNode(ObjectWithArgs, name);

	set_name(named, hm_resolve_parts(function->objname));
	named->arguments = function->objargs;
	named->any_arguments = function->args_unspecified;
	named->object = hm_resolve_function(named->kind, function, &named->schema);
}

static void
resolve_operator(HmNamed *named, Node *name)
{
	ObjectWithArgs *operator = castNode(ObjectWithArgs, name);

	set_name(named, hm_resolve_parts(operator->objname));
	named->arguments = operator->objargs;
	named->object = hm_resolve_operator(operator, &named->schema);
}

static void
resolve_collation(HmNamed *named, Node *name)
{
	set_name(named, hm_resolve_parts(castNode(List, name)));
	named->object = hm_resolve_collation(hm_resolve_parts((List *) name),
										 &named->schema);
}

static void
resolve_in_schema(HmNamed *named, Node *name)
{
	set_name(named, hm_resolve_parts(castNode(List, name)));
	named->object = hm_resolve_in_schema(rule_of(named->kind)->cache,
										 hm_resolve_parts((List *) name),
										 &named->schema);
}

/* The access method comes first. */
static void
resolve_of_method(HmNamed *named, Node *name)
{
	List	   *names = castNode(List, name);
	HmQualified parts = hm_resolve_parts(list_copy_tail(names, 1));

	set_name(named, parts);
	named->object = hm_resolve_of_method(rule_of(named->kind)->cache,
										 strVal(linitial(names)), parts,
										 &named->schema);
}

static void
resolve_plain(HmNamed *named, Node *name)
{
	if (!IsA(name, String))
		return;
	named->name = strVal(name);
	named->object = rule_of(named->kind)->find(named->name, true);
}

static void
resolve_cast(HmNamed *named, Node *name)
{
	List	   *types = castNode(List, name);
	Oid			source = hm_resolve_type(linitial_node(TypeName, types));
	Oid			target = hm_resolve_type(lsecond_node(TypeName, types));

	named->arguments = types;
	if (OidIsValid(source) && OidIsValid(target))
		named->object = get_cast_oid(source, target, true);
}

static void
resolve_transform(HmNamed *named, Node *name)
{
	List	   *names = castNode(List, name);
	Oid			type = hm_resolve_type(linitial_node(TypeName, names));
	Oid			language = get_language_oid(strVal(lsecond(names)), true);

	named->arguments = list_make1(linitial(names));
	named->name = strVal(lsecond(names));
	if (OidIsValid(type) && OidIsValid(language))
		named->object = get_transform_oid(type, language, true);
}

static void
resolve_number(HmNamed *named, Node *name)
{
	if (IsA(name, Integer))
		named->name = psprintf("%d", intVal(name));
	else if (IsA(name, Float))
		named->name = castNode(Float, name)->fval;
}

/* Nothing that we would know how to look for. */
static Oid
find_nothing(const char *name, bool missing_ok)
{
	return InvalidOid;
}

/* A column has no OID of its own. */
static Oid
find_column(Oid relation, const char *name, bool missing_ok)
{
	return get_attnum(relation, name) != InvalidAttrNumber ? relation :
		InvalidOid;
}

#define RELATION {resolve_relation}
#define PART(find) {resolve_part, .find_part = (find)}
#define PLAIN(find_) {resolve_plain, .find = (find_)}
#define IN_SCHEMA(cache_) {resolve_in_schema, .cache = (cache_)}

static const KindRule kind_rules[] = {
	[OBJECT_ACCESS_METHOD] = PLAIN(get_am_oid),
	[OBJECT_AGGREGATE] = {resolve_function},
	[OBJECT_ATTRIBUTE] = PART(find_column),
	[OBJECT_CAST] = {resolve_cast},
	[OBJECT_COLLATION] = {resolve_collation},
	[OBJECT_COLUMN] = PART(find_column),
	[OBJECT_CONVERSION] = IN_SCHEMA(CONNAMENSP),
	[OBJECT_DATABASE] = PLAIN(get_database_oid),
	[OBJECT_DOMAIN] = {resolve_type},
	[OBJECT_DOMCONSTRAINT] = {resolve_domain_constraint},
	[OBJECT_EVENT_TRIGGER] = PLAIN(get_event_trigger_oid),
	[OBJECT_EXTENSION] = PLAIN(get_extension_oid),
	[OBJECT_FDW] = PLAIN(get_foreign_data_wrapper_oid),
	[OBJECT_FOREIGN_SERVER] = PLAIN(get_foreign_server_oid),
	[OBJECT_FOREIGN_TABLE] = RELATION,
	[OBJECT_FUNCTION] = {resolve_function},
	[OBJECT_INDEX] = RELATION,
	[OBJECT_LANGUAGE] = PLAIN(get_language_oid),
	[OBJECT_LARGEOBJECT] = {resolve_number},
	[OBJECT_MATVIEW] = RELATION,
	[OBJECT_OPCLASS] = {resolve_of_method,.cache = CLAAMNAMENSP},
	[OBJECT_OPERATOR] = {resolve_operator},
	[OBJECT_OPFAMILY] = {resolve_of_method,.cache = OPFAMILYAMNAMENSP},
	[OBJECT_PARAMETER_ACL] = PLAIN(find_nothing),
	[OBJECT_POLICY] = PART(get_relation_policy_oid),
	[OBJECT_PROCEDURE] = {resolve_function},
	[OBJECT_PUBLICATION] = PLAIN(get_publication_oid),
	[OBJECT_ROLE] = PLAIN(get_role_oid),
	[OBJECT_ROUTINE] = {resolve_function},
	[OBJECT_RULE] = PART(get_rewrite_oid),
	[OBJECT_SCHEMA] = PLAIN(get_namespace_oid),
	[OBJECT_SEQUENCE] = RELATION,
	[OBJECT_STATISTIC_EXT] = IN_SCHEMA(STATEXTNAMENSP),
	[OBJECT_SUBSCRIPTION] = PLAIN(get_subscription_oid),
	[OBJECT_TABCONSTRAINT] = PART(get_relation_constraint_oid),
	[OBJECT_TABLE] = RELATION,
	[OBJECT_TABLESPACE] = PLAIN(get_tablespace_oid),
	[OBJECT_TRANSFORM] = {resolve_transform},
	[OBJECT_TRIGGER] = PART(get_trigger_oid),
	[OBJECT_TSCONFIGURATION] = IN_SCHEMA(TSCONFIGNAMENSP),
	[OBJECT_TSDICTIONARY] = IN_SCHEMA(TSDICTNAMENSP),
	[OBJECT_TSPARSER] = IN_SCHEMA(TSPARSERNAMENSP),
	[OBJECT_TSTEMPLATE] = IN_SCHEMA(TSTEMPLATENAMENSP),
	[OBJECT_TYPE] = {resolve_type},
	[OBJECT_USER_MAPPING] = PLAIN(find_nothing),
	[OBJECT_VIEW] = RELATION,
};

static const KindRule *
rule_of(ObjectType kind)
{
	return &kind_rules[kind];
}

HmNamed *
hm_named_object(ObjectType kind, Node *name)
{
	HmNamed    *named = palloc0(sizeof(HmNamed));

	named->kind = kind;
	if (name != NULL && kind < lengthof(kind_rules) &&
		rule_of(kind)->resolve != NULL)
		rule_of(kind)->resolve(named, name);
	named->temporary = hm_resolve_is_temporary(named->schema) ||
		(named->schema_name != NULL &&
		 strcmp(named->schema_name, "pg_temp") == 0);
	return named;
}
