/*
 * src/lint/relation.c
 *	  What the catalogs say of a relation.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "base/compat.h"
#include "base/settings.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "lint/harmless.h"
#include "lint/inheritors.h"
#include "lint/world_parts.h"
#include "miscadmin.h"
#include "optimizer/plancat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

bool
hm_relation_load(HmRelation *relation, Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_class) GETSTRUCT(tuple);
	relation->known = true;
	relation->oid = relid;
	relation->kind = form->relkind;
	relation->persistence = form->relpersistence;
	relation->temporary = form->relpersistence == RELPERSISTENCE_TEMP;
	relation->partition = form->relispartition;
	relation->populated = form->relispopulated;
	relation->row_security = form->relrowsecurity;
	relation->forced_row_security = form->relforcerowsecurity;
	relation->replica_identity = form->relreplident;
	relation->method = form->relam;
	relation->tablespace = form->reltablespace;
	ReleaseSysCache(tuple);
	return true;
}

bool
hm_domain_is_constrained(Oid type)
{
	return hm_harmless_domain_is_checked(type);
}

/* Columns. */

static HmColumn *
load_column(Form_pg_attribute form)
{
	HmColumn   *column = palloc0(sizeof(HmColumn));

	column->name = pstrdup(NameStr(form->attname));
	column->number = form->attnum;
	column->type = form->atttypid;
	column->typmod = form->atttypmod;
	column->collation = form->attcollation;
	column->not_null = form->attnotnull;
	column->has_default = form->atthasdef;
	column->identity = form->attidentity;
	column->generated = form->attgenerated;
	return column;
}

static void
load_columns(HmRelation *relation)
{
	for (AttrNumber number = 1;; number++)
	{
		HeapTuple	tuple = SearchSysCache2(ATTNUM,
											ObjectIdGetDatum(relation->oid),
											Int16GetDatum(number));
		Form_pg_attribute form;

		if (!HeapTupleIsValid(tuple))
			break;
		form = (Form_pg_attribute) GETSTRUCT(tuple);
		if (!form->attisdropped)
			relation->columns = lappend(relation->columns, load_column(form));
		ReleaseSysCache(tuple);
	}
}

List *
hm_relation_columns(HmRelation *relation)
{
	if (!relation->columns_loaded)
	{
		MemoryContext before = MemoryContextSwitchTo(relation->world->context);

		relation->columns_loaded = true;
		if (OidIsValid(relation->oid))
			load_columns(relation);
		MemoryContextSwitchTo(before);
	}
	return relation->columns;
}

HmColumn *
hm_relation_column(HmRelation *relation, const char *name)
{
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		HmColumn   *column = lfirst(cell);

		if (strcmp(column->name, name) == 0)
			return column;
	}
	return NULL;
}

static char *
name_of_column(HmRelation *relation, AttrNumber number)
{
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		HmColumn   *column = lfirst(cell);

		if (column->number == number)
			return column->name;
	}
	return NULL;
}

/* Constraints. */

static List *
names_of_columns(Oid relid, Datum array)
{
	ArrayType  *numbers = DatumGetArrayTypeP(array);
	int			count = ArrayGetNItems(ARR_NDIM(numbers), ARR_DIMS(numbers));
	List	   *names = NIL;

	for (int i = 0; i < count; i++)
	{
		char	   *name = get_attname(relid, ((int16 *) ARR_DATA_PTR(numbers))[i],
									   true);

		if (name)
			names = lappend(names, name);
	}
	return names;
}

static char *
shown_name(Oid relid)
{
	char	   *name = OidIsValid(relid) ? get_rel_name(relid) : NULL;

	return name ?
		quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
								   name) : NULL;
}

static HmConstraint *
load_constraint(HeapTuple tuple, TupleDesc descriptor)
{
	Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
	HmConstraint *constraint = palloc0(sizeof(HmConstraint));
	bool		isnull;
	Datum		columns;

	constraint->name = pstrdup(NameStr(form->conname));
	constraint->kind = form->contype;
	constraint->oid = form->oid;
	constraint->validated = form->convalidated;
	constraint->deferrable = form->condeferrable;
	columns = heap_getattr(tuple, Anum_pg_constraint_conkey, descriptor,
						   &isnull);
	if (!isnull)
		constraint->columns = names_of_columns(form->conrelid, columns);
	if (form->contype != CONSTRAINT_FOREIGN)
	{
		constraint->index = OidIsValid(form->conindid) ?
			get_rel_name(form->conindid) : NULL;
		return constraint;
	}
	constraint->target = shown_name(form->confrelid);
	columns = heap_getattr(tuple, Anum_pg_constraint_confkey, descriptor,
						   &isnull);
	if (!isnull)
		constraint->target_columns = names_of_columns(form->confrelid,
													  columns);
	return constraint;
}

