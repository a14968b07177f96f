/*
 * src/audit/door.h
 *	  The door: what is ours is written by our own code and by nobody else.
 *
 * guard/hooks.c asks here about every command, every query that writes and
 * every object that is touched; the triggers of our tables ask for each row.
 * Whoever is refused gets an error of SQLSTATE HM_ERRCODE_DOOR, superusers
 * included.  Four may pass:
 *
 *	- our own code, known by hm_own_code();
 *	- the script of our extension, when it is created or updated;
 *	- DROP EXTENSION hipaa_migrate, which takes everything along;
 *	- a restored dump, by COPY, into a database where nothing was done yet.
 *
 * pg_upgrade passes too.  A database without the extension has no door.
 *
 * All functions need a transaction that has not failed.
 */
#ifndef HM_AUDIT_DOOR_H
#define HM_AUDIT_DOOR_H

#include "audit/merkle.h"
#include "catalog/objectaccess.h"
#include "executor/execdesc.h"
#include "nodes/plannodes.h"
#include "tcop/utility.h"
#include "utils/uuid.h"

typedef enum HmDoorPass
{
	HM_DOOR_SHUT,
	HM_DOOR_EXTENSION,			/* CREATE or ALTER EXTENSION: lets our script
								 * pass while it runs */
	HM_DOOR_SCRIPT,				/* a statement of our script */
	HM_DOOR_REMOVAL,			/* DROP EXTENSION hipaa_migrate */
	HM_DOOR_RESTORE,			/* COPY FROM into relid */
	HM_DOOR_MAINTENANCE			/* REINDEX of the whole database */
} HmDoorPass;

/*
 * A utility command that is being executed, in the C frame of whoever
 * executes it.  A pass is good for the innermost one only, so that it does
 * not cover what an event trigger or an expression of somebody else does.
 */
typedef struct HmDoorFrame
{
	Node	   *command;
	HmDoorPass	pass;
	Oid			relid;			/* HM_DOOR_RESTORE: the table */
	bool		epoch_known;	/* epoch is one that may be restored */
	pg_uuid_t	epoch;
	bool		updates;		/* HM_DOOR_EXTENSION: ours, by ALTER; */
	char		version[NAMEDATALEN];	/* from this one */
	HmMerkleHash fingerprint;	/* and this one */
	struct HmDoorFrame *outer;
} HmDoorFrame;

/* Whether such a command needs a frame: cheap, to be asked first. */
extern bool hm_door_concerns(const Node *command);

/* Raises, or makes the frame the innermost one. */
extern void hm_door_enter(HmDoorFrame *frame, Node *command,
						  ProcessUtilityContext context);

/* When the command is done, in its frame. */
extern void hm_door_finish(const HmDoorFrame *frame);

/* On return and on error. */
extern void hm_door_leave(const HmDoorFrame *frame);

/* Of queries that write or lock rows: before they start, */
extern void hm_door_check_query(const PlannedStmt *query);

/* once they have started, and when they are finished. */
extern void hm_door_watch_query(const QueryDesc *query);
extern void hm_door_end_query(const QueryDesc *query);

/*
 * Before anything else is executed: has a query that is not finished written
 * what it must not?  One test when there is none.
 */
extern void hm_door_check_watched(void);

extern void hm_door_check_object(ObjectAccessType access, Oid class_id,
								 Oid object_id, int sub_id, void *argument);

/* After a query: has it moved a sequence of ours? */
extern void hm_door_check_setval(void);

/* Whether rows of the relation may be written now, and with what pass. */
extern bool hm_door_is_open(Oid relid);

#endif							/* HM_AUDIT_DOOR_H */
