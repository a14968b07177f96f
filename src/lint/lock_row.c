/*
 * src/lint/lock_row.c
 *	  The locks of a text, statement by statement, as people are told.
 */
#include "postgres.h"

#include "lint/lock_row.h"

static HmLockRow *
find_row(List *rows, int statement_no, const HmRelation *relation)
{
	for (int i = list_length(rows) - 1; i >= 0; i--)
	{
		HmLockRow  *row = list_nth(rows, i);

		if (row->statement_no != statement_no)
			break;
		if (row->taken.relation == relation)
			return row;
	}
	return NULL;
}

static HmLockRow *
add_row(HmLockRows *into, const HmWorld *world, int line,
		const HmLockTaken *taken)
{
	HmLockRow  *row = palloc0(sizeof(HmLockRow));

	row->statement_no = world->now.statement;
	row->line = line;
	row->relation = pstrdup(taken->relation->display);
	row->made = hm_made(taken->relation->made);
	row->held = taken->relation->held;
	into->rows = lappend(into->rows, row);
	return row;
}

void
hm_lock_rows_watch(HmWorld *world, Node *statement, List *locks, int line,
				   void *argument)
{
	HmLockRows *into = argument;
	MemoryContext before = MemoryContextSwitchTo(into->context);
	ListCell   *cell;

	foreach(cell, locks)
	{
		const HmLockTaken *taken = lfirst(cell);
		HmLockRow  *row = find_row(into->rows, world->now.statement,
								   taken->relation);

		if (row == NULL)
			row = add_row(into, world, line, taken);
		if (row->taken.mode < taken->mode)
			row->taken = *taken;
	}
	MemoryContextSwitchTo(before);
}

const char *
hm_lock_row_blocks(const HmLockRow *row)
{
	if (row->made || row->taken.relation->temporary)
		return "nothing";
	if (hm_lock_blocks_reads(row->taken.mode))
		return "reads and writes";
	return hm_lock_blocks_writes(row->taken.mode) ? "writes" : "nothing";
}

const char *
hm_lock_row_lasts(const HmLockRow *row)
{
	return row->taken.to_the_end ? "to the end" : "between phases";
}

const char *
hm_lock_row_reason(const HmLockRow *row)
{
	if (row->made)
		return "new in this plan";
	if (row->held >= row->taken.mode)
		return "already held";
	return row->taken.why ? row->taken.why : "it is named";
}

double
hm_lock_row_rows(const HmLockRow *row)
{
	return row->made ? 0 : hm_relation_rows(row->taken.relation);
}
