/*
 * src/base/resolve.c
 *	  What a name means: without a lock, a privilege or an error.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "base/compat.h"
#include "base/resolve.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#define MAX_PATH_SCHEMAS 64

/* What is looked for in one schema after the other. */
typedef struct Search
{
	Oid			(*find) (const struct Search *search, Oid schema);
	HmQualified name;
	int			cache;
	Oid			first;			/* left argument, access method */
	Oid			second;			/* right argument */
	oidvector  *arguments;		/* NULL: any */
	ObjectType	kind;
} Search;

HmQualified
hm_resolve_parts(List *names)
{
	HmQualified parts = {NULL, NULL};
	ListCell   *cell;

	if (names == NIL || list_length(names) > 3)
		return parts;
	foreach(cell, names)
	{
		if (!IsA(lfirst(cell), String))
			return parts;
	}
	parts.name = strVal(llast(names));
	if (list_length(names) > 1)
		parts.schema = strVal(list_nth(names, list_length(names) - 2));
	return parts;
}

Oid
hm_resolve_role(const char *name)
{
	return strlen(name) < NAMEDATALEN ? get_role_oid(name, true) : InvalidOid;
}

Oid
hm_resolve_actor(const char *name, Oid role, int64 server)
{
	return server == (int64) GetSystemIdentifier() ? role :
		hm_resolve_role(name);
}

Oid
hm_resolve_schema(const char *name)
{
	return LookupNamespaceNoError(name);
}

bool
hm_resolve_is_temporary(Oid schema)
{
	const char *name = OidIsValid(schema) ? get_namespace_name(schema) : NULL;

	return name != NULL && (strncmp(name, "pg_temp_", 8) == 0 ||
							strncmp(name, "pg_toast_temp_", 14) == 0);
}

static Oid
own_temporary_schema(void)
{
	Oid			schema;
	Oid			toast_schema;

	GetTempNamespaceState(&schema, &toast_schema);
	return schema;
}

/*
 * A search_path that begins with pg_temp creates temporary objects, also in a
 * session that has none yet; the server notes that where we cannot see it.
 */
static bool
path_begins_temporary(void)
{
	List	   *names;
	ListCell   *cell;

	if (strstr(namespace_search_path, "pg_temp") == NULL ||
		OidIsValid(own_temporary_schema()) ||
		!SplitIdentifierString(pstrdup(namespace_search_path), ',', &names))
		return false;
	foreach(cell, names)
	{
		const char *name = lfirst(cell);

		if (strcmp(name, "pg_temp") == 0)
			return true;
		if (strcmp(name, "$user") == 0)
			name = GetUserNameFromId(GetUserId(), true);
		if (name != NULL && OidIsValid(get_namespace_oid(name, true)))
			return false;
	}
	return false;
}

HmPlace
hm_resolve_creation(const char *schema)
{
	HmPlace		place;
	List	   *path;

	if (schema != NULL)
	{
		place.schema = hm_resolve_schema(schema);
		place.temporary = strcmp(schema, "pg_temp") == 0 ||
			hm_resolve_is_temporary(place.schema);
		return place;
	}
	path = hm_compat_search_path();
	place.temporary = path_begins_temporary();
	place.schema = path == NIL || place.temporary ? InvalidOid :
		linitial_oid(path);
	place.temporary |= hm_resolve_is_temporary(place.schema);
	return place;
}

HmPlace
hm_resolve_relation_creation(const RangeVar *name)
{
	return hm_resolve_creation(name->relpersistence == RELPERSISTENCE_TEMP ?
							   "pg_temp" : name->schemaname);
}

Oid
hm_resolve_relation(const RangeVar *name)
{
	Oid			schema;

	if (name->relname == NULL)
		return InvalidOid;
	if (name->relpersistence == RELPERSISTENCE_TEMP)
		schema = own_temporary_schema();
	else if (name->schemaname != NULL)
		schema = hm_resolve_schema(name->schemaname);
	else
		return RelnameGetRelid(name->relname);
	return OidIsValid(schema) ? get_relname_relid(name->relname, schema) :
		InvalidOid;
}

