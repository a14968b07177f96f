/*
 * src/audit/verify_digest.c
 *	  The record against a digest that was handed out and kept elsewhere.
 *
 * A block that is not here although it was handed out was cut off, unless
 * the server lost the end of its write-ahead log: after the failover to a
 * standby that did not have it, or after a recovery to an earlier point.  Then
 * the log of the digest's timeline ends before the digest, and the message
 * says so.
 */
#include "postgres.h"

#include "access/timeline.h"
#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "audit/verify_work.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* What is asked of a digest. */
typedef struct Digest
{
	int			epoch;
	int64		block;
	int64		tree_size;
	HmMerkleHash root;
	HmMerkleHash block_hash;
	int64		timeline;
	XLogRecPtr	lsn;
} Digest;

/* A member that is a string or a number, as text; NULL if there is none. */
static char *
get_member(Jsonb *digest, const char *key)
{
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(digest) ||
		getKeyJsonValueFromContainer(&digest->root, key, strlen(key),
									 &value) == NULL)
		return NULL;
	if (value.type == jbvString)
		return pnstrdup(value.val.string.val, value.val.string.len);
	if (value.type == jbvNumeric)
		return numeric_normalize(value.val.numeric);
	return NULL;
}

static char *
require_member(HmVerify *verify, const char *key)
{
	char	   *member = get_member(verify->options->digest, key);

	if (member == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the digest has no member \"%s\"", key),
				 errhint("Give it as audit_digest() or hipaa_migrate.digest_command got it.")));
	return member;
}

static void
refuse_member(const char *key, const char *member)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("member \"%s\" of the digest cannot be read: \"%s\"", key,
					member)));
}

static int64
require_number(HmVerify *verify, const char *key)
{
	char	   *member = require_member(verify, key);
	char	   *end;
	int64		number = strtoi64(member, &end, 10);

	if (*end != '\0')
		refuse_member(key, member);
	return number;
}

static void
require_hash(HmVerify *verify, const char *key, HmMerkleHash *hash)
{
	char	   *member = require_member(verify, key);

	if (strlen(member) != 2 * HM_HASH_LENGTH ||
		strspn(member, "0123456789abcdefABCDEF") != 2 * HM_HASH_LENGTH)
		refuse_member(key, member);
	hex_decode(member, 2 * HM_HASH_LENGTH, (char *) hash->bytes);
}

/* -1: not one that the record has. */
static int
require_epoch(HmVerify *verify)
{
	char	   *member = require_member(verify, "epoch");

	for (int i = 0; i < verify->nepochs; i++)
	{
		if (pg_strcasecmp(member, hm_verify_epoch_name(verify, i)) == 0)
			return i;
	}
	return -1;
}

static void
read_digest(HmVerify *verify, Digest *digest)
{
	char	   *member = require_member(verify, "lsn");
	uint32		high;
	uint32		low;

	if (sscanf(member, "%X/%X", &high, &low) != 2)
		refuse_member("lsn", member);
	digest->lsn = (uint64) high << 32 | low;
	digest->epoch = require_epoch(verify);
	digest->block = require_number(verify, "block");
	digest->tree_size = require_number(verify, "tree_size");
	digest->timeline = require_number(verify, "timeline");
	require_hash(verify, "root", &digest->root);
	require_hash(verify, "block_hash", &digest->block_hash);
}

/* ---- a block that is not here ---- */

/* Where the server's log ends, and its timeline. */
static XLogRecPtr
current_position(TimeLineID *timeline)
{
	if (RecoveryInProgress())
		return GetXLogReplayRecPtr(timeline);
	*timeline = GetWALInsertionTimeLine();
	return GetXLogInsertRecPtr();
}

/* InvalidXLogRecPtr: the timeline is not one that led to the current one. */
static XLogRecPtr
end_of_timeline(TimeLineID timeline, TimeLineID current)
{
	ListCell   *cell;

	foreach(cell, readTimeLineHistory(current))
	{
		TimeLineHistoryEntry *entry = lfirst(cell);

		if (entry->tli == timeline)
			return entry->end;
	}
	return InvalidXLogRecPtr;
}

