/*
 * src/runner/settle.h
 *	  What a migration leaves open, settled before the next one begins.
 *
 * All of it runs inside the migration's environment.
 */
#ifndef HM_RUNNER_SETTLE_H
#define HM_RUNNER_SETTLE_H

#include "registry/script.h"

/*
 * Fires the deferred triggers and constraints that are pending, and leaves
 * the constraints as deferred as they were declared.  origin says whose they
 * are; NULL: the caller's, from before the run.
 */
extern void hm_settle_deferred(const HmScriptOrigin *origin);

/* The cursors and prepared statements of the session, by name: text[]. */
typedef struct HmSessionMark
{
	Datum		cursors;
	Datum		prepared;
} HmSessionMark;

/* In the current memory context. */
extern HmSessionMark *hm_settle_mark(void);

/* Closes the cursors and prepared statements that have come since. */
extern void hm_settle_session(const HmSessionMark *mark);

/* Executes a verify text, and takes back whatever it changed. */
extern void hm_settle_verify(const HmScript *verify);

#endif							/* HM_RUNNER_SETTLE_H */
