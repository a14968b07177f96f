/*
 * src/audit/door_update.c
 *	  ALTER EXTENSION hipaa_migrate UPDATE, put on record.
 *
 * Its script may change the tables of the record, which nothing else may, and
 * so what the next block is sealed under.  The event says what the catalogs
 * were before and are now; by it the verifier tells an update from tampering.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/door_parts.h"
#include "audit/event.h"
#include "audit/fingerprint.h"
#include "audit/relations.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/snapshot.h"
#include "catalog/pg_type.h"

static void
load_version(char *version, Size size)
{
	static HmStatement find = {
		"SELECT e.extversion FROM pg_catalog.pg_extension AS e"
		" WHERE e.oid = $1",
		1, {OIDOID}
	};
	Datum		extension = ObjectIdGetDatum(hm_relations_extension());
	HmBracket	bracket;

	hm_query_begin(&bracket);
	version[0] = '\0';
	if (hm_query_run(&find, &extension, NULL, false) > 0)
		strlcpy(version, hm_query_text(0, 1), size);
	hm_query_end(&bracket);
}

/* Called before the command has a snapshot, or locks anything. */
void
hm_door_begin_update(HmDoorFrame *frame)
{
	bool		pushed;

	if (!OidIsValid(hm_relations_extension()))
		return;
	pushed = hm_snapshot_ensure();
	load_version(frame->version, sizeof(frame->version));
	hm_snapshot_drop(pushed);
	hm_fingerprint_compute(&frame->fingerprint);
	frame->updates = true;
}

static void
append(const HmDoorFrame *frame, const char *version,
	   const HmMerkleHash *fingerprint)
{
	HmEvent		event = {
		.kind = HM_EVENT_UPDATED,
		.command = "ALTER EXTENSION",
		.object_type = "extension",
		.object = "hipaa_migrate"
	};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "before", frame->version);
	hm_json_text(&json, "version", version);
	hm_json_hex(&json, "fingerprint_before", frame->fingerprint.bytes,
				HM_HASH_LENGTH);
	hm_json_hex(&json, "fingerprint", fingerprint->bytes, HM_HASH_LENGTH);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

void
hm_door_end_update(const HmDoorFrame *frame)
{
	char		version[NAMEDATALEN];
	HmMerkleHash fingerprint;
	bool		pushed;

	CommandCounterIncrement();
	pushed = hm_snapshot_ensure();
	load_version(version, sizeof(version));
	hm_fingerprint_compute(&fingerprint);
	if (strcmp(version, frame->version) != 0 ||
		!hm_merkle_equal(&fingerprint, &frame->fingerprint))
		append(frame, version, &fingerprint);
	hm_snapshot_drop(pushed);
}
