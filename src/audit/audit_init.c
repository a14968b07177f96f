/*
 * src/audit/audit_init.c
 *	  Start of the room.
 */
#include "postgres.h"

#include "audit/audit_init.h"
#include "audit/capability.h"
#include "audit/event.h"
#include "audit/event_recorded.h"
#include "audit/launcher.h"
#include "audit/notification.h"
#include "audit/own_words.h"
#include "audit/person_change.h"
#include "audit/purge.h"
#include "audit/redaction.h"
#include "audit/relations.h"
#include "audit/retention.h"
#include "audit/scope.h"
#include "audit/setting_change.h"
#include "audit/seal_init.h"
#include "audit/shared.h"

void
hm_audit_init(void)
{
	hm_shared_init();
	hm_relations_init();
	hm_notification_init();
	hm_own_words_init();
	hm_event_init();
	hm_event_recorded_init();
	hm_capability_init();
	hm_person_change_init();
	hm_retention_init();
	hm_purge_init();
	hm_redaction_init();
	hm_scope_init();
	hm_setting_change_init();
	hm_launcher_init();
	hm_seal_init();
}
