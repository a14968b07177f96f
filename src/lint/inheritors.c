/*
 * src/lint/inheritors.c
 *	  Children and partitions, also of what goes away at the same time.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "lint/inheritors.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* Has it ever had a child? */
static bool
may_have_children(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_class) GETSTRUCT(tuple))->relhassubclass;
	ReleaseSysCache(tuple);
	return result;
}

List *
hm_inheritors_children(Oid relation)
{
	List	   *children = NIL;
	Relation	catalog;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;

	if (!may_have_children(relation))
		return NIL;
	catalog = table_open(InheritsRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_inherits_inhparent, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relation));
	scan = systable_beginscan(catalog, InheritsParentIndexId, true, NULL, 1,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		children = lappend_oid(children,
							   ((Form_pg_inherits) GETSTRUCT(tuple))->inhrelid);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	list_sort(children, list_oid_cmp);
	return children;
}

List *
hm_inheritors_all(Oid relation)
{
	List	   *all = list_make1_oid(relation);

	for (int i = 0; i < list_length(all); i++)
	{
		CHECK_FOR_INTERRUPTS();
		all = list_concat_unique_oid(all,
									 hm_inheritors_children(list_nth_oid(all,
																		 i)));
	}
	return all;
}
