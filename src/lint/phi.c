/*
 * src/lint/phi.c
 *	  Which tables and columns hold health information, as their labels say.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "base/provider.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/seclabel.h"
#include "lint/phi.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

static const char *const level_names[] = {
	[HM_PHI_UNLABELLED] = NULL,
	[HM_PHI_NONE] = "none",
	[HM_PHI_PERSONAL] = "pii",
	[HM_PHI_HEALTH] = "phi",
};

const char *
hm_phi_level_name(HmPhiLevel level)
{
	return level_names[level];
}

bool
hm_phi_level_parse(const char *label, HmPhiLevel *level)
{
	*level = HM_PHI_UNLABELLED;
	if (label == NULL)
		return true;
	for (int i = HM_PHI_NONE; i <= HM_PHI_HEALTH; i++)
	{
		if (strcmp(label, level_names[i]) == 0)
		{
			*level = (HmPhiLevel) i;
			return true;
		}
	}
	return false;
}

/* What cannot be a label of ours was written past us: it protects. */
HmPhiLevel
hm_phi_own_level(Oid relid, AttrNumber attnum)
{
	ObjectAddress object;
	char	   *label;
	HmPhiLevel	level;

	ObjectAddressSubSet(object, RelationRelationId, relid, attnum);
	label = GetSecurityLabel(&object, HM_LABEL_PROVIDER);
	return hm_phi_level_parse(label, &level) ? level : HM_PHI_HEALTH;
}

/* Those that it is a partition or a child of. */
static List *
find_parents(Oid relid)
{
	Relation	catalog = table_open(InheritsRelationId, AccessShareLock);
	List	   *parents = NIL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, InheritsRelidSeqnoIndexId, true, NULL,
							  1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		parents = lappend_oid(parents,
							  ((Form_pg_inherits) GETSTRUCT(tuple))->inhparent);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return parents;
}

/* A column that the parent has not is measured by the parent itself. */
static AttrNumber
column_of_parent(Oid parent, const char *column)
{
	AttrNumber	attnum = column ? get_attnum(parent, column) : 0;

	return Max(attnum, 0);
}

HmPhiLabel
hm_phi_label_if(Oid relid, AttrNumber attnum, HmPhiLevel own)
{
	HmPhiLabel	label = {own, relid, attnum};
	char	   *column = attnum > 0 ? get_attname(relid, attnum, true) : NULL;
	ListCell   *cell;

	check_stack_depth();
	if (label.level == HM_PHI_UNLABELLED && attnum != 0)
	{
		label.level = hm_phi_own_level(relid, 0);
		label.attnum = 0;
	}
	if (label.level == HM_PHI_UNLABELLED)
		label.relid = InvalidOid;
	foreach(cell, find_parents(relid))
	{
		Oid			parent = lfirst_oid(cell);
		HmPhiLabel	inherited = hm_phi_label_of(parent,
												column_of_parent(parent, column));

		if (inherited.level > label.level)
			label = inherited;
	}
	return label;
}

HmPhiLabel
hm_phi_label_of(Oid relid, AttrNumber attnum)
{
	return hm_phi_label_if(relid, attnum, hm_phi_own_level(relid, attnum));
}

HmPhiLevel
hm_phi_level_of(Oid relid, AttrNumber attnum)
{
	return hm_phi_label_of(relid, attnum).level;
}

HmPhiLevel
hm_phi_table_level(Oid relid)
{
	return hm_phi_label_of(relid, 0).level;
}
