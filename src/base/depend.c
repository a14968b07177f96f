/*
 * src/base/depend.c
 *	  What depends on what, as pg_depend has it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "base/depend.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_rewrite.h"
#include "miscadmin.h"
#include "rewrite/rewriteSupport.h"
#include "utils/fmgroids.h"

/* All first: whoever looks at them may scan the catalog again. */
static List *
load(Oid index, ScanKey keys, int nkeys)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, index, true, NULL, nkeys,
										  keys);
	HeapTuple	tuple;
	List	   *rows = NIL;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		FormData_pg_depend *row = palloc(sizeof(FormData_pg_depend));

		CHECK_FOR_INTERRUPTS();
		*row = *(Form_pg_depend) GETSTRUCT(tuple);
		rows = lappend(rows, row);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return rows;
}

List *
hm_depend_on(Oid class, Oid object, int32 part)
{
	ScanKeyData keys[3];

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(class));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(object));
	ScanKeyInit(&keys[2], Anum_pg_depend_refobjsubid, BTEqualStrategyNumber,
				F_INT4EQ, Int32GetDatum(part));
	return load(DependReferenceIndexId, keys, part == 0 ? 2 : 3);
}

List *
hm_depend_read(Oid view)
{
	Oid			rule = get_rewrite_oid(view, ViewSelectRuleName, true);
	ScanKeyData keys[2];
	List	   *relations = NIL;
	ListCell   *cell;

	if (!OidIsValid(rule))
		return NIL;
	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(RewriteRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(rule));
	foreach(cell, load(DependDependerIndexId, keys, 2))
	{
		Form_pg_depend row = lfirst(cell);

		if (row->refclassid == RelationRelationId && row->refobjid != view)
			relations = list_append_unique_oid(relations, row->refobjid);
	}
	return relations;
}
