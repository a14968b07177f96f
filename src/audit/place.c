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
#include "catalog/pg_cast.h"
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
#include "utils/relcache.h"
#include "utils/snapmgr.h"

/* Catalogs whose rows belong to a relation, or two, or to a schema. */
typedef struct Attached
{
	Oid			class_id;
	Oid			index;			/* on the object's OID */
	AttrNumber	oid;
	AttrNumber	owners[HM_PLACE_OWNERS];
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

/* An object's row as it is now, with what the current command has done. */
typedef struct Row
{
	Relation	catalog;
	SysScanDesc scan;
	HeapTuple	tuple;			/* or NULL */
} Row;

static void
open_row(Row *row, Oid class_id, Oid index, AttrNumber key_column,
		 Oid object_id)
{
	ScanKeyData key;

	ScanKeyInit(&key, key_column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(object_id));
	row->catalog = table_open(class_id, AccessShareLock);
	row->scan = systable_beginscan(row->catalog, index, true, SnapshotSelf, 1,
								   &key);
	row->tuple = systable_getnext(row->scan);
}

static void
close_row(Row *row)
{
	systable_endscan(row->scan);
	table_close(row->catalog, AccessShareLock);
}

/* 0 when there is no row, or no such column. */
static Datum
read_column(const Row *row, AttrNumber column)
{
	bool		isnull = true;
	Datum		value = 0;

	if (HeapTupleIsValid(row->tuple) && column != InvalidAttrNumber)
		value = heap_getattr(row->tuple, column,
							 RelationGetDescr(row->catalog), &isnull);
	return isnull ? 0 : value;
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
	Row			row;

	if (kind == NULL)
		return false;
	memset(owners, 0, HM_PLACE_OWNERS * sizeof(Oid));

	/* A default that is made is announced as a column of its table. */
	if (class_id == AttrDefaultRelationId && access == OAT_POST_CREATE)
	{
		owners[0] = object_id;
		return true;
	}
	open_row(&row, class_id, kind->index, kind->oid, object_id);
	for (int i = 0; i < HM_PLACE_OWNERS; i++)
		owners[i] = DatumGetObjectId(read_column(&row, kind->owners[i]));
	close_row(&row);
	return true;
}

static void
open_object(Row *row, Oid class_id, Oid object_id)
{
	open_row(row, class_id, get_object_oid_index(class_id),
			 get_object_attnum_oid(class_id), object_id);
}

bool
hm_place_cast(Oid cast, Oid types[HM_PLACE_OWNERS])
{
	Row			row;
	bool		found;

	open_object(&row, CastRelationId, cast);
	types[0] = DatumGetObjectId(read_column(&row, Anum_pg_cast_castsource));
	types[1] = DatumGetObjectId(read_column(&row, Anum_pg_cast_casttarget));
	found = HeapTupleIsValid(row.tuple);
	close_row(&row);
	return found;
}

Oid
hm_place_schema(Oid class_id, Oid object_id)
{
	Row			row;
	Oid			schema;

	if (!is_objectclass_supported(class_id) ||
		get_object_attnum_namespace(class_id) == InvalidAttrNumber)
		return InvalidOid;
	open_object(&row, class_id, object_id);
	schema = DatumGetObjectId(read_column(&row,
										  get_object_attnum_namespace(class_id)));
	close_row(&row);
	return schema;
}

/*
 * The server has described it to itself before it wrote its row, and changes
 * neither before the command is over.  Of relations that were there before,
 * this may be older than the row.
 */
Oid
hm_place_new_relation(Oid relid)
{
	Relation	relation = RelationIdGetRelation(relid);
	Oid			schema = InvalidOid;

	if (RelationIsValid(relation))
	{
		if (relation->rd_createSubid != InvalidSubTransactionId)
			schema = RelationGetNamespace(relation);
		RelationClose(relation);
	}
	return OidIsValid(schema) ? schema :
		hm_place_schema(RelationRelationId, relid);
}

char *
hm_place_name(Oid class_id, Oid object_id)
{
	Row			row;
	Datum		name;
	char	   *copy = NULL;

	if (!is_objectclass_supported(class_id) ||
		get_object_attnum_name(class_id) == InvalidAttrNumber)
		return NULL;
	open_object(&row, class_id, object_id);
	name = read_column(&row, get_object_attnum_name(class_id));
	if (name != 0)
		copy = pstrdup(NameStr(*DatumGetName(name)));
	close_row(&row);
	return copy;
}
