/*
 * src/lint/dependents.c
 *	  What depends on a relation, a column, or any other object.
 *
 * pg_depend is followed from what is depended on to what depends.  What is
 * only the inside of something else (INTERNAL) stands for that.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "base/depend.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "lint/dependents.h"
#include "lint/world_parts.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Nobody reads more, and a schema may hold any number. */
#define MAX_DEPENDENTS 1000

#define DEFAULT_OF_COLUMN "default of column"

typedef struct Search
{
	HmWorld    *world;
	bool		cascade;		/* also what depends on dependents */
	List	   *seen;			/* of ObjectAddress * */
	List	   *waiting;		/* of ObjectAddress *, to be expanded */
	List	   *found;			/* of HmDependent * */
} Search;

/* A copy of the row of a rule, a default, a trigger or a policy, or NULL. */
static HeapTuple
part_row(Oid class, Oid object)
{
	Relation	catalog = table_open(class, AccessShareLock);
	Oid			index = class == AttrDefaultRelationId ? AttrDefaultOidIndexId :
	class == RewriteRelationId ? RewriteOidIndexId :
	class == TriggerRelationId ? TriggerOidIndexId : PolicyOidIndexId;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	/* All four begin with their number. */
	ScanKeyInit(&key, Anum_pg_rewrite_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(object));
	scan = systable_beginscan(catalog, index, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		tuple = heap_copytuple(tuple);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return tuple;
}

Oid
hm_part_table(Oid class, Oid object)
{
	HeapTuple	tuple = part_row(class, object);

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	switch (class)
	{
		case RewriteRelationId:
			return ((Form_pg_rewrite) GETSTRUCT(tuple))->ev_class;
		case AttrDefaultRelationId:
			return ((Form_pg_attrdef) GETSTRUCT(tuple))->adrelid;
		case TriggerRelationId:
			return ((Form_pg_trigger) GETSTRUCT(tuple))->tgrelid;
		default:
			return ((Form_pg_policy) GETSTRUCT(tuple))->polrelid;
	}
}

/* What a person calls it by: the view of a rule, the column of a value. */
static ObjectAddress
outside_of(ObjectAddress inside)
{
	HeapTuple	tuple;

	if (inside.classId == RewriteRelationId)
	{
		tuple = part_row(RewriteRelationId, inside.objectId);
		if (HeapTupleIsValid(tuple) &&
			strcmp(NameStr(((Form_pg_rewrite) GETSTRUCT(tuple))->rulename),
				   "_RETURN") == 0)
			ObjectAddressSet(inside, RelationRelationId,
							 ((Form_pg_rewrite) GETSTRUCT(tuple))->ev_class);
	}
	else if (inside.classId == AttrDefaultRelationId)
	{
		tuple = part_row(AttrDefaultRelationId, inside.objectId);
		if (HeapTupleIsValid(tuple))
		{
			Form_pg_attrdef form = (Form_pg_attrdef) GETSTRUCT(tuple);

			ObjectAddressSubSet(inside, RelationRelationId, form->adrelid,
								form->adnum);
		}
	}
	return inside;
}

/* Internal to something that is itself found: nobody has heard of it. */
static bool
is_hidden(ObjectAddress object)
{
	HeapTuple	tuple;

	switch (object.classId)
	{
		case RelationRelationId:
			return get_rel_relkind(object.objectId) == RELKIND_TOASTVALUE;
		case TypeRelationId:
			return get_typtype(object.objectId) == TYPTYPE_COMPOSITE ?
				get_rel_relkind(get_typ_typrelid(object.objectId)) !=
				RELKIND_COMPOSITE_TYPE :
				OidIsValid(get_element_type(object.objectId));
		case TriggerRelationId:
			tuple = part_row(TriggerRelationId, object.objectId);
			return !HeapTupleIsValid(tuple) ||
				((Form_pg_trigger) GETSTRUCT(tuple))->tgisinternal;
		default:
			return false;
	}
}

/* Descriptions. */

const char *
hm_kind_of_relation(char relkind)
{
	switch (relkind)
	{
		case RELKIND_VIEW:
			return "view";
		case RELKIND_MATVIEW:
			return "materialized view";
		case RELKIND_INDEX:
		case RELKIND_PARTITIONED_INDEX:
			return "index";
		case RELKIND_SEQUENCE:
			return "sequence";
		case RELKIND_FOREIGN_TABLE:
			return "foreign table";
		case RELKIND_COMPOSITE_TYPE:
			return "type";
		default:
			return "table";
	}
}

static const char *
kind_of_constraint(char contype)
{
	switch (contype)
	{
		case CONSTRAINT_FOREIGN:
			return "foreign key";
		case CONSTRAINT_PRIMARY:
			return "primary key";
		case CONSTRAINT_UNIQUE:
			return "unique constraint";
		case CONSTRAINT_CHECK:
			return "check constraint";
		case CONSTRAINT_EXCLUSION:
			return "exclusion constraint";
		default:
			return "constraint";
	}
}

static bool
is_generated(const ObjectAddress *column)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM,
										ObjectIdGetDatum(column->objectId),
										Int16GetDatum(column->objectSubId));
	bool		generated;

	if (!HeapTupleIsValid(tuple))
		return false;
	generated = ((Form_pg_attribute) GETSTRUCT(tuple))->attgenerated != '\0';
	ReleaseSysCache(tuple);
	return generated;
}

