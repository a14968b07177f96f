/*
 * src/audit/door.c
 *	  The door: frames of utility commands, and queries.
 */
#include "postgres.h"

#include "audit/door_catalog.h"
#include "audit/door_parts.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "base/query.h"
#include "base/toplevel.h"
#include "commands/extension.h"
#include "parser/parsetree.h"

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
hm_door_passes(void)
{
	return hm_door_exempt() || hm_door_in_script(innermost) ||
		!OidIsValid(hm_relations_extension());
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

static void
refuse_if_ours(const PlannedStmt *query, const RangeTblEntry *table)
{
	if (hm_relation_is_ours(table->relid))
		hm_door_refuse_relation(table->relid,
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

	if (hm_door_passes())
		return;
	foreach(cell, query->resultRelations)
	{
		RangeTblEntry *table = rt_fetch(lfirst_int(cell), query->rtable);

		if (table->relid < FirstUnpinnedObjectId)
			hm_door_check_catalog(query, table);
		else
			refuse_if_ours(query, table);
	}
	foreach(cell, query->rowMarks)
	{
		PlanRowMark *mark = lfirst_node(PlanRowMark, cell);

		if (RowMarkRequiresRowShareLock(mark->markType))
			refuse_if_ours(query, rt_fetch(mark->rti, query->rtable));
	}
}

bool
hm_door_is_open(Oid relid)
{
	return hm_door_exempt() || hm_door_in_script(innermost) ||
		(innermost != NULL && innermost->pass == HM_DOOR_RESTORE &&
		 innermost->relid == relid);
}
