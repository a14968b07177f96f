/*
 * src/guard/policy_ground.h
 *	  What the policy, which is below this room, asks the guard.
 */
#ifndef HM_GUARD_POLICY_GROUND_H
#define HM_GUARD_POLICY_GROUND_H

/* In _PG_init(). */
extern void hm_policy_ground_init(void);

#endif							/* HM_GUARD_POLICY_GROUND_H */
