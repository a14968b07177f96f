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
 * the constraints as deferred as they were declared.
 */
extern void hm_settle_deferred(const HmScriptOrigin *origin);

/* Closes cursors and prepared statements made since the caller's statement. */
extern void hm_settle_session(void);

/* Executes a verify text, and takes back whatever it changed. */
extern void hm_settle_verify(const HmScript *verify);

#endif							/* HM_RUNNER_SETTLE_H */
