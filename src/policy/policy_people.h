/*
 * src/policy/policy_people.h
 *	  What the policy says about acts that need two people: when they do, and
 *	  who can be one of two.
 *
 * That an act needs two, and that a person must be known, holds where the
 * policy binds; a restored dump locks nobody out.  A shared login is nobody
 * everywhere.
 */
#ifndef HM_POLICY_POLICY_PEOPLE_H
#define HM_POLICY_POLICY_PEOPLE_H

#include "policy/policy.h"

/*
 * Whether, where the policy wants two people for its own change and for the
 * guard's, there are two who could.
 */
extern bool hm_policy_people_suffice(const HmPolicy *policy);

/*
 * Warns when there are none: once the policy binds, nobody would get out again
 * but by the configuration file.
 */
extern void hm_policy_people_warn(void);

/* In _PG_init(). */
extern void hm_policy_people_init(void);

#endif							/* HM_POLICY_POLICY_PEOPLE_H */
