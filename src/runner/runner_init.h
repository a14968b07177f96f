/*
 * src/runner/runner_init.h
 *	  Start of the room: called from _PG_init.
 */
#ifndef HM_RUNNER_RUNNER_INIT_H
#define HM_RUNNER_RUNNER_INIT_H

extern void hm_runner_init(void);

#endif							/* HM_RUNNER_RUNNER_INIT_H */
