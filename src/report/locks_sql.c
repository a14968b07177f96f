/*
 * src/report/locks_sql.c
 *	  SQL function migrate_locks.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "lint/lock_row.h"
#include "plan/outlook.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_migrate_locks);

#define COLUMNS 8

static void
put_row(ReturnSetInfo *result, const HmLockRow *row)
{
	double		rows = hm_lock_row_rows(row);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {0};

	values[0] = Int32GetDatum(row->statement_no);
	values[1] = Int32GetDatum(row->line);
	values[2] = CStringGetTextDatum(row->relation);
	values[3] = CStringGetTextDatum(hm_lock_name(row->taken.mode));
	values[4] = CStringGetTextDatum(hm_lock_row_blocks(row));
	values[5] = CStringGetTextDatum(hm_lock_row_lasts(row));
	nulls[6] = rows < 0;
	values[6] = Int64GetDatum((int64) Max(rows, 0));
	values[7] = CStringGetTextDatum(hm_lock_row_reason(row));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
require_may_show(const HmOutlook *outlook, void *argument)
{
	(void) hm_outlook_may_show(outlook);
}

Datum
hm_migrate_locks(PG_FUNCTION_ARGS)
{
	HmLockRows	locks = {.context = CurrentMemoryContext};
	HmOutlookWish wish = {
		.catalogs = true,
		.visit = require_may_show,
		.watch = hm_lock_rows_watch,
		.argument = &locks
	};
	ListCell   *cell;

	hm_capability_require_any();
	wish.names = list_make1(hm_arg_require_text(fcinfo, 0, "name"));
	wish.direction = hm_direction_name(hm_direction_require(hm_arg_require_text(fcinfo, 1,
																				"direction")));
	hm_outlook_walk_as(&wish);
	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, locks.rows)
		put_row((ReturnSetInfo *) fcinfo->resultinfo, lfirst(cell));
	return (Datum) 0;
}
