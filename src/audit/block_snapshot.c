/*
 * src/audit/block_snapshot.c
 *	  The snapshot that a block was sealed with.
 */
#include "postgres.h"

#include "access/transam.h"
#include "audit/block_snapshot.h"
#include "lib/qunique.h"
#include "lib/stringinfo.h"

static int
compare_xids(const void *one, const void *other)
{
	uint64		a = *(const uint64 *) one;
	uint64		b = *(const uint64 *) other;

	return a < b ? -1 : a > b;
}

/* A snapshot reaches back less than one wraparound from the next xid. */
static uint64
widen(TransactionId xid, FullTransactionId next)
{
	uint64		high = EpochFromFullTransactionId(next);

	if (xid > XidFromFullTransactionId(next))
		high--;
	return high << 32 | xid;
}

HmBlockSnapshot *
hm_block_snapshot_build(Snapshot snapshot)
{
	HmBlockSnapshot *block = palloc(sizeof(HmBlockSnapshot));
	FullTransactionId next = ReadNextFullTransactionId();

	Assert(!snapshot->takenDuringRecovery);
	block->xmin = widen(snapshot->xmin, next);
	block->xmax = widen(snapshot->xmax, next);
	block->xip = palloc(sizeof(uint64) * (snapshot->xcnt + 1));
	for (int i = 0; i < snapshot->xcnt; i++)
		block->xip[i] = widen(snapshot->xip[i], next);

	/* While a transaction is being prepared, two processes have its xid. */
	qsort(block->xip, snapshot->xcnt, sizeof(uint64), compare_xids);
	block->nxip = qunique(block->xip, snapshot->xcnt, sizeof(uint64),
						  compare_xids);
	return block;
}

char *
hm_block_snapshot_print(const HmBlockSnapshot *snapshot)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, UINT64_FORMAT ":" UINT64_FORMAT ":",
					 snapshot->xmin, snapshot->xmax);
	for (int i = 0; i < snapshot->nxip; i++)
		appendStringInfo(&text, "%s" UINT64_FORMAT, i > 0 ? "," : "",
						 snapshot->xip[i]);
	return text.data;
}

/* A number and, if delimiter is not 0, that character after it. */
static bool
parse_number(const char **text, char delimiter, uint64 *number)
{
	char	   *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*number = strtou64(*text, &end, 10);
	if (errno != 0 || (delimiter && *end != delimiter))
		return false;
	*text = delimiter ? end + 1 : end;
	return true;
}

static bool
parse_xip(const char *text, HmBlockSnapshot *snapshot)
{
	uint64		last = 0;

	while (*text)
	{
		uint64		xid;

		if (snapshot->nxip > 0 && *text++ != ',')
			return false;
		if (!parse_number(&text, 0, &xid) || xid <= last ||
			xid < snapshot->xmin || xid >= snapshot->xmax)
			return false;
		snapshot->xip[snapshot->nxip++] = last = xid;
	}
	return true;
}

HmBlockSnapshot *
hm_block_snapshot_parse(const char *text)
{
	HmBlockSnapshot *snapshot = palloc0(sizeof(HmBlockSnapshot));

	/* No identifier takes less than two characters. */
	snapshot->xip = palloc(sizeof(uint64) * (strlen(text) / 2 + 1));
	if (!parse_number(&text, ':', &snapshot->xmin) ||
		!parse_number(&text, ':', &snapshot->xmax) ||
		snapshot->xmin > snapshot->xmax || !parse_xip(text, snapshot))
		return NULL;
	return snapshot;
}
