/*
 * src/audit/door_catalog.c
 *	  Rows of system catalogs that are written by hand: which of them matter.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "audit/door_catalog.h"
#include "audit/door_parts.h"
#include "base/compat.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication_namespace.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_sequence.h"
#include "catalog/pg_shdepend.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "utils/acl.h"

/*
 * pg_shdepend is shared too: rows of it keep the owners of what other
 * databases have.
 */
static const Oid closed_catalogs[] = {
	AccessMethodOperatorRelationId,
	AccessMethodProcedureRelationId,
	AccessMethodRelationId,
	AuthIdRelationId,
	AuthMemRelationId,
	CastRelationId,
	CollationRelationId,
	DbRoleSettingRelationId,
	LanguageRelationId,
	OperatorClassRelationId,
	OperatorFamilyRelationId,
	OperatorRelationId,
	SharedDependRelationId,
};

/* The keys of a relation, and what may be in the place of ours. */
#define RELATION(column_) {column_, RelationRelationId, 0, true}

static const HmWatchedCatalog watched_catalogs[] = {
	{AttrDefaultRelationId, {RELATION(Anum_pg_attrdef_adrelid)}},
	{AttributeRelationId, {RELATION(Anum_pg_attribute_attrelid)}},
	{ConstraintRelationId, {
			RELATION(Anum_pg_constraint_conrelid),
			RELATION(Anum_pg_constraint_confrelid),
			{Anum_pg_constraint_contypid, TypeRelationId, 0, true}
	}},
	{DependRelationId, {
			{Anum_pg_depend_objid, InvalidOid, Anum_pg_depend_classid},
			{Anum_pg_depend_refobjid, InvalidOid, Anum_pg_depend_refclassid}
	}},
	{EventTriggerRelationId, {
			{Anum_pg_event_trigger_oid, EventTriggerRelationId},
			{Anum_pg_event_trigger_evtfoid, ProcedureRelationId}
	}},
	{ExtensionRelationId, {
			{Anum_pg_extension_oid, ExtensionRelationId},
			{Anum_pg_extension_extnamespace, NamespaceRelationId}
	}},
	{IndexRelationId, {
			RELATION(Anum_pg_index_indrelid),
			RELATION(Anum_pg_index_indexrelid)
	}},
	{InheritsRelationId, {
			RELATION(Anum_pg_inherits_inhrelid),
			RELATION(Anum_pg_inherits_inhparent)
	}},
	{NamespaceRelationId, {
			{Anum_pg_namespace_oid, NamespaceRelationId, 0, true}
	}},
	{PartitionedRelationId, {RELATION(Anum_pg_partitioned_table_partrelid)}},
	{PolicyRelationId, {RELATION(Anum_pg_policy_polrelid)}},
	{ProcedureRelationId, {
			{Anum_pg_proc_oid, ProcedureRelationId, 0, true},
			{Anum_pg_proc_pronamespace, NamespaceRelationId}
	}},
	{PublicationNamespaceRelationId, {
			{Anum_pg_publication_namespace_pnnspid, NamespaceRelationId}
	}},
	{PublicationRelRelationId, {RELATION(Anum_pg_publication_rel_prrelid)}},
	{RelationRelationId, {
			RELATION(Anum_pg_class_oid),
			RELATION(Anum_pg_class_reltoastrelid),
			{Anum_pg_class_relnamespace, NamespaceRelationId}
	}},
	{RewriteRelationId, {RELATION(Anum_pg_rewrite_ev_class)}},
	{SequenceRelationId, {RELATION(Anum_pg_sequence_seqrelid)}},
	{TriggerRelationId, {
			RELATION(Anum_pg_trigger_tgrelid),
			RELATION(Anum_pg_trigger_tgconstrrelid)
	}},
	{TypeRelationId, {
			{Anum_pg_type_oid, TypeRelationId, 0, true},
			{Anum_pg_type_typrelid, RelationRelationId},
			{Anum_pg_type_typnamespace, NamespaceRelationId}
	}},
};

