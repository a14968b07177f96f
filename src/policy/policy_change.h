/*
 * src/policy/policy_change.h
 *	  Changing the policy: on record with all of it before and after, and by
 *	  two people where it says so and binds.
 *
 * Whether it takes two is up to the policy that is in force before the
 * change, so that nobody gets rid of the other alone.
 */
#ifndef HM_POLICY_POLICY_CHANGE_H
#define HM_POLICY_POLICY_CHANGE_H

#include "policy/policy_preset.h"
#include "policy/requirement.h"

/*
 * Both raise unless a superuser asks; return the number of the act that
 * another person is to confirm, or 0: done.
 *
 * value NULL: nothing of the kind is asked any more.  risk: a risk, or ALL.
 */
extern int64 hm_policy_set(const char *risk, const char *requirement,
						   Jsonb *value, const char *reason);

/* Puts the preset in the place of the whole policy. */
extern int64 hm_policy_use(const HmPreset *preset, const char *zone,
						   const char *reason);

/* In _PG_init(). */
extern void hm_policy_change_init(void);

#endif							/* HM_POLICY_POLICY_CHANGE_H */
