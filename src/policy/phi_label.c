/*
 * src/policy/phi_label.c
 *	  SECURITY LABEL FOR hipaa_migrate on tables and columns.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "audit/event.h"
#include "audit/relations.h"
#include "audit/scope.h"
#include "audit/state.h"
#include "base/json_text.h"
#include "base/provider.h"
#include "base/settings.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "commands/event_trigger.h"
#include "commands/seclabel.h"
#include "lint/phi.h"
#include "miscadmin.h"
#include "policy/phi_label.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define COMMAND "SECURITY LABEL"

static bool registered = false;

/* What the server executes, while the provider is registered. */
static const SecLabelStmt *executed = NULL;

static bool
names_us(const SecLabelStmt *statement)
{
	return statement->provider != NULL &&
		strcmp(statement->provider, HM_LABEL_PROVIDER) == 0;
}

bool
hm_phi_label_is_ours(const SecLabelStmt *statement)
{
	return names_us(statement) && !IsBinaryUpgrade &&
		OidIsValid(MyDatabaseId) && OidIsValid(hm_relations_extension());
}

static void
refuse_kind(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("labels of provider \"%s\" are for tables, views and their columns",
					HM_LABEL_PROVIDER)));
}

/* What pg_dump would not carry is refused. */
static void
check_object(const ObjectAddress *object)
{
	if (object->classId != RelationRelationId)
		refuse_kind();
	switch (get_rel_relkind(object->objectId))
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_FOREIGN_TABLE:
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
			break;
		default:
			refuse_kind();
	}
	if (object->objectSubId < 0)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("system columns have no labels of provider \"%s\"",
						HM_LABEL_PROVIDER)));
}

static HmPhiLevel
require_level(const char *label)
{
	HmPhiLevel	level;

	if (!hm_phi_level_parse(label, &level))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not a label of provider \"%s\"", label,
						HM_LABEL_PROVIDER),
				 errhint("Labels are 'phi' (health information), 'pii' (what else identifies a person) and 'none'; NULL takes the label away.")));
	return level;
}

/* Between no label and 'none' there is no difference in protection. */
static bool
is_lowered(HmPhiLevel before, HmPhiLevel after)
{
	return before > HM_PHI_NONE && after < before;
}

static char *
describe_change(HmPhiLevel own_before, HmPhiLevel own, HmPhiLevel before,
				HmPhiLevel after)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "label", hm_phi_level_name(own));
	hm_json_text(&json, "label_before", hm_phi_level_name(own_before));
	hm_json_text(&json, "level", hm_phi_level_name(after));
	hm_json_text(&json, "level_before", hm_phi_level_name(before));
	return hm_json_end(&json);
}

static void
add_migration(HmEvent *event)
{
	const HmScope *scope = hm_scope_current();

	if (scope == NULL)
		return;
	event->statement_no = *scope->statement_no;
	event->migration = scope->migration;
	event->author = scope->author;
	event->run_id = scope->run_id;
}

/* Whoever may label has nothing to gain by it unseen. */
static void
record_change(const ObjectAddress *object, HmPhiLevel own)
{
	Oid			relid = object->objectId;
	AttrNumber	attnum = object->objectSubId;
	HmPhiLevel	own_before = hm_phi_own_level(relid, attnum);
	HmPhiLevel	before = hm_phi_label_of(relid, attnum).level;
	HmPhiLevel	after = hm_phi_label_if(relid, attnum, own).level;
	HmEvent		event = {
		.kind = is_lowered(before, after) ? HM_EVENT_PHI_LOWERED :
		HM_EVENT_PHI_LABELLED,
		.command = COMMAND,
		.object_type = getObjectTypeDescription(object, false),
		.object = getObjectIdentity(object, false),
		.details = describe_change(own_before, own, before, after)
	};

	if (own == own_before)
		return;
	add_migration(&event);
	if (hm_state_exists())
		hm_event_append(&event);
	else
		(void) hm_event_record(&event, 0, hm_setting_record_wait);
}

static void
check_label(const ObjectAddress *object, const char *label)
{
	check_object(object);
	record_change(object, require_level(label));
}

/*
 * As the server calls it.  It answers as if it had never heard of us where
 * the command does not name us, or the extension has been dropped meanwhile.
 */
static void
check_for_server(const ObjectAddress *object, const char *label)
{
	if (executed == NULL || executed->provider == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no security label providers have been loaded")));
	if (!hm_phi_label_is_ours(executed))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("security label provider \"%s\" is not loaded",
						HM_LABEL_PROVIDER)));
	check_label(object, label);
}

const SecLabelStmt *
hm_phi_label_begin(const SecLabelStmt *statement)
{
	const SecLabelStmt *outer = executed;

	if (!registered && hm_phi_label_is_ours(statement))
	{
		register_label_provider(HM_LABEL_PROVIDER, check_for_server);
		registered = true;
	}
	executed = statement;
	return outer;
}

void
hm_phi_label_end(const SecLabelStmt *outer)
{
	executed = outer;
}

/* As ExecSecLabelStmt() does. */
static ObjectAddress
set_label(SecLabelStmt *statement)
{
	Relation	relation;
	ObjectAddress object;

	if (!EventTriggerSupportsObjectType(statement->objtype))
		refuse_kind();
	object = get_object_address(statement->objtype, statement->object,
								&relation, ShareUpdateExclusiveLock, false);
	check_object_ownership(GetUserId(), statement->objtype, object,
						   statement->object, relation);
	check_label(&object, statement->label);
	SetSecurityLabel(&object, HM_LABEL_PROVIDER, statement->label);
	if (relation != NULL)
		relation_close(relation, NoLock);
	return object;
}

void
hm_phi_label_execute(SecLabelStmt *statement)
{
	Node	   *command = (Node *) statement;
	bool		outermost;

	PreventCommandIfReadOnly(COMMAND);
	PreventCommandIfParallelMode(COMMAND);
	PreventCommandDuringRecovery(COMMAND);
	outermost = EventTriggerBeginCompleteQuery();
	PG_TRY();
	{
		EventTriggerDDLCommandStart(command);
		EventTriggerCollectSimpleCommand(set_label(statement),
										 InvalidObjectAddress, command);
		EventTriggerSQLDrop(command);
		EventTriggerDDLCommandEnd(command);
	}
	PG_FINALLY();
	{
		if (outermost)
			EventTriggerEndCompleteQuery();
	}
	PG_END_TRY();
	CommandCounterIncrement();
}
