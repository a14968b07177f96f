/*
 * src/audit/verify_evidence.c
 *	  What may be gone, or not be as it was, by the record itself: purged
 *	  blocks, redacted events, tables that an update of the extension changed.
 */
#include "postgres.h"

#include "audit/verify_work.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

/* Seven years have one or two leap days. */
#define RETENTION_FLOOR (INT64CONST(2556) * USECS_PER_DAY)

/* NULL for what is no JSON; nothing to clean up after such an error. */
static Jsonb *
parse_details(Datum written)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *string = TextDatumGetCString(written);
	Jsonb	   *volatile parsed = NULL;
	Jsonb	   *details;

	PG_TRY();
	{
		parsed = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
													CStringGetDatum(string)));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	details = parsed;
	return details != NULL && JB_ROOT_IS_OBJECT(details) ? details : NULL;
}

static bool
get_number(Jsonb *details, const char *key, int64 *number)
{
	JsonbValue	value;
	char	   *end;

	if (getKeyJsonValueFromContainer(&details->root, key, strlen(key),
									 &value) == NULL ||
		value.type != jbvNumeric)
		return false;
	*number = strtoi64(numeric_normalize(value.val.numeric), &end, 10);
	return *end == '\0';
}

/* The epoch that is spoken of: the event's own, unless another is named. */
static int
get_epoch(HmVerify *verify, Jsonb *details, int own)
{
	JsonbValue	value;

	if (getKeyJsonValueFromContainer(&details->root, "epoch", 5,
									 &value) == NULL ||
		value.type != jbvString)
		return own;
	for (int i = 0; i < verify->nepochs; i++)
	{
		const char *name = hm_verify_epoch_name(verify, i);

		if (strlen(name) == value.val.string.len &&
			memcmp(name, value.val.string.val, value.val.string.len) == 0)
			return i;
	}
	return -1;
}

/* The anchored clock when the event was sealed, or as it is now. */
static TimestampTz
anchored_at(HmVerify *verify, int epoch, int64 xid)
{
	int			block = hm_block_index_find(&verify->index, epoch,
											(uint64) xid, 0);

	return block == HM_NO_BLOCK ? verify->state_anchored_at :
		verify->blocks[block].anchored_at;
}

static void
note_purge(HmVerify *verify, Jsonb *details, const HmEventRow *row, int own)
{
	HmPurge		purge;

	purge.epoch = get_epoch(verify, details, own);
	purge.event_id = DatumGetInt64(row->values[HM_COL_EVENT_ID]);
	purge.purged_at = anchored_at(verify, own,
								  DatumGetInt64(row->values[HM_COL_XID]));
	if (purge.epoch < 0 ||
		!get_number(details, "first_block", &purge.first_block) ||
		!get_number(details, "last_block", &purge.last_block))
		return;
	if (verify->npurges == 0)
		verify->purges = MemoryContextAlloc(verify->work_context,
											sizeof(HmPurge));
	else
		verify->purges = repalloc(verify->purges, (verify->npurges + 1) *
								  sizeof(HmPurge));
	verify->purges[verify->npurges++] = purge;
}

static void
note_redaction(HmVerify *verify, Jsonb *details, int own)
{
	HmRedaction redaction;

	redaction.epoch = get_epoch(verify, details, own);
	if (redaction.epoch >= 0 &&
		get_number(details, "event_id", &redaction.event_id))
		hash_search(verify->redactions, &redaction, HASH_ENTER, NULL);
}

static bool
get_hash(Jsonb *details, const char *key, HmMerkleHash *hash)
{
	JsonbValue	value;

	if (getKeyJsonValueFromContainer(&details->root, key, strlen(key),
									 &value) == NULL ||
		value.type != jbvString ||
		value.val.string.len != 2 * HM_HASH_LENGTH)
		return false;
	for (int i = 0; i < value.val.string.len; i++)
	{
		if (strchr("0123456789abcdef", value.val.string.val[i]) == NULL)
			return false;
	}
	hex_decode(value.val.string.val, 2 * HM_HASH_LENGTH,
			   (char *) hash->bytes);
	return true;
}