static Oid
type_schema(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Oid			schema;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	schema = ((Form_pg_type) GETSTRUCT(tuple))->typnamespace;
	ReleaseSysCache(tuple);
	return schema;
}

Oid
hm_resolve_named_type(HmQualified name, Oid *schema)
{
	Oid			type;

	*schema = InvalidOid;
	if (name.name == NULL)
		return InvalidOid;
	if (name.schema == NULL)
	{
		type = TypenameGetTypid(name.name);
		if (OidIsValid(type))
			*schema = type_schema(type);
		return type;
	}
	*schema = hm_resolve_schema(name.schema);
	return OidIsValid(*schema) ?
		GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
						CStringGetDatum(name.name),
						ObjectIdGetDatum(*schema)) : InvalidOid;
}

/* table.column%TYPE */
static Oid
type_of_column(List *names)
{
	List	   *table = list_truncate(list_copy(names),
									  list_length(names) - 1);
	HmQualified parts = hm_resolve_parts(table);
	RangeVar	name = {.type = T_RangeVar};
	Oid			relid;
	AttrNumber	number;

	if (parts.name == NULL || !IsA(llast(names), String))
		return InvalidOid;
	name.schemaname = parts.schema;
	name.relname = parts.name;
	relid = hm_resolve_relation(&name);
	number = OidIsValid(relid) ? get_attnum(relid, strVal(llast(names))) :
		InvalidAttrNumber;
	return number == InvalidAttrNumber ? InvalidOid : get_atttype(relid, number);
}

Oid
hm_resolve_type(const TypeName *name)
{
	Oid			schema;
	Oid			type;

	if (name->names == NIL)
		type = name->typeOid;
	else if (name->pct_type)
		type = type_of_column(name->names);
	else
		type = hm_resolve_named_type(hm_resolve_parts(name->names), &schema);
	if (name->arrayBounds != NIL && OidIsValid(type))
		type = get_array_type(type);
	return type;
}

/*
 * Temporary schemas are left out, as the server leaves them out for all but
 * relations and types.
 */
static Oid
find_on_path(const Search *search, Oid *schema)
{
	Oid			path[MAX_PATH_SCHEMAS];
	int			npath;

	*schema = InvalidOid;
	if (search->name.name == NULL)
		return InvalidOid;
	if (search->name.schema != NULL)
	{
		*schema = hm_resolve_schema(search->name.schema);
		return OidIsValid(*schema) ? search->find(search, *schema) :
			InvalidOid;
	}
	npath = Min(fetch_search_path_array(path, lengthof(path)),
				lengthof(path));
	for (int i = 0; i < npath; i++)
	{
		Oid			object = search->find(search, path[i]);

		if (OidIsValid(object))
		{
			*schema = path[i];
			return object;
		}
	}
	return InvalidOid;
}

/* Every catalog's OID is its first column. */
static Oid
find_plain(const Search *search, Oid schema)
{
	return GetSysCacheOid2(search->cache, 1,
						   CStringGetDatum(search->name.name),
						   ObjectIdGetDatum(schema));
}

Oid
hm_resolve_in_schema(int cache, HmQualified name, Oid *schema)
{
	Search		search = {find_plain, name,.cache = cache};

	return find_on_path(&search, schema);
}

static Oid
find_of_method(const Search *search, Oid schema)
{
	return GetSysCacheOid3(search->cache, 1, ObjectIdGetDatum(search->first),
						   CStringGetDatum(search->name.name),
						   ObjectIdGetDatum(schema));
}

Oid
hm_resolve_of_method(int cache, const char *method, HmQualified name,
					 Oid *schema)
{
	Search		search = {find_of_method, name,.cache = cache};

	search.first = get_am_oid(method, true);
	return find_on_path(&search, schema);
}