/* By its value it depends on other things, by its type too. */
static const char *
kind_of_column(const ObjectAddress *column, bool value)
{
	if (is_generated(column))
		return "generated column";
	return value ? DEFAULT_OF_COLUMN : "column";
}

static void
describe_constraint(HmDependent *dependent, Oid *relid)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID,
										ObjectIdGetDatum(dependent->object));

	if (!HeapTupleIsValid(tuple))
		return;
	dependent->contype = ((Form_pg_constraint) GETSTRUCT(tuple))->contype;
	dependent->kind = kind_of_constraint(dependent->contype);
	*relid = ((Form_pg_constraint) GETSTRUCT(tuple))->conrelid;
	ReleaseSysCache(tuple);
}

/* Its kind, and the relation that it is or is a part of. */
static Oid
describe(HmDependent *dependent, const ObjectAddress *address, bool value)
{
	Oid			relid = InvalidOid;

	switch (address->classId)
	{
		case RelationRelationId:
			relid = address->objectId;
			dependent->relkind = get_rel_relkind(relid);
			dependent->kind = address->objectSubId != 0 ?
				kind_of_column(address, value) :
				hm_kind_of_relation(dependent->relkind);
			break;
		case ConstraintRelationId:
			describe_constraint(dependent, &relid);
			break;
		case TriggerRelationId:
			dependent->kind = "trigger";
			relid = hm_part_table(address->classId, address->objectId);
			break;
		case PolicyRelationId:
			dependent->kind = "policy";
			relid = hm_part_table(address->classId, address->objectId);
			break;
		case PublicationRelRelationId:
			dependent->kind = "published table";
			break;
		case StatisticExtRelationId:
			dependent->kind = "statistics";
			break;
		default:
			break;
	}
	if (dependent->kind == NULL)
		dependent->kind = getObjectTypeDescription(address, true);
	return relid;
}

static bool
is_default_gone(const HmDependent *dependent)
{
	ListCell   *cell;

	foreach(cell, hm_relation_columns(dependent->relation))
	{
		HmColumn   *column = lfirst(cell);

		if (column->number == dependent->part)
			return !column->has_default || column->default_tree != NULL;
	}
	return true;
}

/* Its name is "t on public.x". */
static bool
is_part_gone(const HmDependent *dependent)
{
	ListCell   *cell;

	foreach(cell, dependent->relation->parts_gone)
	{
		const char *name = psprintf("%s on ", quote_identifier(lfirst(cell)));

		if (strncmp(dependent->name, name, strlen(name)) == 0)
			return true;
	}
	return false;
}

/* Whether the plan has dropped it. */
static bool
is_gone(const HmDependent *dependent)
{
	HmRelation *relation = dependent->relation;
	ListCell   *cell;

	if (relation == NULL)
		return false;
	if (relation->gone)
		return true;
	if (strcmp(dependent->kind, DEFAULT_OF_COLUMN) == 0)
		return is_default_gone(dependent);
	if (dependent->class == TriggerRelationId ||
		dependent->class == PolicyRelationId)
		return is_part_gone(dependent);
	if (dependent->class != ConstraintRelationId)
		return false;
	foreach(cell, hm_relation_constraints(relation))
	{
		if (((HmConstraint *) lfirst(cell))->oid == dependent->object)
			return false;
	}
	return true;
}

static void
add_found(Search *search, const ObjectAddress *address, bool own, bool value)
{
	HmDependent *dependent = palloc0(sizeof(HmDependent));
	Oid			relid;

	dependent->class = address->classId;
	dependent->object = address->objectId;
	dependent->part = address->objectSubId;
	dependent->own = own;
	dependent->name = getObjectIdentity(address, true);
	if (dependent->name == NULL)
		return;
	relid = describe(dependent, address, value);
	if (OidIsValid(relid))
		dependent->relation = hm_world_relation_of(search->world, relid);
	if (!is_gone(dependent))
		search->found = lappend(search->found, dependent);
}

/* The search. */

/* A column is also met where its table is the target, or was seen. */
static bool
is_seen(Search *search, const ObjectAddress *address)
{
	ListCell   *cell;

	foreach(cell, search->seen)
	{
		const ObjectAddress *seen = lfirst(cell);

		if (seen->classId == address->classId &&
			seen->objectId == address->objectId &&
			(seen->objectSubId == 0 ||
			 seen->objectSubId == address->objectSubId))
			return true;
	}
	return false;
}

