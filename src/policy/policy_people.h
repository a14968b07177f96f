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

/* In _PG_init(). */
extern void hm_policy_people_init(void);

#endif							/* HM_POLICY_POLICY_PEOPLE_H */
