/*
 * src/base/named_parts.c
 *	  The makers of HmNamed.
 */
#include "postgres.h"

#include "base/named_parts.h"
#include "base/resolve.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

List *
hm_named_relation(List *list, ObjectType kind, const RangeVar *relation)
{
	HmNamed    *named;

	if (relation == NULL)
		return list;
	named = hm_named_object(OBJECT_TABLE,
							(Node *) unconstify(RangeVar *, relation));
	named->kind = kind;
	return lappend(list, named);
}

List *
hm_named_part(List *list, ObjectType kind, const RangeVar *relation,
			  char *part)
{
	List	   *names;

	if (part == NULL)
		return hm_named_relation(list, OBJECT_TABLE, relation);
	names = list_make2(makeString(relation->relname), makeString(part));
	if (relation->schemaname != NULL)
		names = lcons(makeString(relation->schemaname), names);
	return lappend(list, hm_named_object(kind, (Node *) names));
}

List *
hm_named_string(List *list, ObjectType kind, char *name)
{
	return name == NULL ? list :
		lappend(list, hm_named_object(kind, (Node *) makeString(name)));
}

char *
hm_named_role_name(const RoleSpec *role)
{
	switch (role->roletype)
	{
		case ROLESPEC_CSTRING:
			return role->rolename;
		case ROLESPEC_SESSION_USER:
			return GetUserNameFromId(GetSessionUserId(), true);
		case ROLESPEC_PUBLIC:
			return "public";
		default:
			return GetUserNameFromId(GetUserId(), true);
	}
}

List *
hm_named_role(List *list, const RoleSpec *role)
{
	return role == NULL ? list :
		hm_named_string(list, OBJECT_ROLE, hm_named_role_name(role));
}

List *
hm_named_whole_schema(List *list, char *name)
{
	HmNamed    *named = hm_named_object(OBJECT_SCHEMA,
										(Node *) makeString(name));

	named->schema = named->object;
	named->temporary = hm_resolve_is_temporary(named->schema) ||
		strcmp(name, "pg_temp") == 0;
	named->whole_schema = true;
	return lappend(list, named);
}

/* In its schema, as far as that is there already. */
static HmNamed *
make_named(ObjectType kind, bool look, HmPlace place, char *name)
{
	char	   *schema = OidIsValid(place.schema) ?
	get_namespace_name(place.schema) : NULL;
	HmNamed    *named;

	if (schema == NULL || !look)
		named = palloc0(sizeof(HmNamed));
	else
		named = hm_named_object(kind,
								(Node *) list_make2(makeString(schema),
													makeString(name)));
	named->kind = kind;
	named->schema = place.schema;
	named->schema_name = place.temporary ? "pg_temp" : schema;
	named->name = name;
	named->temporary = place.temporary;
	named->made = true;
	return named;
}

List *
hm_named_made_relation(List *list, ObjectType kind, const RangeVar *relation)
{
	HmNamed    *named = make_named(OBJECT_TABLE, true,
								   hm_resolve_relation_creation(relation),
								   relation->relname);

	named->kind = kind;
	if (named->schema_name == NULL)
		named->schema_name = relation->schemaname;
	return lappend(list, named);
}

List *
hm_named_made_index(List *list, const HmNamed *table, char *name)
{
	HmPlace		place = {table->schema, table->temporary};

	return name == NULL ? list :
		lappend(list, make_named(OBJECT_INDEX, true, place, name));
}

/* Functions and operators are looked for by more than the name. */
static bool
has_plain_name(ObjectType kind)
{
	return kind != OBJECT_AGGREGATE && kind != OBJECT_FUNCTION &&
		kind != OBJECT_PROCEDURE && kind != OBJECT_OPERATOR &&
		kind != OBJECT_OPCLASS && kind != OBJECT_OPFAMILY &&
		kind != OBJECT_ACCESS_METHOD;
}

List *
hm_named_made(List *list, ObjectType kind, List *name)
{
	HmQualified parts = hm_resolve_parts(name);

	if (parts.name == NULL)
		return list;
	return lappend(list, make_named(kind, has_plain_name(kind),
									hm_resolve_creation(parts.schema),
									parts.name));
}