/* Does the server's log end before the digest, so that the block was lost? */
static bool
report_short_log(HmVerify *verify, const Digest *digest)
{
	TimeLineID	timeline;
	XLogRecPtr	position = current_position(&timeline);
	bool		current = digest->timeline == timeline;
	XLogRecPtr	end = current ? position :
	end_of_timeline((TimeLineID) digest->timeline, timeline);

	if (XLogRecPtrIsInvalid(end) || end >= digest->lsn)
		return false;
	if (!current)
		hm_verify_fail(verify, HM_CHECK_DIGEST, 0,
					   "behind digest: timeline " INT64_FORMAT
					   " ended at LSN %X/%X, block " INT64_FORMAT
					   " was handed out at %X/%X", digest->timeline,
					   LSN_FORMAT_ARGS(end), digest->block,
					   LSN_FORMAT_ARGS(digest->lsn));
	else if (RecoveryInProgress())
		hm_verify_fail(verify, HM_CHECK_DIGEST, 0,
					   "behind digest: this standby has replayed the log up to LSN %X/%X, block "
					   INT64_FORMAT " was handed out at %X/%X",
					   LSN_FORMAT_ARGS(end), digest->block,
					   LSN_FORMAT_ARGS(digest->lsn));
	else
		hm_verify_fail(verify, HM_CHECK_DIGEST, 0,
					   "an older copy of the data directory was put back: the log is at LSN %X/%X, block "
					   INT64_FORMAT " was handed out at %X/%X",
					   LSN_FORMAT_ARGS(end), digest->block,
					   LSN_FORMAT_ARGS(digest->lsn));
	return true;
}

static void
report_absent(HmVerify *verify, const Digest *digest)
{
	TimeLineID	timeline;

	(void) current_position(&timeline);
	if (digest->timeline != timeline &&
		XLogRecPtrIsInvalid(end_of_timeline((TimeLineID) digest->timeline,
											timeline)))
		hm_verify_fail(verify, HM_CHECK_DIGEST, 0,
					   "block " INT64_FORMAT " is missing, it was handed out on timeline "
					   INT64_FORMAT ", which this server never was on",
					   digest->block, digest->timeline);
	else
		hm_verify_fail(verify, HM_CHECK_DIGEST, 0,
					   "block " INT64_FORMAT
					   " was handed out and is not in the record",
					   digest->block);
}

/*
 * A server that lost the end of its log gives the number of the lost block to
 * one of the next timeline.  Another block of the same timeline was replaced.
 */
static bool
may_be_lost(HmVerify *verify, int found, const Digest *digest)
{
	return found == HM_NO_BLOCK ||
		verify->blocks[found].timeline > digest->timeline;
}

/* The digest's block as it is here: the one that was handed out? */
static bool
is_same_block(const HmVerifyBlock *block, const Digest *digest)
{
	return hm_merkle_equal(&block->block_hash, &digest->block_hash) &&
		hm_merkle_equal(&block->root, &digest->root) &&
		block->tree_size == digest->tree_size;
}

void
hm_verify_check_digest(HmVerify *verify)
{
	Digest		digest;
	int			found;

	if (verify->options->digest == NULL)
	{
		hm_verify_skip(verify, HM_CHECK_DIGEST, "no digest was given");
		return;
	}
	read_digest(verify, &digest);
	verify->report->checks[HM_CHECK_DIGEST].checked = 1;
	found = digest.epoch < 0 ? HM_NO_BLOCK :
		hm_verify_block_by_number(verify, digest.epoch, digest.block);
	if (found != HM_NO_BLOCK &&
		is_same_block(&verify->blocks[found], &digest))
		hm_verify_remark(verify, HM_CHECK_DIGEST,
						 "%s is the one that was handed out",
						 hm_verify_block_name(verify, found));
	else if (may_be_lost(verify, found, &digest) &&
			 report_short_log(verify, &digest))
		return;
	else if (found == HM_NO_BLOCK)
		report_absent(verify, &digest);
	else
		hm_verify_fail(verify, HM_CHECK_DIGEST, 0,
					   "%s is not the one that was handed out",
					   hm_verify_block_name(verify, found));
}
