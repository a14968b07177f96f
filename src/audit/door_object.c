/*
 * src/audit/door_object.c
 *	  Objects, when they are touched, whatever command it comes from.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/door_parts.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication_namespace.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* Catalogs whose rows belong to a relation, or two. */
typedef struct Attached
{
	Oid			class_id;
	Oid			index;			/* on the object's OID */
	AttrNumber	oid;
	AttrNumber	relation[2];
} Attached;

static const Attached attached[] = {
	{AttrDefaultRelationId, AttrDefaultOidIndexId, Anum_pg_attrdef_oid,
	{Anum_pg_attrdef_adrelid}},
	{ConstraintRelationId, ConstraintOidIndexId, Anum_pg_constraint_oid,
	{Anum_pg_constraint_conrelid, Anum_pg_constraint_confrelid}},
	{IndexRelationId, IndexRelidIndexId, Anum_pg_index_indexrelid,
	{Anum_pg_index_indrelid}},
	{PolicyRelationId, PolicyOidIndexId, Anum_pg_policy_oid,
	{Anum_pg_policy_polrelid}},
	{PublicationNamespaceRelationId, PublicationNamespaceObjectIndexId,
		Anum_pg_publication_namespace_oid,
	{Anum_pg_publication_namespace_pnnspid}},
	{PublicationRelRelationId, PublicationRelObjectIndexId,
		Anum_pg_publication_rel_oid,
	{Anum_pg_publication_rel_prrelid}},
	{RewriteRelationId, RewriteOidIndexId, Anum_pg_rewrite_oid,
	{Anum_pg_rewrite_ev_class}},
	{StatisticExtRelationId, StatisticExtOidIndexId,
		Anum_pg_statistic_ext_oid,
	{Anum_pg_statistic_ext_stxrelid}},
	{TriggerRelationId, TriggerOidIndexId, Anum_pg_trigger_oid,
	{Anum_pg_trigger_tgrelid, Anum_pg_trigger_tgconstrrelid}},
};

/*
 * Reads columns of type oid out of a catalog's row as it is now, with what
 * the current command has done to it.  They stay 0 when there is no row.
 */
static void
read_oids(Oid class_id, Oid index, AttrNumber key_column, Oid object_id,
		  const AttrNumber *columns, int ncolumns, Oid *oids)
{
	Relation	catalog = table_open(class_id, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, key_column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(object_id));
	scan = systable_beginscan(catalog, index, true, SnapshotSelf, 1, &key);
	tuple = systable_getnext(scan);
	for (int i = 0; i < ncolumns; i++)
	{
		bool		isnull = true;
		Datum		value = 0;

		if (HeapTupleIsValid(tuple) && columns[i] != 0)
			value = heap_getattr(tuple, columns[i],
								 RelationGetDescr(catalog), &isnull);
		oids[i] = isnull ? InvalidOid : DatumGetObjectId(value);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

static const Attached *
find_attached(Oid class_id)
{
	for (int i = 0; i < lengthof(attached); i++)
	{
		if (attached[i].class_id == class_id)
			return &attached[i];
	}
	return NULL;
}

static void
check_attached(const Attached *kind, Oid object_id)
{
	Oid			relations[2];

	read_oids(kind->class_id, kind->index, kind->oid, object_id,
			  kind->relation, lengthof(relations), relations);
	for (int i = 0; i < lengthof(relations); i++)
	{
		if (!OidIsValid(relations[i]))
			continue;
		if (hm_relation_is_ours(relations[i]))
			hm_door_refuse_relation(relations[i], NULL);
		if (relations[i] == hm_relations_schema())
			hm_door_refuse_object(NamespaceRelationId, relations[i]);
	}
}

/* A relation that was made or moved: into our schema, or on our table? */
static void
check_place_of_relation(Oid relid)
{
	static const AttrNumber columns[] = {Anum_pg_class_relnamespace};
	Oid			schema;

	read_oids(RelationRelationId, ClassOidIndexId, Anum_pg_class_oid, relid,
			  columns, 1, &schema);
	if (schema == hm_relations_schema())
		hm_door_refuse_schema();
}

static void
check_place(Oid class_id, Oid object_id)
{
	AttrNumber	column;
	Oid			schema;

	if (!is_objectclass_supported(class_id))
		return;
	column = get_object_attnum_namespace(class_id);
	if (column == InvalidAttrNumber)
		return;
	read_oids(class_id, get_object_oid_index(class_id),
			  get_object_attnum_oid(class_id), object_id, &column, 1,
			  &schema);
	if (schema == hm_relations_schema())
		hm_door_refuse_schema();
}

static void
check_relation(ObjectAccessType access, Oid relid, int sub_id)
{
	if (hm_relation_is_ours(relid))
		hm_door_refuse_relation(relid, NULL);
	if (access != OAT_DROP && sub_id == 0)
		check_place_of_relation(relid);
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
	const Attached *kind = find_attached(class_id);

	if (class_id == RelationRelationId || class_id == InheritsRelationId)
		check_relation(access, object_id, sub_id);
	else if (class_id == ExtensionRelationId)
	{
		if (object_id == hm_relations_extension())
			hm_door_refuse_object(class_id, object_id);
	}
	else if (kind != NULL)
		check_attached(kind, object_id);
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
