/*
 * src/audit/door_object.c
 *	  Objects, when they are touched, whatever command it comes from.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "audit/door_catalog.h"
#include "audit/door_parts.h"
#include "audit/place.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"

static void
check_attached(const Oid *owners)
{
	for (int i = 0; i < HM_PLACE_OWNERS; i++)
	{
		if (!OidIsValid(owners[i]))
			continue;
		if (hm_relation_is_ours(owners[i]))
			hm_door_refuse_relation(owners[i], NULL);
		if (owners[i] == hm_relations_schema())
			hm_door_refuse_object(NamespaceRelationId, owners[i]);
	}
}

/* What was made or moved: into our schema? */
static void
check_place(Oid class_id, Oid object_id)
{
	if (hm_place_schema(class_id, object_id) == hm_relations_schema())
		hm_door_refuse_schema();
}

static void
check_relation(ObjectAccessType access, Oid relid, int sub_id)
{
	Oid			schema;

	if (hm_relation_is_ours(relid))
		hm_door_refuse_relation(relid, NULL);
	if (access == OAT_DROP || sub_id != 0)
		return;
	schema = access == OAT_POST_CREATE ? hm_place_new_relation(relid) :
		hm_place_schema(RelationRelationId, relid);
	if (schema == hm_relations_schema())
		hm_door_refuse_schema();
}

/* Tables and views announce themselves after their types. */
static bool
comes_with_relation(const HmDoorFrame *frame)
{
	if (frame == NULL)
		return false;
	switch (nodeTag(frame->command))
	{
		case T_CreateStmt:
		case T_CreateTableAsStmt:
		case T_CreateForeignTableStmt:
		case T_ViewStmt:
			return true;
		default:
			return false;
	}
}

static void
check_other(ObjectAccessType access, Oid class_id, Oid object_id)
{
	if (class_id == TypeRelationId && access == OAT_POST_CREATE &&
		comes_with_relation(hm_door_frame()))
		return;
	if (getExtensionOfObject(class_id, object_id) == hm_relations_extension())
		hm_door_refuse_object(class_id, object_id);
	if (access != OAT_DROP)
		check_place(class_id, object_id);
}

static void
check_change(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id)
{
	Oid			owners[HM_PLACE_OWNERS];

	if (class_id == RelationRelationId || class_id == InheritsRelationId)
		check_relation(access, object_id, sub_id);
	else if (class_id == ExtensionRelationId)
	{
		if (object_id == hm_relations_extension())
			hm_door_refuse_object(class_id, object_id);
	}
	else if (hm_place_owners(access, class_id, object_id, owners))
		check_attached(owners);
	else
		check_other(access, class_id, object_id);
}

/* Functions of pg_surgery rewrite tuples where they are. */
static bool
is_surgery(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		result = false;

	if (!HeapTupleIsValid(tuple))
		return false;
	if (((Form_pg_proc) GETSTRUCT(tuple))->prolang == ClanguageId)
	{
		bool		isnull;
		Datum		source = SysCacheGetAttr(PROCOID, tuple,
											 Anum_pg_proc_prosrc, &isnull);

		result = !isnull &&
			strncmp(TextDatumGetCString(source), "heap_force_", 11) == 0;
	}
	ReleaseSysCache(tuple);
	return result;
}

static void
check_function(Oid function)
{
	if (function < FirstNormalObjectId)
	{
		if ((function == F_SETVAL_REGCLASS_INT8 ||
			 function == F_SETVAL_REGCLASS_INT8_BOOL) &&
			OidIsValid(hm_relations_extension()) &&
			!hm_door_exempt() && !hm_door_in_script(hm_door_frame()))
			hm_door_note_setval();
		return;
	}
	if (OidIsValid(hm_relations_extension()) && is_surgery(function))
		hm_door_refuse_function(function);
}

/* Whether the pass of the command that is being executed covers this. */
static bool
is_covered(const HmDoorFrame *frame, ObjectAccessType access, Oid class_id)
{
	if (frame == NULL)
		return false;
	switch (frame->pass)
	{
		case HM_DOOR_SCRIPT:
		case HM_DOOR_MAINTENANCE:
			return true;
		case HM_DOOR_REMOVAL:
			return access == OAT_DROP;
		case HM_DOOR_EXTENSION:
			return hm_door_in_script(frame) ||
				(class_id == ExtensionRelationId && access != OAT_DROP);
		default:
			return false;
	}
}

/* What a change is said to be internal is not the user's wish, but is one. */
static bool
is_internal_creation(ObjectAccessType access, void *argument)
{
	return access == OAT_POST_CREATE && argument != NULL &&
		((ObjectAccessPostCreate *) argument)->is_internal;
}

void
hm_door_check_object(ObjectAccessType access, Oid class_id, Oid object_id,
					 int sub_id, void *argument)
{
	if (access == OAT_FUNCTION_EXECUTE)
	{
		check_function(object_id);
		return;
	}
	if (!OidIsValid(hm_relations_extension()) || hm_door_exempt() ||
		is_covered(hm_door_frame(), access, class_id) ||
		is_internal_creation(access, argument))
		return;
	if (access == OAT_TRUNCATE)
	{
		if (hm_relation_is_ours(object_id) || hm_door_is_catalog(object_id))
			hm_door_refuse_relation(object_id, NULL);
		return;
	}
	if (class_id == InheritsRelationId && access == OAT_POST_ALTER &&
		argument != NULL)
	{
		Oid			parent = ((ObjectAccessPostAlter *) argument)->auxiliary_id;

		if (hm_relation_is_ours(parent))
			hm_door_refuse_relation(parent, NULL);
	}
	check_change(access, class_id, object_id, sub_id);
}
