/*
 * src/policy/phi_sql.c
 *	  SQL functions behind view phi_inventory.
 */
#include "postgres.h"

#include "access/relation.h"
#include "base/compat.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "funcapi.h"
#include "lint/phi.h"
#include "policy/phi_source.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(hm_phi_level_and_giver);
PG_FUNCTION_INFO_V1(hm_phi_view_sources);

/*
 * The table or column that its level comes from; NULL when it is that itself.
 */
static char *
name_giver(HmPhiLabel label, Oid relid, AttrNumber attnum)
{
	ObjectAddress object;

	if (label.level == HM_PHI_UNLABELLED ||
		(label.relid == relid && label.attnum == attnum))
		return NULL;
	ObjectAddressSubSet(object, RelationRelationId, label.relid, label.attnum);
	return getObjectIdentity(&object, true);
}

Datum
hm_phi_level_and_giver(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	AttrNumber	attnum = PG_GETARG_INT16(1);
	HmPhiLabel	label = hm_phi_label_of(relid, attnum);
	const char *level = hm_phi_level_name(label.level);
	char	   *giver = name_giver(label, relid, attnum);
	Datum		values[2] = {0};
	bool		nulls[2] = {level == NULL, giver == NULL};
	TupleDesc	descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (level)
		values[0] = CStringGetTextDatum(level);
	if (giver)
		values[1] = CStringGetTextDatum(giver);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor),
													  values, nulls)));
}

static void
put_sources(ReturnSetInfo *result, Relation view, AttrNumber attnum)
{
	List	   *sources = hm_phi_sources_of(view, attnum);
	ListCell   *cell;

	foreach(cell, sources)
	{
		const HmPhiSource *source = lfirst(cell);
		Datum		values[3] = {
			Int16GetDatum(attnum),
			ObjectIdGetDatum(source->relid),
			Int16GetDatum(source->attnum)
		};
		bool		nulls[3] = {0};

		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
	list_free_deep(sources);
}

Datum
hm_phi_view_sources(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	view;

	InitMaterializedSRF(fcinfo, 0);
	view = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	if (view == NULL)
		return (Datum) 0;
	if (view->rd_rel->relkind == RELKIND_VIEW ||
		view->rd_rel->relkind == RELKIND_MATVIEW)
	{
		for (int attnum = 1; attnum <= RelationGetNumberOfAttributes(view); attnum++)
			put_sources(result, view, attnum);
	}
	relation_close(view, AccessShareLock);
	return (Datum) 0;
}