static void
note_update(HmVerify *verify, Jsonb *details, int own)
{
	MemoryContext caller = MemoryContextSwitchTo(verify->work_context);
	HmUpdate   *update = palloc0(sizeof(HmUpdate));

	update->epoch = own;
	if (get_hash(details, "fingerprint_before", &update->before) &&
		get_hash(details, "fingerprint", &update->after))
		verify->updates = lappend(verify->updates, update);
	MemoryContextSwitchTo(caller);
}

/* What the updates lead to grows until it grows no more: they are few. */
bool
hm_verify_is_updated(const HmVerify *verify, int epoch,
					 const HmMerkleHash *before, const HmMerkleHash *after)
{
	int			count = list_length(verify->updates);
	bool	   *reached = palloc0(Max(count, 1));
	bool		grown = true;

	while (grown)
	{
		grown = false;
		for (int i = 0; i < count; i++)
		{
			const HmUpdate *update = list_nth(verify->updates, i);
			bool		follows = hm_merkle_equal(&update->before, before);

			if (reached[i] || update->epoch != epoch)
				continue;
			for (int j = 0; j < count && !follows; j++)
			{
				const HmUpdate *other = list_nth(verify->updates, j);

				follows = reached[j] &&
					hm_merkle_equal(&update->before, &other->after);
			}
			if (!follows)
				continue;
			if (hm_merkle_equal(&update->after, after))
				return true;
			reached[i] = grown = true;
		}
	}
	return false;
}

void
hm_verify_note_evidence(HmVerify *verify, const HmEventRow *row, int epoch)
{
	Jsonb	   *details;
	char	   *kind = TextDatumGetCString(row->values[HM_COL_KIND]);

	if (row->nulls[HM_COL_DETAILS])
		return;
	details = parse_details(row->values[HM_COL_DETAILS]);
	if (details == NULL)
		return;
	if (strcmp(kind, "record.purged") == 0)
		note_purge(verify, details, row, epoch);
	else if (strcmp(kind, "record.updated") == 0)
		note_update(verify, details, epoch);
	else
		note_redaction(verify, details, epoch);
}

const HmPurge *
hm_verify_find_purge(const HmVerify *verify, int epoch, int64 number)
{
	for (int i = 0; i < verify->npurges; i++)
	{
		const HmPurge *purge = &verify->purges[i];

		if (purge->epoch == epoch && number >= purge->first_block &&
			number <= purge->last_block)
			return purge;
	}
	return NULL;
}

bool
hm_verify_is_redacted(const HmVerify *verify, int epoch, int64 event_id)
{
	HmRedaction key = {epoch, event_id};

	return hash_search(verify->redactions, &key, HASH_FIND, NULL) != NULL;
}

static void
check_purge(HmVerify *verify, const HmPurge *purge)
{
	int			block = hm_verify_block_by_number(verify, purge->epoch,
												  purge->last_block);

	if (block == HM_NO_BLOCK)
		hm_verify_fail(verify, HM_CHECK_PURGED, purge->event_id,
					   "event " INT64_FORMAT " says that block " INT64_FORMAT
					   " was purged, which is not in the record",
					   purge->event_id, purge->last_block);
	else if (purge->purged_at - verify->blocks[block].anchored_at <
			 RETENTION_FLOOR)
		hm_verify_fail(verify, HM_CHECK_PURGED, purge->event_id,
					   "event " INT64_FORMAT " says that %s was purged, less than seven years after its seal",
					   purge->event_id, hm_verify_block_name(verify, block));
}

void
hm_verify_check_purges(HmVerify *verify)
{
	HmVerifyCheck *check = &verify->report->checks[HM_CHECK_PURGED];

	for (int i = 0; i < verify->npurges; i++)
		check_purge(verify, &verify->purges[i]);
	check->checked = verify->nhash_only;
	if (verify->nhash_only > 0)
		hm_verify_remark(verify, HM_CHECK_PURGED,
						 INT64_FORMAT " events are hash only, purged or redacted on record",
						 verify->nhash_only);
}
