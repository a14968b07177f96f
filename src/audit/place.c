/*
 * src/audit/place.c
 *	  Where an object is.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/place.h"
#include "catalog/indexing.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_publication_namespace.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Catalogs whose rows belong to a relation, or two. */
typedef struct Attached
{
	Oid			class_id;
	Oid			index;			/* on the object's OID */
	AttrNumber	oid;
	AttrNumber	relation[HM_PLACE_OWNERS];
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

bool
hm_place_owners(ObjectAccessType access, Oid class_id, Oid object_id,
				Oid owners[HM_PLACE_OWNERS])
{
	const Attached *kind = find_attached(class_id);

	if (kind == NULL)
		return false;
	memset(owners, 0, HM_PLACE_OWNERS * sizeof(Oid));

	/* A default that is made is announced as a column of its table. */
	if (class_id == AttrDefaultRelationId && access == OAT_POST_CREATE)
		owners[0] = object_id;
	else
		read_oids(kind->class_id, kind->index, kind->oid, object_id,
				  kind->relation, HM_PLACE_OWNERS, owners);
	return true;
}

Oid
hm_place_schema(Oid class_id, Oid object_id)
{
	AttrNumber	column;
	Oid			schema;

	if (!is_objectclass_supported(class_id))
		return InvalidOid;
	column = get_object_attnum_namespace(class_id);
	if (column == InvalidAttrNumber)
		return InvalidOid;
	read_oids(class_id, get_object_oid_index(class_id),
			  get_object_attnum_oid(class_id), object_id, &column, 1,
			  &schema);
	return schema;
}
