/*
 * src/audit/door_sequence.c
 *	  Our sequences, which setval() moves past every hook.
 *
 * The server tells that setval() is about to run, but not on what.  So where
 * somebody who may runs it, the positions are noted before, and compared after
 * each statement until the transaction commits.  What was moved back, or far
 * ahead, is put where it belongs: setval() is not undone by an abort, nor is
 * this.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/door_parts.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "storage/ipc.h"
#include "utils/acl.h"
#include "utils/snapmgr.h"

/* What nextval() of others may add between the two looks. */
#define MAX_STEP 1000000

/* The order is that of the columns of find_positions. */
static const HmRelation sequences[] = {
	HM_RELATION_EVENT_ID_SEQ,
	HM_RELATION_MIGRATION_ID_SEQ,
	HM_RELATION_RUN_ID_SEQ,
	HM_RELATION_STEP_ID_SEQ,
	HM_RELATION_HOLD_ID_SEQ,
	HM_RELATION_ACT_ID_SEQ,
	HM_RELATION_EXEMPTION_ID_SEQ,
	HM_RELATION_BREAK_GLASS_ID_SEQ,
};

static HmStatement find_positions = {
	"SELECT"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.event_id_seq),"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.migration_id_seq),"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.run_id_seq),"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.step_id_seq),"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.hold_id_seq),"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.act_id_seq),"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.exemption_id_seq),"
	" (SELECT last_value - 1 + is_called::integer FROM hipaa_migrate.break_glass_id_seq)"
};

static bool noted = false;
static int64 positions[lengthof(sequences)];

static void
load_positions(int64 *values)
{
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&find_positions, NULL, NULL, false);
	for (int i = 0; i < lengthof(sequences); i++)
		values[i] = hm_query_int64(0, i + 1);
	hm_query_end(&bracket);
}

static void
put_back(Oid sequence, int64 position)
{
	static HmStatement set = {
		"SELECT pg_catalog.setval($1::pg_catalog.regclass, $2 + 1, false)",
		2, {OIDOID, INT8OID}
	};
	Datum		values[2];
	HmBracket	bracket;

	values[0] = ObjectIdGetDatum(sequence);
	values[1] = Int64GetDatum(position);
	hm_query_begin(&bracket);
	hm_query_run(&set, values, NULL, false);
	hm_query_end(&bracket);
}

/* Puts the sequence back if it has to be; whether it had to. */
static bool
mend(HmRelation which, int64 before, int64 now)
{
	bool		moved_back = now < before;

	if (!moved_back && now - before <= MAX_STEP)
		return false;
	if (which != HM_RELATION_EVENT_ID_SEQ && hm_door_untouched())
		return false;
	put_back(hm_relation_oid(which), moved_back ? before : before + MAX_STEP);
	return true;
}

static void
compare_positions(void)
{
	Oid			mended = InvalidOid;
	int64		now[lengthof(sequences)];
	bool		no_snapshot = !ActiveSnapshotSet();

	if (!OidIsValid(hm_relation_find(HM_RELATION_EVENT_ID_SEQ)))
		return;
	if (no_snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	load_positions(now);
	for (int i = 0; i < lengthof(sequences); i++)
	{
		if (mend(sequences[i], positions[i], now[i]))
			mended = hm_relation_oid(sequences[i]);
	}
	load_positions(positions);
	if (no_snapshot)
		PopActiveSnapshot();
	if (OidIsValid(mended))
		hm_door_refuse_relation(mended, "SELECT setval()");
}

void
hm_door_check_setval(void)
{
	if (unlikely(noted) && !hm_own_code())
		compare_positions();
}

/* Until then any query may evaluate an expression that was prepared here. */
static void
check_at_commit(XactEvent event, void *argument)
{
	if (!noted ||
		(event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE))
		return;
	noted = false;
	compare_positions();
}

/* The statement failed, and the session ends before the next one. */
static void
check_at_exit(int code, Datum argument)
{
	if (!noted || code != 0)
		return;
	AbortOutOfAnyTransaction();
	StartTransactionCommand();
	CommitTransactionCommand();
}

/* Nobody holds a privilege on our sequences but their owner. */
void
hm_door_note_setval(void)
{
	static bool watching = false;
	Oid			sequence = hm_relation_find(HM_RELATION_EVENT_ID_SEQ);

	if (noted || !OidIsValid(sequence) || RecoveryInProgress() ||
		pg_class_aclcheck(sequence, GetUserId(), ACL_UPDATE) != ACLCHECK_OK)
		return;
	if (!watching)
	{
		RegisterXactCallback(check_at_commit, NULL);
		before_shmem_exit(check_at_exit, (Datum) 0);
		watching = true;
	}
	load_positions(positions);
	noted = true;
}
