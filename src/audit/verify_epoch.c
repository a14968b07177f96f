/*
 * src/audit/verify_epoch.c
 *	  Epochs: which there are, and whether one follows from the other.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/verify_work.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

static HmEpoch *
add_epoch(HmVerify *verify, const pg_uuid_t *id)
{
	HmEpoch    *epoch;

	verify->epochs = verify->epochs == NULL ? palloc(sizeof(HmEpoch)) :
		repalloc(verify->epochs, (verify->nepochs + 1) * sizeof(HmEpoch));
	epoch = &verify->epochs[verify->nepochs++];
	memset(epoch, 0, sizeof(HmEpoch));
	epoch->id = *id;
	return epoch;
}

/* Adds one that no row of audit_epoch names, with ordinal 0. */
int
hm_verify_epoch(HmVerify *verify, const pg_uuid_t *id)
{
	for (int i = 0; i < verify->nepochs; i++)
	{
		if (memcmp(&verify->epochs[i].id, id, sizeof(*id)) == 0)
			return i;
	}
	add_epoch(verify, id);
	return verify->nepochs - 1;
}

const char *
hm_verify_epoch_name(const HmVerify *verify, int epoch)
{
	pg_uuid_t	id = verify->epochs[epoch].id;

	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&id)));
}

static void
load_epoch(HmVerify *verify, void *state, ItemPointer tid, Datum *values,
		   bool *nulls)
{
	MemoryContext caller = MemoryContextSwitchTo(state);
	HmEpoch    *epoch = add_epoch(verify,
								  DatumGetUUIDP(values[HM_EPOCH_EPOCH]));

	epoch->ordinal = DatumGetInt64(values[HM_EPOCH_ORDINAL]);
	epoch->system_identifier =
		DatumGetInt64(values[HM_EPOCH_SYSTEM_IDENTIFIER]);
	text_to_cstring_buffer((text *) DatumGetPointer(values[HM_EPOCH_STATE]),
						   epoch->state, sizeof(epoch->state));
	MemoryContextSwitchTo(caller);
}

static void
load_state(HmVerify *verify, void *state, ItemPointer tid, Datum *values,
		   bool *nulls)
{
	verify->nstates++;
	verify->state_epoch = *DatumGetUUIDP(values[HM_STATE_EPOCH]);
	verify->state_database = DatumGetInt64(values[HM_STATE_DATABASE_OID]);
	verify->state_system_identifier =
		DatumGetInt64(values[HM_STATE_SYSTEM_IDENTIFIER]);
	verify->state_anchored_at =
		DatumGetTimestampTz(values[HM_STATE_ANCHORED_AT]);
	if (!nulls[HM_STATE_DIGEST_BLOCK])
		verify->state_digest_block =
			DatumGetInt64(values[HM_STATE_DIGEST_BLOCK]);
}

static int
compare_ordinals(const void *left, const void *right)
{
	const HmEpoch *a = left;
	const HmEpoch *b = right;

	return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

void
hm_verify_load_epochs(HmVerify *verify)
{
	hm_verify_scan(verify, HM_TABLE_EPOCH, load_epoch, CurrentMemoryContext);
	hm_verify_scan(verify, HM_TABLE_STATE, load_state, NULL);
	if (verify->nepochs > 0)
		qsort(verify->epochs, verify->nepochs, sizeof(HmEpoch),
			  compare_ordinals);
}

static void
check_state(HmVerify *verify, int nopen, int open)
{
	if (verify->nstates != 1)
		hm_verify_fail(verify, HM_CHECK_EPOCH, 0,
					   "audit_state has %d rows, not one", verify->nstates);
	else if (nopen == 1 && memcmp(&verify->epochs[open].id,
								  &verify->state_epoch, UUID_LEN) != 0)
		hm_verify_fail(verify, HM_CHECK_EPOCH, 0,
					   "audit_state names another epoch than the open one, %s",
					   hm_verify_epoch_name(verify, open));
	else if (verify->state_database != MyDatabaseId ||
			 verify->state_system_identifier != (int64) GetSystemIdentifier())
		hm_verify_remark(verify, HM_CHECK_EPOCH,
						 "this is a copy of another database: the next seal opens an epoch for it");
	if (nopen != 1)
		hm_verify_fail(verify, HM_CHECK_EPOCH, 0,
					   "%d epochs are open, not one", nopen);
}

/* Restored epochs wait for their adoption with an ordinal of elsewhere. */
void
hm_verify_check_epochs(HmVerify *verify)
{
	HmVerifyCheck *check = &verify->report->checks[HM_CHECK_EPOCH];
	int			nopen = 0;
	int			open = -1;

	for (int i = 0; i < verify->nepochs; i++)
	{
		const HmEpoch *epoch = &verify->epochs[i];

		if (!verify->index.epochs[i].wanted)
			continue;
		check->checked++;
		if (epoch->ordinal == 0)
			hm_verify_fail(verify, HM_CHECK_EPOCH, 0,
						   "blocks of epoch %s, which audit_epoch does not have",
						   hm_verify_epoch_name(verify, i));
		if (i > 0 && memcmp(&epoch->id, &epoch[-1].id, UUID_LEN) == 0)
			hm_verify_fail(verify, HM_CHECK_EPOCH, 0, "epoch %s twice",
						   hm_verify_epoch_name(verify, i));
		if (strcmp(epoch->state, "failed") == 0)
			hm_verify_fail(verify, HM_CHECK_EPOCH, 0,
						   "epoch %s came with a restored dump and did not pass",
						   hm_verify_epoch_name(verify, i));
		if (strcmp(epoch->state, "open") == 0)
		{
			nopen++;
			open = i;
		}
	}
	if (verify->options->epoch == NULL)
		check_state(verify, nopen, open);
}
