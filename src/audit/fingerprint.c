/*
 * src/audit/fingerprint.c
 *	  What the catalogs say about the tables of the record, as one hash.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/fingerprint.h"
#include "audit/relations.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define MAX_COLUMNS 20

/*
 * Rows of a catalog that belong to an object: key is the column with its
 * OID, the first of the index, whose order is the order of the rows.
 */
typedef struct Part
{
	Oid			catalog;
	Oid			index;
	AttrNumber	key;
	AttrNumber	columns[MAX_COLUMNS];	/* ends with 0 */
} Part;

static const Part parts[] = {
	{RelationRelationId, ClassOidIndexId, Anum_pg_class_oid, {
			Anum_pg_class_relname, Anum_pg_class_relnamespace,
			Anum_pg_class_relam, Anum_pg_class_relfilenode,
			Anum_pg_class_reltoastrelid, Anum_pg_class_relpersistence,
			Anum_pg_class_relkind, Anum_pg_class_relnatts,
			Anum_pg_class_relchecks, Anum_pg_class_relhasrules,
			Anum_pg_class_relhastriggers, Anum_pg_class_relrowsecurity,
			Anum_pg_class_relforcerowsecurity, Anum_pg_class_relispartition
	}},
	{AttributeRelationId, AttributeRelidNumIndexId, Anum_pg_attribute_attrelid, {
			Anum_pg_attribute_attnum, Anum_pg_attribute_attname,
			Anum_pg_attribute_atttypid, Anum_pg_attribute_atttypmod,
			Anum_pg_attribute_attlen, Anum_pg_attribute_attbyval,
			Anum_pg_attribute_attalign, Anum_pg_attribute_attnotnull,
			Anum_pg_attribute_atthasdef, Anum_pg_attribute_atthasmissing,
			Anum_pg_attribute_attidentity, Anum_pg_attribute_attgenerated,
			Anum_pg_attribute_attisdropped, Anum_pg_attribute_attcollation
	}},
	{IndexRelationId, IndexIndrelidIndexId, Anum_pg_index_indrelid, {
			Anum_pg_index_indnatts, Anum_pg_index_indisunique,
			Anum_pg_index_indisvalid, Anum_pg_index_indislive,
			Anum_pg_index_indkey, Anum_pg_index_indcollation,
			Anum_pg_index_indclass, Anum_pg_index_indexprs,
			Anum_pg_index_indpred
	}},
	{TriggerRelationId, TriggerRelidNameIndexId, Anum_pg_trigger_tgrelid, {
			Anum_pg_trigger_tgname, Anum_pg_trigger_tgfoid,
			Anum_pg_trigger_tgtype, Anum_pg_trigger_tgenabled,
			Anum_pg_trigger_tgisinternal, Anum_pg_trigger_tgattr,
			Anum_pg_trigger_tgargs, Anum_pg_trigger_tgqual
	}},
	{RewriteRelationId, RewriteRelRulenameIndexId, Anum_pg_rewrite_ev_class, {
			Anum_pg_rewrite_rulename, Anum_pg_rewrite_ev_type,
			Anum_pg_rewrite_ev_enabled, Anum_pg_rewrite_is_instead,
			Anum_pg_rewrite_ev_qual, Anum_pg_rewrite_ev_action
	}},
	{PolicyRelationId, PolicyPolrelidPolnameIndexId, Anum_pg_policy_polrelid, {
			Anum_pg_policy_polname, Anum_pg_policy_polcmd,
			Anum_pg_policy_polpermissive, Anum_pg_policy_polqual
	}},
	{InheritsRelationId, InheritsRelidSeqnoIndexId, Anum_pg_inherits_inhrelid, {
			Anum_pg_inherits_inhparent
	}},
	{InheritsRelationId, InheritsParentIndexId, Anum_pg_inherits_inhparent, {
			Anum_pg_inherits_inhrelid
	}},
	{AttrDefaultRelationId, AttrDefaultIndexId, Anum_pg_attrdef_adrelid, {
			Anum_pg_attrdef_adnum, Anum_pg_attrdef_adbin
	}},
	{ConstraintRelationId, ConstraintRelidTypidNameIndexId, Anum_pg_constraint_conrelid, {
			Anum_pg_constraint_conname, Anum_pg_constraint_contype,
			Anum_pg_constraint_conkey, Anum_pg_constraint_confrelid,
			Anum_pg_constraint_conbin
	}},
};

