/*
 * src/audit/audit_init.c
 *	  Start of the room.
 */
#include "postgres.h"

#include "audit/audit_init.h"
#include "audit/event.h"
#include "audit/purge.h"
#include "audit/redaction.h"
#include "audit/relations.h"
#include "audit/retention.h"

void
hm_audit_init(void)
{
	hm_relations_init();
	hm_event_init();
	hm_retention_init();
	hm_purge_init();
	hm_redaction_init();
}