static Oid
find_collation(const Search *search, Oid schema)
{
	const int	encodings[] = {GetDatabaseEncoding(), -1};

	for (int i = 0; i < lengthof(encodings); i++)
	{
		Oid			collation = GetSysCacheOid3(COLLNAMEENCNSP,
												Anum_pg_collation_oid,
												CStringGetDatum(search->name.name),
												Int32GetDatum(encodings[i]),
												ObjectIdGetDatum(schema));

		if (OidIsValid(collation))
			return collation;
	}
	return InvalidOid;
}

Oid
hm_resolve_collation(HmQualified name, Oid *schema)
{
	Search		search = {find_collation, name};

	return find_on_path(&search, schema);
}

static Oid
find_operator(const Search *search, Oid schema)
{
	return GetSysCacheOid4(OPERNAMENSP, Anum_pg_operator_oid,
						   CStringGetDatum(search->name.name),
						   ObjectIdGetDatum(search->first),
						   ObjectIdGetDatum(search->second),
						   ObjectIdGetDatum(schema));
}

/* A unary operator has NULL for the argument it lacks. */
static Oid
operand(List *arguments, int number)
{
	if (number >= list_length(arguments) ||
		list_nth(arguments, number) == NULL)
		return InvalidOid;
	return hm_resolve_type(list_nth_node(TypeName, arguments, number));
}

Oid
hm_resolve_operator(const ObjectWithArgs *name, Oid *schema)
{
	Search		search = {find_operator, hm_resolve_parts(name->objname)};

	search.first = operand(name->objargs, 0);
	search.second = operand(name->objargs, 1);
	return find_on_path(&search, schema);
}

static bool
is_of_kind(HeapTuple tuple, ObjectType kind)
{
	char		prokind = ((Form_pg_proc) GETSTRUCT(tuple))->prokind;

	switch (kind)
	{
		case OBJECT_AGGREGATE:
			return prokind == PROKIND_AGGREGATE;
		case OBJECT_PROCEDURE:
			return prokind == PROKIND_PROCEDURE;
		case OBJECT_FUNCTION:
			return prokind != PROKIND_AGGREGATE &&
				prokind != PROKIND_PROCEDURE;
		default:
			return true;
	}
}

static bool
matches_function(const Search *search, HeapTuple tuple, Oid schema)
{
	Form_pg_proc function = (Form_pg_proc) GETSTRUCT(tuple);

	return function->pronamespace == schema &&
		is_of_kind(tuple, search->kind) &&
		(search->arguments == NULL ||
		 (function->proargtypes.dim1 == search->arguments->dim1 &&
		  memcmp(function->proargtypes.values, search->arguments->values,
				 search->arguments->dim1 * sizeof(Oid)) == 0));
}

/* With a name only, the first is as good as any other. */
static Oid
find_function(const Search *search, Oid schema)
{
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP,
										   CStringGetDatum(search->name.name));
	Oid			found = InvalidOid;

	for (int i = 0; i < list->n_members && !OidIsValid(found); i++)
	{
		HeapTuple	tuple = &list->members[i]->tuple;

		if (matches_function(search, tuple, schema))
			found = ((Form_pg_proc) GETSTRUCT(tuple))->oid;
	}
	ReleaseSysCacheList(list);
	return found;
}

static oidvector *
argument_types(List *names)
{
	oidvector  *types = buildoidvector(NULL, list_length(names));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, names)
		types->values[n++] = hm_resolve_type(lfirst_node(TypeName, cell));
	return types;
}

Oid
hm_resolve_function(ObjectType kind, const ObjectWithArgs *name, Oid *schema)
{
	Search		search = {find_function, hm_resolve_parts(name->objname)};

	search.kind = kind;
	if (!name->args_unspecified)
		search.arguments = argument_types(name->objargs);
	return find_on_path(&search, schema);
}