static void
load_constraints(HmRelation *relation)
{
	Relation	catalog = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relation->oid));
	scan = systable_beginscan(catalog, ConstraintRelidTypidNameIndexId, true,
							  NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		relation->constraints = lappend(relation->constraints,
										load_constraint(tuple,
														RelationGetDescr(catalog)));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

List *
hm_relation_constraints(HmRelation *relation)
{
	if (!relation->constraints_loaded)
	{
		MemoryContext before = MemoryContextSwitchTo(relation->world->context);

		relation->constraints_loaded = true;
		if (OidIsValid(relation->oid))
			load_constraints(relation);
		MemoryContextSwitchTo(before);
	}
	return relation->constraints;
}

HmConstraint *
hm_relation_constraint(HmRelation *relation, const char *name)
{
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->name && strcmp(constraint->name, name) == 0)
			return constraint;
	}
	return NULL;
}

HmConstraint *
hm_relation_primary_key(HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == CONSTRAINT_PRIMARY)
			return constraint;
	}
	return NULL;
}

bool
hm_column_never_null(HmRelation *relation, const HmColumn *column)
{
	ListCell   *cell;

	foreach(cell, column->not_null ? hm_relation_constraints(relation) : NIL)
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == HM_CONSTRAINT_NOTNULL &&
			!constraint->validated &&
			hm_names_have(constraint->columns, column->name))
			return false;
	}
	return column->not_null;
}

bool
hm_relation_has_valid_check(HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == CONSTRAINT_CHECK && constraint->validated)
			return true;
	}
	return false;
}

/* Indexes. */

static char *
name_of_method(Oid index)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
	char	   *method;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	method = get_am_name(((Form_pg_class) GETSTRUCT(tuple))->relam);
	ReleaseSysCache(tuple);
	return method;
}

static HmIndex *
load_index(HmRelation *table, HeapTuple tuple)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);
	HmIndex    *index = palloc0(sizeof(HmIndex));

	index->name = get_rel_name(form->indexrelid);
	index->oid = form->indexrelid;
	index->table = table;
	index->method = name_of_method(form->indexrelid);
	index->unique = form->indisunique;
	index->primary = form->indisprimary;
	index->valid = form->indisvalid;
	index->nulls_not_distinct = form->indnullsnotdistinct;
	index->partial = !heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
	for (int i = 0; i < form->indnatts; i++)
	{
		char	   *column = name_of_column(table, form->indkey.values[i]);

		if (i < form->indnkeyatts)
			index->columns = lappend(index->columns, column);
		else
			index->included = lappend(index->included, column);
	}
	return index;
}

static void
load_indexes(HmRelation *relation)
{
	Relation	catalog = table_open(IndexRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relation->oid));
	scan = systable_beginscan(catalog, IndexIndrelidIndexId, true, NULL, 1,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (((Form_pg_index) GETSTRUCT(tuple))->indislive)
			relation->indexes = lappend(relation->indexes,
										load_index(relation, tuple));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

List *
hm_relation_indexes(HmRelation *relation)
{
	if (!relation->indexes_loaded)
	{
		MemoryContext before = MemoryContextSwitchTo(relation->world->context);

		relation->indexes_loaded = true;
		if (OidIsValid(relation->oid))
			load_indexes(relation);
		MemoryContextSwitchTo(before);
	}
	return relation->indexes;
}

/* Its table has it too, once that is loaded: one HmIndex for both. */
HmIndex *
hm_relation_load_index(HmWorld *world, HmRelation *relation)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID,
										ObjectIdGetDatum(relation->oid));
	HmRelation *table;
	ListCell   *cell;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	table = hm_world_relation_of(world,
								 ((Form_pg_index) GETSTRUCT(tuple))->indrelid);
	ReleaseSysCache(tuple);
	foreach(cell, table ? hm_relation_indexes(table) : NIL)
	{
		HmIndex    *index = lfirst(cell);

		if (index->oid == relation->oid)
			return index;
	}
	return NULL;
}

