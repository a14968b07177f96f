/*
 * src/guard/hooks.h
 *	  The only border with the server's hooks.
 */
#ifndef HM_GUARD_HOOKS_H
#define HM_GUARD_HOOKS_H

/* Once, when the library is loaded. */
extern void hm_guard_init(void);

#endif							/* HM_GUARD_HOOKS_H */
