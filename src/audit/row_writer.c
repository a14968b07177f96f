/*
 * src/audit/row_writer.c
 *	  Inserts rows into a table of ours, past the executor.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "audit/row_writer.h"
#include "catalog/index.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#define MAX_INDEXES 4
#define BATCH 500

struct HmWriter
{
	Relation	table;
	int			columns;		/* that rows have values for */
	int			nindexes;
	Relation	indexes[MAX_INDEXES];
	IndexInfo  *infos[MAX_INDEXES];
	int			nslots;			/* made so far */
	int			nrows;			/* waiting in them */
	TupleTableSlot *slots[BATCH];
};

HmWriter *
hm_writer_open(HmRelation table, int columns)
{
	HmWriter   *writer = palloc0(sizeof(HmWriter));
	List	   *indexes;
	ListCell   *cell;

	writer->table = table_open(hm_relation_oid(table), RowExclusiveLock);
	writer->columns = columns;
	if (RelationGetNumberOfAttributes(writer->table) < columns)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("table \"hipaa_migrate.%s\" does not have the columns it should have",
						RelationGetRelationName(writer->table))));
	indexes = RelationGetIndexList(writer->table);
	if (list_length(indexes) > MAX_INDEXES)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("table \"%s\" has indexes that are not its own",
						RelationGetRelationName(writer->table))));
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), RowExclusiveLock);

		writer->indexes[writer->nindexes] = index;
		writer->infos[writer->nindexes++] = BuildIndexInfo(index);
	}
	list_free(indexes);
	return writer;
}

static void
insert_into_indexes(HmWriter *writer, TupleTableSlot *slot)
{
	Datum		values[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS];

	for (int i = 0; i < writer->nindexes; i++)
	{
		Relation	index = writer->indexes[i];

		FormIndexDatum(writer->infos[i], slot, NULL, values, nulls);
		(void) index_insert(index, values, nulls, &slot->tts_tid,
							writer->table,
							index->rd_index->indisunique ?
							UNIQUE_CHECK_YES : UNIQUE_CHECK_NO,
							false, writer->infos[i]);
	}
}

static void
flush(HmWriter *writer)
{
	if (writer->nrows == 0)
		return;
	table_multi_insert(writer->table, writer->slots, writer->nrows,
					   GetCurrentCommandId(true),
					   TABLE_INSERT_SKIP_FSM, NULL);
	for (int i = 0; i < writer->nrows; i++)
	{
		insert_into_indexes(writer, writer->slots[i]);
		ExecClearTuple(writer->slots[i]);
	}
	writer->nrows = 0;
}

void
hm_writer_add(HmWriter *writer, const Datum *values, const bool *nulls)
{
	TupleTableSlot *slot;

	if (writer->nrows == BATCH)
		flush(writer);
	if (writer->nrows == writer->nslots)
		writer->slots[writer->nslots++] = table_slot_create(writer->table,
															NULL);
	slot = writer->slots[writer->nrows++];
	ExecStoreAllNullTuple(slot);
	memcpy(slot->tts_values, values, writer->columns * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, writer->columns * sizeof(bool));
}

void
hm_writer_close(HmWriter *writer)
{
	flush(writer);
	for (int i = 0; i < writer->nslots; i++)
		ExecDropSingleTupleTableSlot(writer->slots[i]);
	for (int i = 0; i < writer->nindexes; i++)
		index_close(writer->indexes[i], NoLock);
	table_close(writer->table, NoLock);
	pfree(writer);
}