/* How much there is, and how much is done with it. */

/* Pages as they are now, or as of the last VACUUM when others hold it. */
static void
count_pages(Oid relid, double *rows, int64 *bytes)
{
	Relation	table;
	BlockNumber pages;
	double		tuples;
	int32		old_pages;

	if (!ConditionalLockRelationOid(relid, AccessShareLock))
	{
		HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));

		if (!HeapTupleIsValid(tuple))
			return;
		*rows += Max(((Form_pg_class) GETSTRUCT(tuple))->reltuples, 0);
		*bytes += (int64) ((Form_pg_class) GETSTRUCT(tuple))->relpages * BLCKSZ;
		ReleaseSysCache(tuple);
		return;
	}
	table = try_relation_open(relid, NoLock);
	if (table == NULL)
	{
		UnlockRelationOid(relid, AccessShareLock);
		return;
	}
	if (RELKIND_HAS_STORAGE(table->rd_rel->relkind))
	{
		pages = RelationGetNumberOfBlocks(table);
		tuples = table->rd_rel->reltuples;
		old_pages = table->rd_rel->relpages;
		if (tuples >= 0 && old_pages > 0)
			*rows += tuples / old_pages * pages;
		else if (RELKIND_HAS_TABLE_AM(table->rd_rel->relkind))
			*rows += (double) pages * BLCKSZ /
				(get_relation_data_width(relid, NULL) +
				 SizeofHeapTupleHeader + sizeof(ItemIdData));
		*bytes += (int64) pages * BLCKSZ;
	}
	relation_close(table, AccessShareLock);
}

static int64
count_accesses(Oid relid)
{
	const PGFunction counters[] = {
		pg_stat_get_numscans, pg_stat_get_tuples_inserted,
		pg_stat_get_tuples_updated, pg_stat_get_tuples_deleted
	};
	int64		count = 0;

	for (int i = 0; i < lengthof(counters); i++)
		count += DatumGetInt64(DirectFunctionCall1(counters[i],
												   ObjectIdGetDatum(relid)));
	return count;
}

/*
 * Since the statistics began, or at least the server: an hour at the least,
 * for what a load of data does in its first minutes says little.
 */
static double
seconds_counted(void)
{
	LOCAL_FCINFO(fcinfo, 1);
	TimestampTz since;
	Datum		result;

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = ObjectIdGetDatum(MyDatabaseId);
	fcinfo->args[0].isnull = false;
	result = pg_stat_get_db_stat_reset_time(fcinfo);
	since = fcinfo->isnull ? PgStartTime : DatumGetTimestampTz(result);
	return Max((GetCurrentTimestamp() - since) / (double) USECS_PER_SEC,
			   SECS_PER_HOUR);
}

static void
load_size(HmRelation *relation)
{
	List	   *members;
	int64		accesses = 0;
	ListCell   *cell;

	relation->rows = 0;
	members = relation->kind == RELKIND_PARTITIONED_TABLE ?
		hm_inheritors_all(relation->oid) :
		list_make1_oid(relation->oid);
	foreach(cell, members)
	{
		CHECK_FOR_INTERRUPTS();
		count_pages(lfirst_oid(cell), &relation->rows, &relation->bytes);
		accesses += count_accesses(lfirst_oid(cell));
	}
	relation->busy = accesses / seconds_counted() >= hm_setting_busy_table;
}

static void
require_size(HmRelation *relation)
{
	if (relation->size_loaded)
		return;
	relation->size_loaded = true;
	if (OidIsValid(relation->oid) && relation->kind != RELKIND_VIEW)
		load_size(relation);
}

double
hm_relation_rows(HmRelation *relation)
{
	require_size(relation);
	return relation->rows;
}

bool
hm_relation_busy(HmRelation *relation)
{
	require_size(relation);
	return relation->busy;
}

/* Rows that the plan itself puts in are its own. */
bool
hm_relation_empty(HmRelation *relation)
{
	if (!relation->known)
		return false;
	if (hm_made(relation->made) || hm_made(relation->emptied))
		return true;
	require_size(relation);
	return (RELKIND_HAS_TABLE_AM(relation->kind) ||
			relation->kind == RELKIND_PARTITIONED_TABLE) &&
		relation->bytes == 0;
}
