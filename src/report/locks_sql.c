/*
 * src/report/locks_sql.c
 *	  SQL function migrate_locks.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "lint/lock_level.h"
#include "plan/outlook.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_migrate_locks);

#define COLUMNS 8

/* A lock of a statement, and what it had been on before. */
typedef struct Row
{
	int			statement_no;
	int			line;
	char	   *relation;		/* as it is called before the statement */
	HmLockTaken taken;
	bool		made;
	LOCKMODE	held;
} Row;

/* All of them outlive the text that they are of. */
typedef struct Report
{
	MemoryContext context;
	List	   *rows;			/* of Row * */
} Report;

static Row *
find_row(List *rows, int statement_no, const HmRelation *relation)
{
	for (int i = list_length(rows) - 1; i >= 0; i--)
	{
		Row		   *row = list_nth(rows, i);

		if (row->statement_no != statement_no)
			break;
		if (row->taken.relation == relation)
			return row;
	}
	return NULL;
}

static Row *
add_row(Report *report, const HmWorld *world, int line,
		const HmLockTaken *taken)
{
	Row		   *row = palloc0(sizeof(Row));

	row->statement_no = world->now.statement;
	row->line = line;
	row->relation = pstrdup(taken->relation->display);
	row->made = hm_made(taken->relation->made);
	row->held = taken->relation->held;
	report->rows = lappend(report->rows, row);
	return row;
}

/* A statement that contains others has the strongest lock of all of them. */
static void
note_locks(HmWorld *world, Node *statement, int line, void *argument)
{
	Report	   *report = argument;
	List	   *locks = hm_locks_of(world, statement);
	MemoryContext before = MemoryContextSwitchTo(report->context);
	ListCell   *cell;

	foreach(cell, locks)
	{
		const HmLockTaken *taken = lfirst(cell);
		Row		   *row = find_row(report->rows, world->now.statement,
								   taken->relation);

		if (row == NULL)
			row = add_row(report, world, line, taken);
		if (row->taken.mode < taken->mode)
			row->taken = *taken;
	}
	MemoryContextSwitchTo(before);
}

static const char *
blocks(const Row *row)
{
	if (row->made || row->taken.relation->temporary)
		return "nothing";
	if (hm_lock_blocks_reads(row->taken.mode))
		return "reads and writes";
	return hm_lock_blocks_writes(row->taken.mode) ? "writes" : "nothing";
}

static const char *
reason(const Row *row)
{
	if (row->made)
		return "new in this plan";
	if (row->held >= row->taken.mode)
		return "already held";
	return row->taken.why ? row->taken.why : "it is named";
}

static void
put_row(ReturnSetInfo *result, const Row *row)
{
	HmRelation *relation = row->taken.relation;
	double		rows = row->made ? 0 : hm_relation_rows(relation);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {0};

	values[0] = Int32GetDatum(row->statement_no);
	values[1] = Int32GetDatum(row->line);
	values[2] = CStringGetTextDatum(row->relation);
	values[3] = CStringGetTextDatum(hm_lock_name(row->taken.mode));
	values[4] = CStringGetTextDatum(blocks(row));
	values[5] = CStringGetTextDatum(row->taken.to_the_end ? "to the end" :
									"between phases");
	nulls[6] = rows < 0;
	values[6] = Int64GetDatum((int64) Max(rows, 0));
	values[7] = CStringGetTextDatum(reason(row));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static const char *
require_direction(const char *direction)
{
	if (strcmp(direction, "up") != 0 && strcmp(direction, "down") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid direction \"%s\"", direction),
				 errhint("Use one of \"up\", \"down\".")));
	return direction;
}

Datum
hm_migrate_locks(PG_FUNCTION_ARGS)
{
	Report		report = {.context = CurrentMemoryContext};
	HmOutlookWish wish = {
		.catalogs = true,
		.watch = note_locks,
		.argument = &report
	};
	ListCell   *cell;

	hm_capability_require_any();
	wish.name = hm_arg_require_text(fcinfo, 0, "name");
	wish.direction = require_direction(hm_arg_require_text(fcinfo, 1,
														   "direction"));
	hm_outlook_walk_as(&wish);
	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, report.rows)
		put_row((ReturnSetInfo *) fcinfo->resultinfo, lfirst(cell));
	return (Datum) 0;
}
