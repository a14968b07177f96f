/*
 * src/guard/guard_rows.c
 *	  Rows of hipaa_migrate.guard_class.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "guard/guard_rows.h"
#include "utils/builtins.h"
#include "utils/rel.h"

enum
{
	ANUM_CLASS = 1,
	ANUM_MODE,
	ANUM_DATABASE
};

static Datum
get_column(HeapTuple tuple, int column, TupleDesc columns)
{
	bool		isnull;

	return heap_getattr(tuple, column, columns, &isnull);	/* all NOT NULL */
}

static void
read_row(HeapTuple tuple, TupleDesc columns, HmGuardMode *modes)
{
	char	   *class_name = TextDatumGetCString(get_column(tuple, ANUM_CLASS, columns));
	char	   *mode_name = TextDatumGetCString(get_column(tuple, ANUM_MODE, columns));
	Oid			database = DatumGetObjectId(get_column(tuple, ANUM_DATABASE, columns));
	HmGuardClass class;
	HmGuardMode mode;

	if (database == MyDatabaseId && hm_guard_class_parse(class_name, &class) &&
		hm_guard_mode_parse(mode_name, &mode))
		modes[class] = mode;
}

void
hm_guard_rows_read(HmGuardMode *modes)
{
	Oid			relid = hm_relation_find(HM_RELATION_GUARD_CLASS);
	Relation	relation;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(relid))
		return;
	relation = try_table_open(relid, AccessShareLock);
	if (relation == NULL)
		return;					/* DROP EXTENSION was waited for */
	scan = systable_beginscan(relation, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		read_row(tuple, RelationGetDescr(relation), modes);
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
}
