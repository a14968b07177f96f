/*
 * src/audit/belongings.c
 *	  All objects that are ours.
 */
#include "postgres.h"

#include "audit/belongings.h"
#include "audit/relations.h"
#include "base/depend.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

static void
append(HmBelongings *belongings, Oid class_id, Oid object_id)
{
	if (!OidIsValid(object_id))
		return;
	if (belongings->count == belongings->size)
	{
		belongings->size *= 2;
		belongings->items = repalloc(belongings->items,
									 belongings->size * sizeof(HmBelonging));
	}
	belongings->items[belongings->count].class_id = class_id;
	belongings->items[belongings->count++].object_id = object_id;
}

static void
append_members(HmBelongings *belongings)
{
	ListCell   *cell;

	foreach(cell, hm_depend_on(ExtensionRelationId, hm_relations_extension(),
							   0))
	{
		Form_pg_depend depend = lfirst(cell);

		if (depend->deptype == DEPENDENCY_EXTENSION)
			append(belongings, depend->classid, depend->objid);
	}
}

static void
append_relations(HmBelongings *belongings)
{
	int			count;
	const Oid  *relations = hm_relations_all(&count);

	/* Cache lookups may load the relations anew. */
	relations = memcpy(palloc(count * sizeof(Oid)), relations,
					   count * sizeof(Oid));
	for (int i = 0; i < count; i++)
	{
		Oid			type = get_rel_type_id(relations[i]);

		append(belongings, RelationRelationId, relations[i]);
		append(belongings, TypeRelationId, type);
		if (OidIsValid(type))
			append(belongings, TypeRelationId, get_array_type(type));
	}
}

static int
compare(const void *one, const void *other)
{
	const HmBelonging *a = one;
	const HmBelonging *b = other;

	if (a->class_id != b->class_id)
		return a->class_id < b->class_id ? -1 : 1;
	return a->object_id < b->object_id ? -1 : a->object_id > b->object_id;
}

HmBelongings *
hm_belongings_load(void)
{
	HmBelongings *belongings = palloc0(sizeof(HmBelongings));

	belongings->size = 256;
	belongings->items = palloc(belongings->size * sizeof(HmBelonging));
	append(belongings, ExtensionRelationId, hm_relations_extension());
	append(belongings, NamespaceRelationId, hm_relations_schema());
	append_members(belongings);
	append_relations(belongings);
	qsort(belongings->items, belongings->count, sizeof(HmBelonging), compare);
	return belongings;
}

bool
hm_belongings_have(const HmBelongings *belongings, Oid class_id,
				   Oid object_id)
{
	HmBelonging key = {class_id, object_id};

	return bsearch(&key, belongings->items, belongings->count,
				   sizeof(HmBelonging), compare) != NULL;
}

void
hm_belongings_free(HmBelongings *belongings)
{
	pfree(belongings->items);
	pfree(belongings);
}
