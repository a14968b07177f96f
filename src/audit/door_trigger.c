/*
 * src/audit/door_trigger.c
 *	  The trigger of each of our tables: the last who asks.
 *
 * Hooks see neither what a subscription's worker applies nor rows that are
 * routed to a partition; triggers that are ENABLE ALWAYS do.
 */
#include "postgres.h"

#include "audit/door_parts.h"
#include "base/query.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(hm_door);

static const char *
command_of(TriggerEvent event)
{
	if (TRIGGER_FIRED_BY_INSERT(event))
		return "INSERT";
	if (TRIGGER_FIRED_BY_UPDATE(event))
		return "UPDATE";
	return TRIGGER_FIRED_BY_DELETE(event) ? "DELETE" : "TRUNCATE TABLE";
}

static void
check(TriggerData *trigger)
{
	Oid			relid = RelationGetRelid(trigger->tg_relation);
	HmDoorFrame *frame = hm_door_frame();

	if (!hm_door_is_open(relid))
		hm_door_refuse_relation(relid, command_of(trigger->tg_event));
	if (frame != NULL && frame->pass == HM_DOOR_RESTORE)
		hm_door_check_restored(frame, trigger->tg_relation,
							   trigger->tg_trigtuple);
}

Datum
hm_door(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function hipaa_migrate.door() can only be called by a trigger")));
	if (!hm_own_code())
		check(trigger);
	if (TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		return PointerGetDatum(NULL);
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
						   trigger->tg_newtuple : trigger->tg_trigtuple);
}
