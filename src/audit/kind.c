/*
 * src/audit/kind.c
 *	  The kinds of events that the record knows.
 */
#include "postgres.h"

#include "audit/kind.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

typedef struct KindEntry
{
	const char *name;
	const char *outcome;
	const char *description;
	bool		told;			/* to whoever listens: see notification.h */
} KindEntry;

static const KindEntry kinds[] = {
	[HM_EVENT_MIGRATION_REGISTERED] = {"migration.registered", "done",
	"a migration was registered", true},
	[HM_EVENT_MIGRATION_REVISED] = {"migration.revised", "done",
	"a registered migration got another content", true},
	[HM_EVENT_MIGRATION_ADOPTED] = {"migration.adopted", "done",
	"a migration was marked as applied without running it", true},
	[HM_EVENT_MIGRATION_UNREGISTERED] = {"migration.unregistered", "done",
	"a migration was taken out of the registry, or its adoption taken back", true},
	[HM_EVENT_MIGRATION_APPLIED] = {"migration.applied", "applied",
	"a migration was applied", true},
	[HM_EVENT_MIGRATION_REVERTED] = {"migration.reverted", "reverted",
	"a migration was reverted", true},
	[HM_EVENT_MIGRATION_FAILED] = {"migration.failed", "failed",
	"a migration raised an error", true},
	[HM_EVENT_RUN_STARTED] = {"run.started", "started",
	"a run is about to execute its first statement"},
	[HM_EVENT_RUN_FINISHED] = {"run.finished", "done",
	"a run has done what it was to do"},
	[HM_EVENT_RUN_ROLLED_BACK] = {"run.rolled_back", "rolled_back",
	"the transaction of a run was rolled back after it", true},
	[HM_EVENT_RUN_INTERRUPTED] = {"run.interrupted", "interrupted",
	"a run ended with its session or with the server", true},
	[HM_EVENT_DDL_STARTED] = {"ddl.started", "started",
	"a migration's statement that commits by itself is about to run"},
	[HM_EVENT_DDL_EXECUTED] = {"ddl.executed", "done",
	"a migration changed the schema"},
	[HM_EVENT_DDL_FAILED] = {"ddl.failed", "failed",
	"a migration's statement that commits by itself raised an error"},
	[HM_EVENT_CAPABILITY_GRANTED] = {"capability.granted", "done",
	"a role was given a capability", true},
	[HM_EVENT_CAPABILITY_REVOKED] = {"capability.revoked", "done",
	"a capability was taken from a role", true},
	[HM_EVENT_SETTING_CHANGED] = {"setting.changed", "done",
	"a setting hipaa_migrate.* got another value"},
	[HM_EVENT_ACCESS_REFUSED] = {"access.refused", "refused",
	"a function was called without the capability it asks for"},
	[HM_EVENT_DOOR_REFUSED] = {"door.refused", "refused",
	"a change of the extension's own objects was refused"},
	[HM_EVENT_EPOCH_OPENED] = {"record.epoch_opened", "done",
	"the record began a new epoch"},
	[HM_EVENT_EPOCH_CLOSED] = {"record.epoch_closed", "done",
	"the record ended an epoch"},
	[HM_EVENT_EPOCH_ADOPTED] = {"record.epoch_adopted", "done",
	"an epoch that came with a restored dump was verified"},
	[HM_EVENT_SEALED] = {"record.sealed", "done",
	"somebody asked for a seal"},
	[HM_EVENT_VERIFIED] = {"record.verified", "ok",
	"the record was verified"},
	[HM_EVENT_HELD] = {"record.held", "done",
	"a legal hold was placed"},
	[HM_EVENT_HOLD_ENDED] = {"record.hold_ended", "done",
	"a legal hold was ended"},
	[HM_EVENT_PURGE_STARTED] = {"record.purge_started", "started",
	"a purge that two people decided is about to begin"},
	[HM_EVENT_PURGED] = {"record.purged", "done",
	"events beyond retention were purged; their hashes stay"},
	[HM_EVENT_REDACTED] = {"record.redacted", "done",
	"the content of an event was removed; its hash stays"},
	[HM_EVENT_CLOCK_STEPPED] = {"record.clock_stepped", "pending",
	"the clock moved further than the record can account for"},
	[HM_EVENT_CLOCK_CONFIRMED] = {"record.clock_confirmed", "done",
	"two people confirmed a step of the clock"},
	[HM_EVENT_FOLDED] = {"record.folded", "folded",
	"repeated events of one kind, counted"},
	[HM_EVENT_GAP] = {"record.gap", "lost",
	"events that only the write-ahead log or the server's log holds, counted"},
	[HM_EVENT_DIGEST_FAILED] = {"record.digest_failed", "failed",
	"a digest could not be handed out"},
	[HM_EVENT_CLONE_FOUND] = {"record.clone_found", "pending",
	"the database may be a copy of another that is still alive"},
	[HM_EVENT_CLONE_CONFIRMED] = {"record.clone_confirmed", "done",
	"somebody said which copy goes on"},
	[HM_EVENT_RELATIONS_CHANGED] = {"record.relations_changed", "found",
	"the catalogs of the record's tables are not what they were at the last seal"},
	[HM_EVENT_UPDATED] = {"record.updated", "done",
	"the extension was updated to another version"},
	[HM_EVENT_ACT_REQUESTED] = {"act.requested", "pending",
	"an act that takes two people was requested", true},
	[HM_EVENT_ACT_CONFIRMED] = {"act.confirmed", "done",
	"an act that takes two people was confirmed by the second", true},
	[HM_EVENT_ACT_REFUSED] = {"act.refused", "refused",
	"somebody who may not tried to confirm an act", true},
	[HM_EVENT_ACT_WITHDRAWN] = {"act.withdrawn", "done",
	"a requested act was withdrawn", true},
	[HM_EVENT_GUARD_CHANGED] = {"guard.changed", "done",
	"the guard of a class of commands got another mode", true},
	[HM_EVENT_GUARD_REFUSED] = {"guard.refused", "refused",
	"a change that is no approved migration was refused"},
	[HM_EVENT_GUARD_OBSERVED] = {"guard.observed", "done",
	"a change was made that enforcing would have refused"},
	[HM_EVENT_GUARD_SKIPPED] = {"guard.skipped", "skipped",
	"a command was let pass because what it asks for is there already"},
	[HM_EVENT_GUARD_EXEMPTED] = {"guard.exempted", "done",
	"a change was made under an exemption"},
	[HM_EVENT_GUARD_BROKEN_GLASS] = {"guard.broken_glass", "done",
	"a change was made under break-glass"},
	[HM_EVENT_GUARD_OVERRIDDEN] = {"guard.overridden", "done",
	"a change was made while the configuration file overrides the guard"},
	[HM_EVENT_EXEMPTION_CREATED] = {"exemption.created", "done",
	"an exemption from the guard was made", true},
	[HM_EVENT_EXEMPTION_ENDED] = {"exemption.ended", "done",
	"an exemption from the guard was ended", true},
	[HM_EVENT_BREAK_GLASS_OPENED] = {"break_glass.opened", "done",
	"somebody broke the glass, or tried how", true},
	[HM_EVENT_BREAK_GLASS_ENDED] = {"break_glass.ended", "done",
	"a break-glass ended", true},
	[HM_EVENT_BREAK_GLASS_CLOSED] = {"break_glass.closed", "done",
	"another person reviewed a break-glass and wrote a finding", true},
	[HM_EVENT_PHI_LABELLED] = {"phi.labelled", "done",
	"a label that says whether something is health information was set, changed or taken away"},
	[HM_EVENT_PHI_LOWERED] = {"phi.lowered", "done",
	"a table or column counts no longer as health information, or as less, because of a label"},
	[HM_EVENT_WAIVER_GIVEN] = {"waiver.given", "done",
	"a finding of the linter was waived for a migration", true},
	[HM_EVENT_WAIVER_ENDED] = {"waiver.ended", "done",
	"a waiver was taken back", true},
	[HM_EVENT_POLICY_CHANGED] = {"policy.changed", "done",
	"a requirement of the approval policy was set, changed or taken away", true},
	[HM_EVENT_POLICY_REFUSED] = {"policy.refused", "refused",
	"a run was refused, for the policy asks for what was not there", true},
	[HM_EVENT_POLICY_OBSERVED] = {"policy.observed", "done",
	"a migration ran that the policy would have refused, had the guard been armed", true},
	[HM_EVENT_PERSON_CHANGED] = {"person.changed", "done",
	"logins were given to a person, or were said to be shared", true},
	[HM_EVENT_SUBMISSION_OPENED] = {"submission.opened", "done",
	"migrations were submitted for approval", true},
	[HM_EVENT_SUBMISSION_ENDED] = {"submission.ended", "done",
	"a submission was rejected, withdrawn, or replaced by another", true},
	[HM_EVENT_APPROVAL_GIVEN] = {"approval.given", "done",
	"a migration was approved", true},
	[HM_EVENT_APPROVAL_ENDED] = {"approval.ended", "done",
	"an approval was taken back", true},
	[HM_EVENT_APPROVAL_USED] = {"approval.used", "done",
	"a migration ran by approvals, which are used up", true},
	[HM_EVENT_APPROVAL_REFUSED] = {"approval.refused", "refused",
	"somebody tried to approve who may not, or what is not to be approved", true},
	[HM_EVENT_ASSESSMENT_GIVEN] = {"assessment.given", "done",
	"a privacy assessment of a migration was put in", true},
	[HM_EVENT_FREEZE_ORDERED] = {"freeze.ordered", "done",
	"a freeze was ordered", true},
	[HM_EVENT_FREEZE_ENDED] = {"freeze.ended", "done",
	"a freeze was ended", true},
	[HM_EVENT_ACCESS_CHANGED] = {"access.changed", "done",
	"logins became or ceased to be members of roles that policy or capabilities name", true},
};

PG_FUNCTION_INFO_V1(hm_event_kinds);

const char *
hm_event_kind_name(HmEventKind kind)
{
	return kinds[kind].name;
}

const char *
hm_event_kind_outcome(HmEventKind kind)
{
	return kinds[kind].outcome;
}

HmEventKind
hm_event_kind_find(const char *name)
{
	HmEventKind kind = 0;

	while (kind < HM_EVENT_KINDS && strcmp(kinds[kind].name, name) != 0)
		kind++;
	return kind;
}

bool
hm_event_kind_is_told(const char *name)
{
	HmEventKind kind = hm_event_kind_find(name);

	return kind < HM_EVENT_KINDS && kinds[kind].told;
}

Datum
hm_event_kinds(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < lengthof(kinds); i++)
	{
		Datum		values[3];
		bool		nulls[3] = {0};

		values[0] = CStringGetTextDatum(kinds[i].name);
		values[1] = CStringGetTextDatum(kinds[i].outcome);
		values[2] = CStringGetTextDatum(kinds[i].description);
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}
