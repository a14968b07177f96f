/*
 * src/audit/door_refuse.c
 *	  What is said, and put on record, when the door stays shut.
 */
#include "postgres.h"

#include "audit/door_catalog.h"
#include "audit/door_parts.h"
#include "audit/event.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "base/errors.h"
#include "base/settings.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* What whoever wants to change a table may do instead. */
typedef struct Instead
{
	HmRelation	relation;
	const char *hint;
} Instead;

#define REGISTRY_HINT "Use the extension's functions, such as migrate_register(), migrate_adopt() and migrate_up(). To see the migrations: SELECT * FROM migrate_status();"
#define RUN_HINT "The runner writes it. To see what ran: SELECT * FROM migrate_history();"
#define RECORD_HINT "Nothing in the record changes; what may go is purged by audit_purge() or redacted by audit_redact(). To read it: SELECT * FROM hipaa_migrate.audit_log;"
#define APPROVAL_HINT "Use the extension's functions, such as migrate_submit(), migrate_approve() and migrate_reject(). To see what waits: SELECT * FROM migrate_queue();"

static const Instead instead[] = {
	{HM_RELATION_MIGRATION, REGISTRY_HINT},
	{HM_RELATION_MIGRATION_REVISION, REGISTRY_HINT},
	{HM_RELATION_MIGRATION_DEPENDENCY, REGISTRY_HINT},
	{HM_RELATION_CAPABILITY_GRANT, "Capabilities are given and taken by functions: SELECT migrate_grant('author', 'role'); and SELECT migrate_revoke('author', 'role');"},
	{HM_RELATION_RUN, RUN_HINT},
	{HM_RELATION_RUN_STEP, RUN_HINT},
	{HM_RELATION_RUN_STATEMENT, RUN_HINT},
	{HM_RELATION_AUDIT_HOLD, "Use audit_hold() and audit_hold_end()."},
	{HM_RELATION_GUARD_CLASS, "The guard changes by SELECT * FROM migrate_guard('enforce', 'reason'). To see it: SELECT * FROM hipaa_migrate.guard_status;"},
	{HM_RELATION_PENDING_ACT, "To confirm what another has asked for: SELECT migrate_confirm(id, 'reason');"},
	{HM_RELATION_GUARD_EXEMPTION, "Exemptions are made and ended by functions: SELECT migrate_exempt('reason', role => 'role', schema => 'schema', command => 'CREATE TABLE'); and SELECT migrate_exempt_end(id, 'reason');"},
	{HM_RELATION_WAIVER, "Waivers are given and ended by functions: SELECT migrate_waive('migration', 'rule', 'reason'); and SELECT migrate_waive_end(id, 'reason');"},
	{HM_RELATION_PERSON_LOGIN, "Logins are given to persons by a function: SELECT migrate_person('person', ARRAY['login'], 'reason');"},
	{HM_RELATION_POLICY_REQUIREMENT, "The policy is changed by functions: SELECT migrate_set_policy('LOW', 'requirement', 'value', 'reason'); and SELECT migrate_use_policy('hipaa', 'reason'). To see it: SELECT * FROM migrate_policy();"},
	{HM_RELATION_FREEZE_PERIOD, "Freezes are ordered and ended by functions: SELECT migrate_freeze(since, until, 'reason'); and SELECT migrate_freeze_end(id, 'reason');"},
	{HM_RELATION_ASSESSMENT, "Assessments are put in by a function: SELECT migrate_assess('migration', ...);"},
	{HM_RELATION_SUBMISSION, APPROVAL_HINT},
	{HM_RELATION_SUBMISSION_MEMBER, APPROVAL_HINT},
	{HM_RELATION_APPROVAL, APPROVAL_HINT},
	{HM_RELATION_KNOWN_MEMBERSHIP, "The sealer notes here who is a member of what. To see it: SELECT * FROM migrate_access();"},
	{HM_RELATION_BREAK_GLASS, "To close a review: SELECT migrate_break_glass_close(id, 'finding');"},
};

static const char *
hint_for_relation(Oid relid)
{
	for (int i = 0; i < lengthof(instead); i++)
	{
		if (relid == hm_relation_find(instead[i].relation))
			return instead[i].hint;
	}
	return RECORD_HINT;
}

static const char *
current_command(void)
{
	HmDoorFrame *frame = hm_door_frame();

	return frame == NULL ? "this" :
		GetCommandTagName(CreateCommandTag(frame->command));
}

typedef struct Refusal
{
	const char *primary;		/* what is refused */
	const char *detail;
	const char *hint;
	const char *command;
	const char *object_type;
	const char *object;			/* identity */
} Refusal;