/* What a trigger function is. */
static const Part function_part = {
	ProcedureRelationId, ProcedureOidIndexId, Anum_pg_proc_oid, {
		Anum_pg_proc_proname, Anum_pg_proc_prolang, Anum_pg_proc_prosrc,
		Anum_pg_proc_probin, Anum_pg_proc_proconfig
	}
};

static const HmRelation tables[] = {
	HM_RELATION_AUDIT_EVENT,
	HM_RELATION_AUDIT_LEAF,
	HM_RELATION_AUDIT_BLOCK,
	HM_RELATION_AUDIT_EPOCH,
	HM_RELATION_AUDIT_STATE,
	HM_RELATION_AUDIT_HOLD,
	HM_RELATION_PENDING_ACT,
};

/* What people read. */
static const char *const views[] = {"audit_log"};

static void
append_value(StringInfo buffer, Form_pg_attribute attribute, Datum value)
{
	if (attribute->attbyval)
		pq_sendint64(buffer, (uint64) value);
	else if (attribute->attlen == -1)
	{
		struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

		pq_sendint32(buffer, VARSIZE_ANY_EXHDR(packed));
		appendBinaryStringInfo(buffer, VARDATA_ANY(packed),
							   VARSIZE_ANY_EXHDR(packed));
	}
	else
		appendBinaryStringInfo(buffer, DatumGetPointer(value),
							   attribute->attlen);
}

static void append_part(StringInfo buffer, const Part *part, Oid object);

static void
append_row(StringInfo buffer, const Part *part, HeapTuple row, TupleDesc desc)
{
	pq_sendint32(buffer, part->catalog);
	for (int i = 0; part->columns[i] != 0; i++)
	{
		bool		isnull;
		Datum		value = heap_getattr(row, part->columns[i], desc, &isnull);

		pq_sendint8(buffer, isnull);
		if (!isnull)
			append_value(buffer, TupleDescAttr(desc, part->columns[i] - 1),
						 value);
	}
	if (part->catalog == TriggerRelationId)
		append_part(buffer, &function_part,
					((Form_pg_trigger) GETSTRUCT(row))->tgfoid);
}

static void
append_part(StringInfo buffer, const Part *part, Oid object)
{
	Relation	catalog = table_open(part->catalog, AccessShareLock);
	Relation	index = index_open(part->index, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	row;

	ScanKeyInit(&key, part->key, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(object));
	scan = systable_beginscan_ordered(catalog, index, NULL, 1, &key);
	while ((row = systable_getnext_ordered(scan, ForwardScanDirection)))
		append_row(buffer, part, row, RelationGetDescr(catalog));
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	table_close(catalog, AccessShareLock);
}

static void
append_relation(StringInfo buffer, Oid relation)
{
	pq_sendint32(buffer, relation);
	for (int i = 0; i < lengthof(parts); i++)
		append_part(buffer, &parts[i], relation);
}

void
hm_fingerprint_compute(HmMerkleHash *fingerprint)
{
	StringInfoData buffer;

	initStringInfo(&buffer);
	for (int i = 0; i < lengthof(tables); i++)
	{
		Oid			table = hm_relation_find(tables[i]);

		/* Until the extension is updated, it may be of an older version. */
		if (OidIsValid(table))
			append_relation(&buffer, table);
	}
	for (int i = 0; i < lengthof(views); i++)
		append_relation(&buffer, get_relname_relid(views[i],
												   hm_relations_schema()));
	hm_hash_bytes(buffer.data, buffer.len, fingerprint->bytes);
	pfree(buffer.data);
}
