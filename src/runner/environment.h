/*
 * src/runner/environment.h
 *	  The defined environment in which a migration's text is executed.
 *
 * Between begin and end the settings that change what a text means have
 * fixed values, the session's temporary tables are out of sight and the
 * temporary schema is searched last, the role is the migration's, and the
 * runner's timeouts replace the caller's.  end puts
 * everything back, and with it every SET that the migration did.  After an
 * error the aborting transaction does the same.
 */
#ifndef HM_RUNNER_ENVIRONMENT_H
#define HM_RUNNER_ENVIRONMENT_H

#include "registry/stored.h"
#include "runner/temporary.h"

typedef struct HmEnvironment
{
	HmTemporary *temporary;
	int			guc_level;
	Oid			caller;
	int			caller_sec_context;
} HmEnvironment;

/* Raises when the caller is not a member of stored->run_as. */
extern void hm_environment_begin(HmEnvironment *environment,
								 const HmStored *stored);
extern void hm_environment_end(HmEnvironment *environment);

/* For a process of its own: the same settings, for the rest of its life. */
extern void hm_environment_enter(List *settings, Oid role);

/* The role that a migration runs as, for this caller. */
extern Oid	hm_environment_role(const HmStored *stored);

/*
 * Arm and disarm the time limit of one statement.  The caller's limit, if it
 * was armed, is gone for good: the runner's replaces it.
 */
extern void hm_environment_arm_statement_timeout(void);
extern void hm_environment_disarm_statement_timeout(void);

/*
 * Limits how long the transaction may stay idle from now on, for it holds
 * the locks of the migrations.
 */
extern void hm_environment_limit_idle_transaction(void);

/* Whether statements of this kind may fail at a lock without debris. */
extern void hm_environment_set_lock_timeout(bool limited);

#endif							/* HM_RUNNER_ENVIRONMENT_H */
