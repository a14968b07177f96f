/*
 * src/lint/triggers.c
 *	  The triggers of a table, as the catalogs have them.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "lint/triggers.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

/* The index gives them by name. */
List *
hm_triggers_of(HmRelation *relation)
{
	List	   *names = NIL;
	Relation	catalog;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(relation->oid))
		return NIL;
	catalog = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relation->oid));
	scan = systable_beginscan(catalog, TriggerRelidNameIndexId, true, NULL, 1,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);

		if (!form->tgisinternal && form->tgenabled != TRIGGER_DISABLED)
			names = lappend(names,
							pstrdup(quote_identifier(NameStr(form->tgname))));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return names;
}
