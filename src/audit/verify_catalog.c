/*
 * src/audit/verify_catalog.c
 *	  Catalogs: what they say about our tables, and what they said at the seal.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/fingerprint.h"
#include "audit/verify_work.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/rel.h"

/* ---- what a reader of the table would see ---- */

static void
check_column(HmVerify *verify, const HmLayout *layout, Relation relation,
			 int number)
{
	Form_pg_attribute column = TupleDescAttr(RelationGetDescr(relation),
											 number);
	const HmColumn *expected = &layout->columns[number];

	if (strcmp(NameStr(column->attname), expected->name) != 0 ||
		column->attisdropped)
		hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0,
					   "column %d of %s is called \"%s\", not \"%s\"",
					   number + 1, layout->table, NameStr(column->attname),
					   expected->name);
	else if (column->atttypid != expected->type)
		hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0,
					   "column \"%s\" of %s has another type",
					   expected->name, layout->table);
}

static void
check_columns(HmVerify *verify, const HmLayout *layout, Relation relation)
{
	int			natts = RelationGetNumberOfAttributes(relation);

	if (natts != layout->ncolumns)
		hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0,
					   "%s has %d columns, not %d", layout->table, natts,
					   layout->ncolumns);
	for (int i = 0; i < Min(natts, layout->ncolumns); i++)
		check_column(verify, layout, relation, i);
}

static void
check_table(HmVerify *verify, const HmLayout *layout, Relation relation)
{
	Form_pg_class form = relation->rd_rel;
	const char *odd = NULL;

	if (form->relrowsecurity || form->relforcerowsecurity)
		odd = "row security";
	else if (form->relhasrules)
		odd = "rules";
	else if (form->relispartition || form->relhassubclass)
		odd = "parents or children";
	if (odd)
		hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0, "%s has %s",
					   layout->table, odd);
	if (form->relpersistence != RELPERSISTENCE_PERMANENT)
		hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0,
					   "%s would not survive a crash", layout->table);
	check_columns(verify, layout, relation);
}

/* ---- what they were ---- */

/* The last block of the open epoch, if this database is the one it says. */
static int
last_block(HmVerify *verify)
{
	int			epoch;
	const HmEpochKey *key;

	if (verify->nstates != 1 || verify->state_database != MyDatabaseId ||
		verify->state_system_identifier != (int64) GetSystemIdentifier())
		return HM_NO_BLOCK;
	epoch = hm_block_index_epoch(&verify->index, &verify->state_epoch);
	if (epoch < 0)
		return HM_NO_BLOCK;
	key = &verify->index.epochs[epoch];
	return key->nblocks == 0 ? HM_NO_BLOCK :
		key->first_block + key->nblocks - 1;
}

static bool
is_same(const HmVerify *verify, int epoch, const HmMerkleHash *before,
		const HmMerkleHash *after)
{
	return hm_merkle_equal(before, after) ||
		hm_verify_is_updated(verify, epoch, before, after);
}

static void
check_fingerprint(HmVerify *verify)
{
	int			block = last_block(verify);
	HmMerkleHash now;

	if (block == HM_NO_BLOCK)
	{
		hm_verify_remark(verify, HM_CHECK_FINGERPRINT,
						 "nothing is sealed yet to compare the catalogs with");
		return;
	}
	hm_fingerprint_compute(&now);
	if (!verify->blocks[block].has_fingerprint ||
		!is_same(verify, verify->blocks[block].epoch,
				 &verify->blocks[block].fingerprint, &now))
		hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0,
					   "the catalogs of the record's tables are not as they were when %s was sealed",
					   hm_verify_block_name(verify, block));
}

/*
 * A later seal takes the catalogs as it finds them.  Nothing that changes them
 * passes the door but the script of an update, which is on record, so they are
 * else the same in all blocks of an epoch.  Only pg_upgrade makes them anew,
 * for a server with another identifier, whose first seal closes the epoch.
 */
static void
check_fingerprints(HmVerify *verify)
{
	for (int i = 1; i < verify->nblocks; i++)
	{
		const HmVerifyBlock *block = &verify->blocks[i];

		if (block->epoch == block[-1].epoch &&
			verify->index.epochs[block->epoch].wanted &&
			!verify->index.blocks[i].trusted &&
			block->system_identifier == block[-1].system_identifier &&
			!is_same(verify, block->epoch, &block[-1].fingerprint,
					 &block->fingerprint))
			hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0,
						   "the catalogs of the record's tables were changed before %s was sealed",
						   hm_verify_block_name(verify, i));
	}
}

void
hm_verify_check_catalogs(HmVerify *verify)
{
	if (verify->options->epoch != NULL)
	{
		hm_verify_skip(verify, HM_CHECK_FINGERPRINT,
					   "the epoch is verified by itself");
		return;
	}
	for (int i = 0; i < HM_TABLE_COUNT; i++)
	{
		if (verify->tables[i] == NULL)
			continue;
		check_table(verify, hm_verify_layouts[i], verify->tables[i]);
		verify->report->checks[HM_CHECK_FINGERPRINT].checked++;
	}
	check_fingerprints(verify);
	check_fingerprint(verify);
}
