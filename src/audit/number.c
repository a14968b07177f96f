/*
 * src/audit/number.c
 *	  Numbers from our sequences, past nextval().
 *
 * A sequence is a page with one row, which nextval() changes in place.  So do
 * we, and as it does: to write each number to the WAL would be dear, so what
 * is written there is AHEAD numbers further on, and log_cnt says how many of
 * these are left.  After a crash they are skipped.  nextval(), setval() and
 * pg_dump work on the same sequence beside us.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xlog.h"
#include "audit/number.h"
#include "base/compat.h"
#include "commands/sequence.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#define AHEAD 32

/* No column can be null. */
#define ROW_LENGTH (MAXALIGN(SizeofHeapTupleHeader) + \
	offsetof(FormData_pg_sequence_data, is_called) + sizeof(bool))

static Form_pg_sequence_data
row_of(Relation sequence, Page page)
{
	ItemId		item = PageGetItemId(page, FirstOffsetNumber);
	HeapTupleData tuple;

	if (PageGetMaxOffsetNumber(page) != FirstOffsetNumber ||
		!ItemIdIsNormal(item) || ItemIdGetLength(item) != ROW_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("sequence \"%s\" does not have the row it should have",
						RelationGetRelationName(sequence))));
	tuple.t_data = (HeapTupleHeader) PageGetItem(page, item);
	return (Form_pg_sequence_data) GETSTRUCT(&tuple);
}

static int64
number_after(Relation sequence, const FormData_pg_sequence_data *row)
{
	if (!row->is_called)
		return row->last_value;
	if (row->last_value >= PG_INT64_MAX - AHEAD)
		ereport(ERROR,
				(errcode(ERRCODE_SEQUENCE_GENERATOR_LIMIT_EXCEEDED),
				 errmsg("sequence \"%s\" has come to its end",
						RelationGetRelationName(sequence))));
	return row->last_value + 1;
}

/*
 * The image is whole, for the row in the buffer is not the one that was last
 * written to the WAL, so that a difference to it would mean nothing there.
 */
static void
log_ahead(Relation sequence, Buffer buffer, int64 number)
{
	GenericXLogState *state = GenericXLogStart(sequence);
	Page		page = GenericXLogRegisterBuffer(state, buffer,
												 GENERIC_XLOG_FULL_IMAGE);
	Form_pg_sequence_data row = row_of(sequence, page);

	row->last_value = number + AHEAD;
	row->log_cnt = 0;
	row->is_called = true;
	GenericXLogFinish(state);
}

/*
 * What a checkpoint wrote may be the row as it is now.  So the first number
 * after one has to be logged, whatever was before.
 */
static bool
is_logged(Page page, const FormData_pg_sequence_data *row)
{
	return row->is_called && row->log_cnt > 0 &&
		PageGetLSN(page) > GetRedoRecPtr();
}

static int64
take(Relation sequence, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	Form_pg_sequence_data row = row_of(sequence, page);
	int64		number = number_after(sequence, row);
	int64		left = row->log_cnt - 1;

	if (!is_logged(page, row))
	{
		log_ahead(sequence, buffer, number);
		left = AHEAD;
	}
	MarkBufferDirty(buffer);
	row->last_value = number;
	row->log_cnt = left;
	return number;
}

int64
hm_number_next(HmRelation sequence)
{
	Relation	relation = relation_open(hm_relation_oid(sequence),
										 RowExclusiveLock);
	Buffer		buffer = ReadBuffer(relation, 0);
	int64		number;

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	number = take(relation, buffer);
	UnlockReleaseBuffer(buffer);
	relation_close(relation, RowExclusiveLock);
	return number;
}
