/*
 * src/lint/sequence.c
 *	  How far the sequence of a column has got.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "lint/sequence.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

static Oid
sequence_of(HmRelation *relation, const HmColumn *column)
{
	ListCell   *cell;

	foreach(cell, getOwnedSequences(relation->oid))
	{
		Oid			table;
		int32		number;

		if ((sequenceIsOwned(lfirst_oid(cell), DEPENDENCY_AUTO, &table,
							 &number) ||
			 sequenceIsOwned(lfirst_oid(cell), DEPENDENCY_INTERNAL, &table,
							 &number)) &&
			number == column->number)
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

static int64
read_last(Oid sequence)
{
	LOCAL_FCINFO(fcinfo, 1);
	int64		last;

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = ObjectIdGetDatum(sequence);
	fcinfo->args[0].isnull = false;
	last = DatumGetInt64(pg_sequence_last_value(fcinfo));
	return fcinfo->isnull ? -1 : last;
}

/* The function takes that lock itself, and would wait for it. */
int64
hm_sequence_last(HmRelation *relation, const HmColumn *column)
{
	Oid			sequence;
	int64		last;

	if (!OidIsValid(relation->oid) || column->number == 0)
		return -1;
	sequence = sequence_of(relation, column);
	if (!OidIsValid(sequence) ||
		get_rel_persistence(sequence) != RELPERSISTENCE_PERMANENT ||
		pg_class_aclcheck(sequence, GetUserId(),
						  ACL_SELECT | ACL_USAGE) != ACLCHECK_OK ||
		!ConditionalLockRelationOid(sequence, RowExclusiveLock))
		return -1;
	last = get_rel_relkind(sequence) == RELKIND_SEQUENCE ?
		read_last(sequence) : -1;
	UnlockRelationOid(sequence, RowExclusiveLock);
	return last;
}
