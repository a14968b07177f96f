/*
 * src/guard/frame.h
 *	  The utility commands that are being executed, innermost first, each with
 *	  its verdict.
 *
 *		hm_guard_enter(&frame, ...)		or raises
 *		execute
 *		hm_guard_finish(&frame)			on error: hm_guard_fail(&frame)
 *
 * What happens to objects is judged by the innermost command (effect.h).
 */
#ifndef HM_GUARD_FRAME_H
#define HM_GUARD_FRAME_H

#include "audit/ddl.h"
#include "guard/command.h"
#include "guard/decide.h"
#include "guard/refuse.h"
#include "nodes/plannodes.h"
#include "tcop/utility.h"

typedef struct HmPermit
{
	HmPermitKind kind;
	int64		id;				/* of the exemption or break-glass */
	const char *ticket;			/* of the break-glass, or NULL */
	Oid			schema;			/* HM_PERMIT_EXEMPTION: the only one that may
								 * be touched, or InvalidOid */
} HmPermit;

typedef struct HmGuardFrame
{
	Node	   *tree;			/* not to be looked at after execution */
	HmGuardedCommand command;
	HmVerdict	verdict;
	HmPermit	permit;
	bool		covers;			/* what happens to objects was decided with it */
	bool		discards;		/* DISCARD ALL */
	bool		removes;		/* DROP EXTENSION hipaa_migrate */
	bool		recorded;		/* ddl is in use */
	HmGuardCase about;			/* of verdicts that are put on record */
	HmDdlFrame	ddl;
	struct HmGuardFrame *outer;
} HmGuardFrame;

/* Whether the command needs a frame: cheap, to be asked first. */
extern bool hm_guard_concerns(const Node *command);

/* Decides; raises (SQLSTATE MG014), or makes the frame the innermost one. */
extern void hm_guard_enter(HmGuardFrame *frame, const PlannedStmt *statement,
						   const char *query, ProcessUtilityContext context);

/* After the command: puts it on record, if it is to be. */
extern void hm_guard_finish(HmGuardFrame *frame);

/* Instead, while the command's error is handled. */
extern void hm_guard_fail(HmGuardFrame *frame);

/* The innermost one, or NULL. */
extern HmGuardFrame *hm_guard_frame(void);

/* Our own code, and processes that do nobody's will, are not asked. */
extern bool hm_guard_exempt_process(void);

/*
 * The verdict on such a command, and the permit that it rests on; tree is
 * NULL for an effect.
 */
extern HmVerdict hm_guard_judge(const HmGuardedCommand *command, Node *tree,
								HmPermit *permit);

/* The transaction has used a permit, and cannot be prepared any more. */
extern void hm_guard_note_permit_used(void);

extern void hm_guard_frame_init(void);

#endif							/* HM_GUARD_FRAME_H */
