/*
 * src/lint/lock_drop.c
 *	  Locks of DROP, and of all that goes with it.
 *
 * The server drops an object with what depends on it, and takes ACCESS
 * EXCLUSIVE on every table that it thereby takes something away from.  So
 * DROP TABLE also stops the table that its foreign key leads to.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/depend.h"
#include "base/named.h"
#include "base/resolve.h"
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/partition.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "lint/dependents.h"
#include "lint/lock_parts.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* What depends on what. */

/* Who drops more than so many objects in one statement knows it. */
#define MAX_OBJECTS 20000

typedef struct Going
{
	HmLockList *list;
	HTAB	   *seen;
	bool		cascade;
} Going;

static void visit_dependents(Going *going, const ObjectAddress *object);

static void
lock_constraint(HmLockList *list, Oid constraint, LOCKMODE mode)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID,
										ObjectIdGetDatum(constraint));
	Form_pg_constraint form;

	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_constraint) GETSTRUCT(tuple);
	hm_lock_add_oid(list, form->conrelid, mode, HM_LOCK_GOES);

	/*
	 * A partition's key has its triggers on the other table from its
	 * parent's.
	 */
	if (!OidIsValid(form->conparentid))
		hm_lock_add_oid(list, form->confrelid, mode, HM_LOCK_KEY);
	ReleaseSysCache(tuple);
}

/* A view goes with the rule that makes it one. */
static void
lock_rule(Going *going, Oid rule)
{
	Oid			relation = hm_part_table(RewriteRelationId, rule);
	char		kind = OidIsValid(relation) ? get_rel_relkind(relation) : '\0';

	hm_lock_add_oid(going->list, relation, AccessExclusiveLock, HM_LOCK_GOES);
	if (kind == RELKIND_VIEW || kind == RELKIND_MATVIEW)
	{
		ObjectAddress view;

		ObjectAddressSet(view, RelationRelationId, relation);
		visit_dependents(going, &view);
	}
}

static void
lock_object(Going *going, const ObjectAddress *object)
{
	HmLockList *list = going->list;
	Oid			relation = InvalidOid;

	switch (object->classId)
	{
		case RelationRelationId:
			relation = object->objectId;
			break;
		case RewriteRelationId:
			lock_rule(going, object->objectId);
			return;
		case ConstraintRelationId:
			lock_constraint(list, object->objectId, AccessExclusiveLock);
			return;
		case TriggerRelationId:
		case AttrDefaultRelationId:
		case PolicyRelationId:
			relation = hm_part_table(object->classId, object->objectId);
			break;
		default:
			break;
	}
	hm_lock_add_oid(list, relation, AccessExclusiveLock, HM_LOCK_GOES);
}

static bool
is_new(Going *going, const ObjectAddress *object)
{
	bool		found;

	if (hash_get_num_entries(going->seen) >= MAX_OBJECTS)
		return false;
	(void) hash_search(going->seen, object, HASH_ENTER, &found);
	return !found;
}

static void
visit_dependents(Going *going, const ObjectAddress *object)
{
	ListCell   *cell;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	foreach(cell, hm_depend_on(object->classId, object->objectId,
							   object->objectSubId))
	{
		Form_pg_depend depend = lfirst(cell);
		ObjectAddress dependent;

		if (depend->deptype == DEPENDENCY_NORMAL && !going->cascade)
			continue;
		ObjectAddressSubSet(dependent, depend->classid, depend->objid,
							depend->objsubid);
		if (!is_new(going, &dependent))
			continue;
		lock_object(going, &dependent);
		visit_dependents(going, &dependent);
	}
}

void
hm_lock_dependents(HmLockList *list, Oid class_id, Oid object, int32 part,
				   bool cascade)
{
	HASHCTL		control = {0};
	ObjectAddress dropped = {class_id, object, part};
	Going		going = {.list = list,.cascade = cascade};

	control.keysize = control.entrysize = sizeof(ObjectAddress);
	control.hcxt = CurrentMemoryContext;
	going.seen = hash_create("hipaa_migrate dependents", 64, &control,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	visit_dependents(&going, &dropped);
	hash_destroy(going.seen);
}

void
hm_lock_referencing(HmLockList *list, HmRelation *relation,
					AttrNumber column, LOCKMODE mode)
{
	ListCell   *cell;

	if (!OidIsValid(relation->oid))
		return;
	foreach(cell, hm_depend_on(RelationRelationId, relation->oid, column))
	{
		Form_pg_depend depend = lfirst(cell);
		HeapTuple	tuple;
		Form_pg_constraint form;

		if (depend->classid != ConstraintRelationId)
			continue;
		tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(depend->objid));
		if (!HeapTupleIsValid(tuple))
			continue;
		form = (Form_pg_constraint) GETSTRUCT(tuple);
		if (form->contype == CONSTRAINT_FOREIGN &&
			form->confrelid == relation->oid)
			hm_lock_add_oid(list, form->conrelid, mode, HM_LOCK_KEY_FROM);
		ReleaseSysCache(tuple);
	}
}

/* DROP. */