/* By these a relation finds its files, and those of its TOAST table. */
static const AttrNumber storage_columns[] = {
	Anum_pg_class_relfilenode,
	Anum_pg_class_relisshared,
	Anum_pg_class_reltablespace,
	Anum_pg_class_reltoastrelid,
};

/* For the planner; VACUUM and ANALYZE write them. */
static const AttrNumber estimate_columns[] = {
	Anum_pg_class_relallvisible,
	Anum_pg_class_relpages,
	Anum_pg_class_reltuples,
};

static bool
is_closed(Oid relid)
{
	for (int i = 0; i < lengthof(closed_catalogs); i++)
	{
		if (relid == closed_catalogs[i])
			return true;
	}
	return false;
}

const HmWatchedCatalog *
hm_door_watched(Oid relid)
{
	for (int i = 0; i < lengthof(watched_catalogs); i++)
	{
		if (relid == watched_catalogs[i].catalog)
			return &watched_catalogs[i];
	}
	return NULL;
}

bool
hm_door_is_catalog(Oid relid)
{
	return relid < FirstUnpinnedObjectId &&
		(is_closed(relid) || hm_door_watched(relid) != NULL);
}

static Oid
get_oid(HeapTuple row, AttrNumber column, TupleDesc desc)
{
	bool		isnull;
	Datum		value = heap_getattr(row, column, desc, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

bool
hm_door_row_is_ours(const HmWatchedCatalog *watched, HeapTuple row,
					TupleDesc desc, const HmBelongings *ours, bool server)
{
	for (int i = 0; i < HM_CATALOG_KEYS && watched->keys[i].object != 0; i++)
	{
		const HmCatalogKey *key = &watched->keys[i];
		Oid			object = get_oid(row, key->object, desc);
		Oid			class_id = key->class_column == 0 ? key->class_id :
		get_oid(row, key->class_column, desc);

		if (OidIsValid(object) &&
			((server && key->server && object < FirstNormalObjectId) ||
			 hm_belongings_have(ours, class_id, object)))
			return true;
	}
	return false;
}

static bool
has_column(const AttrNumber *columns, int count, AttrNumber column)
{
	for (int i = 0; i < count; i++)
	{
		if (columns[i] == column)
			return true;
	}
	return false;
}

bool
hm_door_only_estimates(const PlannedStmt *query, RangeTblEntry *table)
{
	const Bitmapset *columns;
	AclMode		access = hm_compat_access(query, table, &columns);
	int			column = -1;

	if (table->relid != RelationRelationId ||
		(access & (ACL_INSERT | ACL_DELETE)) != 0)
		return false;
	while ((column = bms_next_member(columns, column)) >= 0)
	{
		if (!has_column(estimate_columns, lengthof(estimate_columns),
						column + FirstLowInvalidHeapAttributeNumber))
			return false;
	}
	return true;
}

static bool
moves_files(const PlannedStmt *query, RangeTblEntry *table)
{
	const Bitmapset *columns;
	AclMode		access = hm_compat_access(query, table, &columns);

	if (table->relid != RelationRelationId)
		return false;
	if ((access & ACL_INSERT) != 0)
		return true;
	for (int i = 0; i < lengthof(storage_columns); i++)
	{
		if (bms_is_member(storage_columns[i] -
						  FirstLowInvalidHeapAttributeNumber, columns))
			return true;
	}
	return false;
}

/* An extension's script, as those of contrib, may mend operators. */
void
hm_door_check_catalog(const PlannedStmt *query, RangeTblEntry *table)
{
	const char *command = GetCommandTagName(CreateCommandTag((Node *) query));

	if (is_closed(table->relid) && !creating_extension)
		hm_door_refuse_catalog(table->relid, command,
							   "it bears on more than one database or object, and so on what extension hipaa_migrate keeps");
	if (moves_files(query, table))
		hm_door_refuse_catalog(table->relid, command,
							   "it says in which files a relation is, and they may be those that extension hipaa_migrate keeps");
}