static void
see(Search *search, const ObjectAddress *address)
{
	ObjectAddress *copy = palloc(sizeof(ObjectAddress));

	*copy = *address;
	search->seen = lappend(search->seen, copy);
}

/* Met again: by any way on which it is own, it is. */
static void
meet_again(Search *search, const ObjectAddress *address, bool own)
{
	ListCell   *cell;

	foreach(cell, own ? search->found : NIL)
	{
		HmDependent *dependent = lfirst(cell);

		if (dependent->class == address->classId &&
			dependent->object == address->objectId &&
			dependent->part == address->objectSubId)
			dependent->own = true;
	}
}

/*
 * Something that depends on what is being expanded.  The inside of something
 * is passed through to what depends on that, and stands for its outside.
 */
static void
meet(Search *search, const ObjectAddress *expanded,
	 const ObjectAddress *inside, char deptype)
{
	ObjectAddress *outside = palloc(sizeof(ObjectAddress));
	bool		value = inside->classId == AttrDefaultRelationId;
	bool		own = deptype != DEPENDENCY_NORMAL;
	bool		hidden;

	*outside = outside_of(*inside);
	if (outside->classId == expanded->classId &&
		outside->objectId == expanded->objectId &&
		outside->objectSubId == expanded->objectSubId)
		return;					/* as a view's rule on the view */
	hidden = deptype == DEPENDENCY_INTERNAL || is_hidden(*outside);
	if (is_seen(search, outside))
	{
		meet_again(search, outside, own);
		return;
	}
	see(search, outside);
	if (!hidden)
		add_found(search, outside, own, value);

	/* A default goes without its column. */
	if ((search->cascade || hidden) && (!value || is_generated(outside)))
		search->waiting = lappend(search->waiting, outside);
}

static void
expand(Search *search, const ObjectAddress *object)
{
	ListCell   *cell;

	foreach(cell, hm_depend_on(object->classId, object->objectId,
							   object->objectSubId))
	{
		Form_pg_depend depend = lfirst(cell);
		ObjectAddress inside;

		if (list_length(search->seen) >= MAX_DEPENDENTS)
			return;
		CHECK_FOR_INTERRUPTS();
		ObjectAddressSubSet(inside, depend->classid, depend->objid,
							depend->objsubid);
		meet(search, object, &inside, depend->deptype);
	}
}

static int
compare(const ListCell *a, const ListCell *b)
{
	const HmDependent *left = lfirst(a);
	const HmDependent *right = lfirst(b);
	int			order = strcmp(left->kind, right->kind);

	return order != 0 ? order : strcmp(left->name, right->name);
}

static List *
search_from(HmWorld *world, Oid class, Oid object, int32 part, bool cascade)
{
	Search		search = {.world = world,.cascade = cascade};
	ObjectAddress *target = palloc(sizeof(ObjectAddress));

	if (!world->catalogs || !OidIsValid(object))
		return NIL;
	ObjectAddressSubSet(*target, class, object, part);
	see(&search, target);
	search.waiting = list_make1(target);
	while (search.waiting != NIL)
	{
		target = linitial(search.waiting);
		search.waiting = list_delete_first(search.waiting);
		expand(&search, target);
	}
	return search.found;
}

static List *
all_of(HmRelation *relation, const HmColumn *column, bool cascade)
{
	List	   *found = NIL;

	if (relation->gone)
		return NIL;
	if (column == NULL || column->number != 0)
		found = search_from(relation->world, RelationRelationId,
							relation->oid, column ? column->number : 0,
							cascade);
	found = list_concat(found,
						hm_dependents_made(relation,
										   column ? column->name : NULL));
	list_sort(found, compare);
	return found;
}

List *
hm_dependents_of(HmRelation *relation)
{
	return all_of(relation, NULL, false);
}

List *
hm_dependents_of_column(HmRelation *relation, const HmColumn *column)
{
	return all_of(relation, column, false);
}

List *
hm_dependents_cascade(HmRelation *relation, const HmColumn *column)
{
	return all_of(relation, column, true);
}

static List *
sorted(List *found)
{
	list_sort(found, compare);
	return found;
}

List *
hm_dependents_of_object(HmWorld *world, Oid class, Oid object)
{
	return sorted(search_from(world, class, object, 0, false));
}

List *
hm_dependents_cascade_of_object(HmWorld *world, Oid class, Oid object)
{
	return sorted(search_from(world, class, object, 0, true));
}

List *
hm_dependents_foreign(List *dependents)
{
	List	   *foreign = NIL;
	ListCell   *cell;

	foreach(cell, dependents)
	{
		if (!((HmDependent *) lfirst(cell))->own)
			foreign = lappend(foreign, lfirst(cell));
	}
	return foreign;
}