/* A partition goes from its parent's bounds, and from its default's. */
static void
lock_family(HmLockList *list, const HmRelation *relation)
{
	List	   *ancestors;
	Oid			parent;

	if (!relation->partition || !OidIsValid(relation->oid))
		return;
	ancestors = get_partition_ancestors(relation->oid);
	if (ancestors == NIL)
		return;
	parent = linitial_oid(ancestors);
	hm_lock_add_oid(list, parent, AccessExclusiveLock, HM_LOCK_PARENT);
	hm_lock_add_oid(list, get_default_partition_oid(parent),
					AccessExclusiveLock, HM_LOCK_DEFAULT);
}

static void
drop_relation(HmLockList *list, const DropStmt *statement, List *names)
{
	HmRelation *relation = hm_world_relation_named(list->world, names);

	if (statement->missing_ok && !relation->known && list->world->catalogs)
		return;
	hm_lock_add(list, relation, AccessExclusiveLock, HM_LOCK_NAMED);
	lock_family(list, relation);
	if (OidIsValid(relation->oid) && !relation->gone)
		hm_lock_dependents(list, RelationRelationId, relation->oid, 0,
						   statement->behavior == DROP_CASCADE);
	else
		hm_lock_referenced(list, relation, AccessExclusiveLock);
}

static void
drop_index(HmLockList *list, const DropStmt *statement, List *names)
{
	HmRelation *relation = hm_world_relation_named(list->world, names);
	RangeVar	name = {.type = T_RangeVar};
	HmIndex    *index;
	LOCKMODE	mode = statement->concurrent ? ShareUpdateExclusiveLock :
	AccessExclusiveLock;

	name.schemaname = relation->schema;
	name.relname = relation->name;
	name.relpersistence = RELPERSISTENCE_PERMANENT;
	index = hm_world_index(list->world, &name);
	if (index == NULL && statement->missing_ok && list->world->catalogs)
		return;
	list->between = statement->concurrent;
	hm_lock_add(list, relation, mode, HM_LOCK_NAMED);
	if (index)
	{
		hm_lock_add(list, index->table, mode, HM_LOCK_TABLE);
		hm_lock_add_children(list, index->table, mode);
	}
	list->between = false;
}

/* A trigger, rule or policy: its table's name stands before its own. */
static void
drop_from_table(HmLockList *list, List *names)
{
	HmRelation *relation =
	hm_world_relation_named(list->world,
							list_truncate(list_copy(names),
										  list_length(names) - 1));

	hm_lock_add(list, relation, AccessExclusiveLock, HM_LOCK_TABLE);
	if (relation->kind == RELKIND_PARTITIONED_TABLE)
		hm_lock_add_children(list, relation, AccessExclusiveLock);
}

static Oid
class_of(ObjectType kind)
{
	switch (kind)
	{
		case OBJECT_SCHEMA:
			return NamespaceRelationId;
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
			return TypeRelationId;
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
		case OBJECT_AGGREGATE:
			return ProcedureRelationId;
		case OBJECT_EXTENSION:
			return ExtensionRelationId;
		default:
			return InvalidOid;
	}
}

static void
drop_other(HmLockList *list, ObjectType kind, Node *name, bool cascade)
{
	Oid			class_id = class_of(kind);
	HmNamed    *named;

	if (!OidIsValid(class_id) || !list->world->catalogs)
		return;
	named = hm_named_object(kind, name);
	if (named && OidIsValid(named->object))
		hm_lock_dependents(list, class_id, named->object, 0, cascade);
}

static void
drop_object(HmLockList *list, const DropStmt *statement, Node *object)
{
	switch (statement->removeType)
	{
		case OBJECT_TABLE:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_SEQUENCE:
			drop_relation(list, statement, castNode(List, object));
			break;
		case OBJECT_INDEX:
			drop_index(list, statement, castNode(List, object));
			break;
		case OBJECT_TRIGGER:
		case OBJECT_RULE:
		case OBJECT_POLICY:
			drop_from_table(list, castNode(List, object));
			break;
		default:
			drop_other(list, statement->removeType, object,
					   statement->behavior == DROP_CASCADE);
			break;
	}
}

void
hm_lock_drop(HmLockList *list, Node *node)
{
	DropStmt   *statement = castNode(DropStmt, node);
	ListCell   *cell;

	foreach(cell, statement->objects)
		drop_object(list, statement, lfirst(cell));
}

/* Sequences of serial and identity columns. */
void
hm_lock_owned_sequences(HmLockList *list, HmRelation *relation, LOCKMODE mode)
{
	ListCell   *cell;

	if (!OidIsValid(relation->oid))
		return;
	foreach(cell, hm_depend_on(RelationRelationId, relation->oid, 0))
	{
		Form_pg_depend depend = lfirst(cell);

		if (depend->deptype != DEPENDENCY_NORMAL &&
			depend->classid == RelationRelationId &&
			get_rel_relkind(depend->objid) == RELKIND_SEQUENCE)
			hm_lock_add_oid(list, depend->objid, mode, HM_LOCK_OWNED);
	}
}
