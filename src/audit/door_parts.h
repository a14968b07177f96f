/*
 * src/audit/door_parts.h
 *	  What the files of the door share among themselves.
 */
#ifndef HM_AUDIT_DOOR_PARTS_H
#define HM_AUDIT_DOOR_PARTS_H

#include "access/htup.h"
#include "audit/door.h"
#include "base/compat.h"
#include "nodes/parsenodes.h"
#include "utils/relcache.h"

/* door.c: the innermost frame, or NULL. */
extern HmDoorFrame *hm_door_frame(void);

/* door.c: our own code, or pg_upgrade. */
extern bool hm_door_exempt(void);

/* door.c: the script of our extension runs, directly in this frame. */
extern bool hm_door_in_script(const HmDoorFrame *frame);

/* door.c: one of these runs, or this database has no door. */
extern bool hm_door_passes(void);

/*
 * door_refuse.c: put it on record and raise.  The command is taken from the
 * frame when it is NULL.
 */
HM_NORETURN extern void hm_door_refuse_relation(Oid relid, const char *command);
HM_NORETURN extern void hm_door_refuse_catalog(Oid relid, const char *command,
											   const char *why);
HM_NORETURN extern void hm_door_refuse_object(Oid class_id, Oid object_id);
HM_NORETURN extern void hm_door_refuse_schema(void);
HM_NORETURN extern void hm_door_refuse_function(Oid function);
HM_NORETURN extern void hm_door_refuse_row(Relation relation, const char *why);

/* door_command.c: refuses by the names in a command; sets the pass. */
extern void hm_door_check_command(HmDoorFrame *frame);

/* door_restore.c */
extern bool hm_door_restores(const CopyStmt *copy, Oid relid);
extern bool hm_door_untouched(void);
extern void hm_door_check_restored(HmDoorFrame *frame, Relation relation,
								   HeapTuple tuple);

/* door_update.c: around ALTER EXTENSION hipaa_migrate UPDATE. */
extern void hm_door_begin_update(HmDoorFrame *frame);
extern void hm_door_end_update(const HmDoorFrame *frame);

/* door_sequence.c: setval() is about to run. */
extern void hm_door_note_setval(void);

#endif							/* HM_AUDIT_DOOR_PARTS_H */
