/*
 * src/audit/door.c
 *	  The door: frames of utility commands, and queries.
 */
#include "postgres.h"

#include "audit/door_parts.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "base/query.h"
#include "base/toplevel.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_sequence.h"
#include "catalog/pg_shdepend.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "parser/parsetree.h"

/* By changing rows of these one could change what our relations are. */
static const Oid guarded_catalogs[] = {
	AccessMethodOperatorRelationId,
	AccessMethodProcedureRelationId,
	AccessMethodRelationId,
	AttrDefaultRelationId,
	AttributeRelationId,
	AuthIdRelationId,
	AuthMemRelationId,
	CastRelationId,
	CollationRelationId,
	ConstraintRelationId,
	DbRoleSettingRelationId,
	DependRelationId,
	EventTriggerRelationId,
	ExtensionRelationId,
	IndexRelationId,
	InheritsRelationId,
	LanguageRelationId,
	NamespaceRelationId,
	OperatorClassRelationId,
	OperatorFamilyRelationId,
	OperatorRelationId,
	PartitionedRelationId,
	PolicyRelationId,
	ProcedureRelationId,
	RelationRelationId,
	RewriteRelationId,
	SequenceRelationId,
	SharedDependRelationId,
	TriggerRelationId,
	TypeRelationId,
};

static HmDoorFrame *innermost = NULL;

HmDoorFrame *
hm_door_frame(void)
{
	return innermost;
}

bool
hm_door_exempt(void)
{
	return IsBinaryUpgrade || hm_own_code();
}

bool
hm_door_in_script(const HmDoorFrame *frame)
{
	return frame != NULL && frame->pass == HM_DOOR_EXTENSION &&
		creating_extension &&
		CurrentExtensionObject == hm_relations_extension();
}

bool
hm_door_is_catalog(Oid relid)
{
	if (relid >= FirstUnpinnedObjectId)
		return false;
	for (int i = 0; i < lengthof(guarded_catalogs); i++)
	{
		if (relid == guarded_catalogs[i])
			return true;
	}
	return false;
}

/*
 * Neither COMMIT in a failed transaction nor settings and cursors have to do
 * with us; CREATE EXTENSION has before there is anything of ours.
 */
bool
hm_door_concerns(const Node *command)
{
	if (hm_toplevel_touches_nothing(command) || IsA(command, VariableSetStmt))
		return false;
	return IsA(command, CreateExtensionStmt) ||
		(OidIsValid(MyDatabaseId) && OidIsValid(hm_relations_extension()));
}

void
hm_door_enter(HmDoorFrame *frame, Node *command,
			  ProcessUtilityContext context)
{
	HmDoorFrame *outer = innermost;

	memset(frame, 0, sizeof(HmDoorFrame));
	frame->command = command;
	frame->outer = outer;
	if (hm_door_in_script(outer) ||
		(context == PROCESS_UTILITY_SUBCOMMAND && outer != NULL &&
		 outer->pass == HM_DOOR_SCRIPT))
		frame->pass = HM_DOOR_SCRIPT;
	innermost = frame;
	if (frame->pass == HM_DOOR_SHUT && !hm_door_exempt())
	{
		PG_TRY();
		{
			hm_door_check_setval();
			hm_door_check_command(frame);
		}
		PG_CATCH();
		{
			innermost = outer;
			PG_RE_THROW();
		}
		PG_END_TRY();
	}
}

void
hm_door_finish(const HmDoorFrame *frame)
{
	hm_door_check_setval();
	if (frame->updates)
		hm_door_end_update(frame);
}

void
hm_door_leave(const HmDoorFrame *frame)
{
	innermost = frame->outer;
}

/* An extension's script, as those of contrib, may mend catalogs. */
static bool
is_guarded(Oid relid)
{
	if (relid < FirstUnpinnedObjectId)
		return hm_door_is_catalog(relid) && !creating_extension &&
			OidIsValid(hm_relations_extension());
	return hm_relation_is_ours(relid);
}

static void
check_relation(const PlannedStmt *query, Index rti)
{
	Oid			relid = rt_fetch(rti, query->rtable)->relid;

	if (OidIsValid(relid) && is_guarded(relid) && !hm_door_exempt() &&
		!hm_door_in_script(innermost))
		hm_door_refuse_relation(relid,
								GetCommandTagName(CreateCommandTag((Node *) query)));
}

/*
 * Result relations are those of every data-modifying WITH too.  A table that
 * rows are routed to is not among them, nor does a subscription's worker come
 * by: that is what the triggers are for.
 */
void
hm_door_check_query(const PlannedStmt *query)
{
	ListCell   *cell;

	foreach(cell, query->resultRelations)
		check_relation(query, lfirst_int(cell));
	foreach(cell, query->rowMarks)
	{
		PlanRowMark *mark = lfirst_node(PlanRowMark, cell);

		if (RowMarkRequiresRowShareLock(mark->markType))
		{
			Oid			relid = rt_fetch(mark->rti, query->rtable)->relid;

			if (relid >= FirstUnpinnedObjectId)
				check_relation(query, mark->rti);
		}
	}
}

bool
hm_door_is_open(Oid relid)
{
	return hm_door_exempt() || hm_door_in_script(innermost) ||
		(innermost != NULL && innermost->pass == HM_DOOR_RESTORE &&
		 innermost->relid == relid);
}
