/*
 * src/audit/door_restore.c
 *	  What a restored dump may bring into our tables.
 *
 * The record and the registry come along in dumps, as COPY.  That is let in
 * where nothing was done yet: no migration was registered or ran and no
 * capability was given since the extension was created.  And into the record
 * comes only what was recorded elsewhere: rows of other epochs, which the
 * sealer then verifies before it adopts them.
 */
#include "postgres.h"

#include "audit/door_parts.h"
#include "audit/event.h"
#include "audit/relations.h"
#include "audit/state.h"
#include "base/compat.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "utils/rel.h"
#include "utils/uuid.h"

static const HmRelation restored[] = {
	HM_RELATION_AUDIT_EVENT,
	HM_RELATION_AUDIT_LEAF,
	HM_RELATION_AUDIT_BLOCK,
	HM_RELATION_AUDIT_EPOCH,
	HM_RELATION_AUDIT_HOLD,
	HM_RELATION_MIGRATION,
	HM_RELATION_MIGRATION_REVISION,
	HM_RELATION_MIGRATION_DEPENDENCY,
	HM_RELATION_CAPABILITY_GRANT,
	HM_RELATION_RUN,
	HM_RELATION_RUN_STEP,
	HM_RELATION_RUN_STATEMENT,
	HM_RELATION_WAIVER,
	HM_RELATION_PERSON_LOGIN,
	HM_RELATION_POLICY_REQUIREMENT,
	HM_RELATION_FREEZE_PERIOD,
	HM_RELATION_ASSESSMENT,
	HM_RELATION_SUBMISSION,
	HM_RELATION_SUBMISSION_MEMBER,
	HM_RELATION_APPROVAL,
};

/* The tables whose first column is an epoch. */
static bool
has_epochs(Oid relid)
{
	return relid == hm_relation_find(HM_RELATION_AUDIT_EVENT) ||
		relid == hm_relation_find(HM_RELATION_AUDIT_LEAF) ||
		relid == hm_relation_find(HM_RELATION_AUDIT_BLOCK) ||
		relid == hm_relation_find(HM_RELATION_AUDIT_EPOCH);
}

bool
hm_door_untouched(void)
{
	static HmStatement find_act = {
		"SELECT FROM hipaa_migrate.audit_event AS e"
		" WHERE e.epoch = (SELECT s.epoch FROM hipaa_migrate.audit_state AS s)"
		"   AND (pg_catalog.starts_with(e.kind, 'migration.')"
		"     OR pg_catalog.starts_with(e.kind, 'run.')"
		"     OR pg_catalog.starts_with(e.kind, 'ddl.')"
		"     OR pg_catalog.starts_with(e.kind, 'capability.')"
		"     OR pg_catalog.starts_with(e.kind, 'act.')"
		"     OR pg_catalog.starts_with(e.kind, 'waiver.')"
		"     OR pg_catalog.starts_with(e.kind, 'policy.')"
		"     OR pg_catalog.starts_with(e.kind, 'person.')"
		"     OR pg_catalog.starts_with(e.kind, 'submission.')"
		"     OR pg_catalog.starts_with(e.kind, 'approval.')"
		"     OR pg_catalog.starts_with(e.kind, 'assessment.')"
		"     OR pg_catalog.starts_with(e.kind, 'freeze.')"
		"     OR e.kind IN ('record.held', 'record.hold_ended'))"
		" LIMIT 1"
	};
	HmBracket	bracket;
	bool		untouched;

	hm_query_begin(&bracket);
	untouched = hm_query_run(&find_act, NULL, NULL, false) == 0;
	hm_query_end(&bracket);
	return untouched;
}

bool
hm_door_restores(const CopyStmt *copy, Oid relid)
{
	bool		known = false;

	if (!copy->is_from || copy->whereClause != NULL)
		return false;
	for (int i = 0; i < lengthof(restored) && !known; i++)
		known = relid == hm_relation_find(restored[i]);
	return known && hm_door_untouched();
}

/* An epoch that this database has adopted, or has failed to, is finished. */
static bool
is_finished(const pg_uuid_t *epoch)
{
	static HmStatement find = {
		"SELECT FROM hipaa_migrate.audit_event AS e, hipaa_migrate.audit_state AS s"
		" WHERE e.epoch = s.epoch AND e.kind = 'record.epoch_adopted'"
		"   AND e.object = $1::pg_catalog.text",
		1, {UUIDOID}
	};
	Datum		value = UUIDPGetDatum(epoch);
	HmBracket	bracket;
	bool		finished;

	hm_query_begin(&bracket);
	finished = hm_query_run(&find, &value, NULL, false) > 0;
	hm_query_end(&bracket);
	return finished;
}

/* Rows come by epoch, so that most cost one comparison. */
void
hm_door_check_restored(HmDoorFrame *frame, Relation relation, HeapTuple tuple)
{
	bool		isnull;
	pg_uuid_t  *epoch;

	if (!has_epochs(frame->relid))
		return;
	epoch = DatumGetUUIDP(heap_getattr(tuple, 1, RelationGetDescr(relation),
									   &isnull));
	if (isnull)
		hm_door_refuse_row(relation, "A row without an epoch belongs to no record.");
	if (frame->epoch_known &&
		memcmp(epoch, &frame->epoch, sizeof(pg_uuid_t)) == 0)
		return;
	if (memcmp(epoch, hm_state_epoch(), sizeof(pg_uuid_t)) == 0)
		hm_door_refuse_row(relation, "The epoch that is open belongs to this database: only what was recorded elsewhere can be restored.");
	if (is_finished(epoch))
		hm_door_refuse_row(relation, "This epoch has been restored and adopted already.");
	frame->epoch = *epoch;
	frame->epoch_known = true;

	/* Once it is committed, the sealer is to look at it. */
	hm_event_note_appended();
}
