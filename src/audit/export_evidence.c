/*
 * src/audit/export_evidence.c
 *	  Events that say why the content of other events is gone.
 */
#include "postgres.h"

#include "audit/export_evidence.h"
#include "base/query.h"
#include "utils/memutils.h"

/*
 * Details are read without casts: of what somebody has tampered with, the
 * export shall tell as much as it can instead of failing.
 */
static bool
unpack(HmEvidence *evidence, uint64 row)
{
	bool		isnull;
	Datum		about;

	evidence->epoch = *DatumGetUUIDP(hm_query_datum(row, 1, &isnull));
	evidence->event_id = hm_query_int64(row, 2);
	evidence->seq = hm_query_int64(row, 3);
	evidence->block = hm_query_int64(row, 4);
	evidence->redacted = hm_query_bool(row, 5);
	about = hm_query_datum(row, 6, &isnull);
	evidence->about = isnull ? evidence->epoch : *DatumGetUUIDP(about);
	evidence->first = hm_query_int64(row, 7);
	evidence->last = hm_query_int64(row, 8);
	return evidence->first > 0;
}

#define MEMBER(name_, pattern_) \
	"pg_catalog.substring(e.details, '\"" name_ "\" *: *\"?(" pattern_ ")')"
#define UUID_PATTERN "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#define INT_PATTERN "[0-9]{1,18}"

List *
hm_evidence_load(void)
{
	static HmStatement statement = {
		"SELECT e.epoch, e.event_id, l.seq, l.block,"
		"       e.kind = 'record.redacted',"
		"       " MEMBER("epoch", UUID_PATTERN) "::uuid,"
		"       CASE e.kind WHEN 'record.redacted'"
		"       THEN " MEMBER("event_id", INT_PATTERN)
		"       ELSE " MEMBER("first_block", INT_PATTERN) " END::int8,"
		"       " MEMBER("last_block", INT_PATTERN) "::int8"
		"  FROM hipaa_migrate.audit_event AS e"
		"  LEFT JOIN hipaa_migrate.audit_leaf AS l"
		"    ON l.epoch = e.epoch AND l.event_id = e.event_id"
		" WHERE e.kind IN ('record.purged', 'record.redacted')"
		" ORDER BY e.occurred_at"
	};
	MemoryContext caller = CurrentMemoryContext;
	List	   *list = NIL;
	uint64		count = hm_query_run(&statement, NULL, NULL, true);

	for (uint64 row = 0; row < count; row++)
	{
		HmEvidence	evidence = {0};
		HmEvidence *kept;

		if (!unpack(&evidence, row))
			continue;
		MemoryContextSwitchTo(caller);
		kept = palloc(sizeof(HmEvidence));
		*kept = evidence;
		list = lappend(list, kept);
	}
	MemoryContextSwitchTo(caller);
	return list;
}

static bool
explains(const HmEvidence *evidence, const pg_uuid_t *epoch, int64 block,
		 int64 event_id)
{
	if (memcmp(&evidence->about, epoch, sizeof(pg_uuid_t)) != 0)
		return false;
	if (evidence->redacted)
		return evidence->first == event_id;
	return evidence->first <= block && block <= evidence->last;
}

/* A redaction says more than a purge of the block that it was in. */
HmEvidence *
hm_evidence_find(List *evidence, const pg_uuid_t *epoch, int64 block,
				 int64 event_id)
{
	HmEvidence *found = NULL;
	ListCell   *cell;

	foreach(cell, evidence)
	{
		HmEvidence *candidate = lfirst(cell);

		if (explains(candidate, epoch, block, event_id) &&
			(found == NULL || candidate->redacted))
			found = candidate;
	}
	if (found)
		found->used = true;
	return found;
}