/* The one place from which refusals go. */
HM_NORETURN static void
report_refusal(const Refusal *refusal)
{
	HmEvent		event = {
		.kind = HM_EVENT_DOOR_REFUSED,
		.command = refusal->command,
		.object_type = refusal->object_type,
		.object = refusal->object,
		.rule = "door",
		.sqlstate = unpack_sql_state(HM_ERRCODE_DOOR)
	};

	(void) hm_event_record(&event,
						   hm_event_fold_key(event.kind, refusal->primary),
						   hm_setting_record_wait);
	ereport(ERROR,
			(errcode(HM_ERRCODE_DOOR),
			 errmsg("%s", refusal->primary),
			 errdetail("%s", refusal->detail),
			 errhint("%s", refusal->hint)));
}

static char *
relation_identity(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		return psprintf("relation %u", relid);
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  name);
}

static const char *
relation_type(Oid relid)
{
	switch (get_rel_relkind(relid))
	{
		case RELKIND_INDEX:
			return "index";
		case RELKIND_SEQUENCE:
			return "sequence";
		case RELKIND_VIEW:
			return "view";
		default:
			return "table";
	}
}

void
hm_door_refuse_catalog(Oid relid, const char *command, const char *why)
{
	Refusal		refusal = {
		.command = command,
		.object_type = "table",
		.object = relation_identity(relid)
	};

	refusal.primary = psprintf("cannot change system catalog \"%s\" by hand",
							   get_rel_name(relid));
	refusal.detail = psprintf("%s is refused to everybody, superusers included: %s.",
							  command, why);
	refusal.hint = "Use the command that is made for it, such as ALTER TABLE or ALTER ROLE.";
	report_refusal(&refusal);
}

void
hm_door_refuse_relation(Oid relid, const char *command)
{
	Refusal		refusal = {
		.command = command ? command : current_command(),
		.object_type = relation_type(relid),
		.object = relation_identity(relid)
	};
	bool		lock = strcmp(refusal.command, "LOCK TABLE") == 0 ||
	strncmp(refusal.command, "SELECT FOR", 10) == 0;

	if (hm_door_is_catalog(relid))
		hm_door_refuse_catalog(relid, refusal.command,
							   "rows of it describe what extension hipaa_migrate keeps in this database");
	refusal.primary = psprintf("cannot %s %s \"%s\" by hand",
							   lock ? "lock" : "change",
							   refusal.object_type, refusal.object);
	refusal.detail = psprintf("%s is refused to everybody, superusers included: only functions of extension hipaa_migrate write what belongs to it.",
							  refusal.command);
	refusal.hint = hint_for_relation(relid);
	report_refusal(&refusal);
}

void
hm_door_refuse_object(Oid class_id, Oid object_id)
{
	ObjectAddress address = {class_id, object_id, 0};
	char	   *description = getObjectDescription(&address, true);
	Refusal		refusal = {
		.command = current_command(),
		.object_type = getObjectTypeDescription(&address, true),
		.object = description
	};

	refusal.primary = psprintf("cannot change %s by hand",
							   description ? description : "what belongs to extension hipaa_migrate");
	refusal.detail = psprintf("%s is refused to everybody, superusers included: it belongs to extension hipaa_migrate, which changes as a whole or not at all.",
							  refusal.command);
	refusal.hint = "For a new version: ALTER EXTENSION hipaa_migrate UPDATE; to remove it, and its record: DROP EXTENSION hipaa_migrate;";
	report_refusal(&refusal);
}

void
hm_door_refuse_schema(void)
{
	Refusal		refusal = {
		.primary = "cannot create anything in schema \"hipaa_migrate\"",
		.detail = "The schema belongs to extension hipaa_migrate and holds nothing else.",
		.hint = "Use another schema, such as public.",
		.command = current_command(),
		.object_type = "schema",
		.object = "hipaa_migrate"
	};

	report_refusal(&refusal);
}

void
hm_door_refuse_function(Oid function)
{
	Refusal		refusal = {
		.command = current_command(),
		.object_type = "function",
		.object = get_func_name(function),
		.detail = "It changes tables without leaving a trace in them; extension hipaa_migrate keeps a record in this database.",
		.hint = "If a table is damaged, repair a copy of the server that runs without the library, and keep the original.",
	};

	refusal.primary = psprintf("cannot execute function \"%s\" in this database",
							   refusal.object);
	report_refusal(&refusal);
}

void
hm_door_refuse_row(Relation relation, const char *why)
{
	Refusal		refusal = {
		.command = current_command(),
		.object_type = "table",
		.object = relation_identity(RelationGetRelid(relation)),
		.hint = "Restore a dump into a new database."
	};

	refusal.primary = psprintf("cannot restore rows of table \"%s\"",
							   refusal.object);
	refusal.detail = why;
	report_refusal(&refusal);
}
