/*
 * src/policy/set_filling.h
 *	  Which person stands for which set of approvers.
 */
#ifndef HM_POLICY_SET_FILLING_H
#define HM_POLICY_SET_FILLING_H

typedef bool (*HmCanFill) (const void *arg, int person, int set);

/*
 * For each set the index of a person that can fill it, or -1: so that as many
 * sets as possible are filled, and nobody fills more than one.  In the current
 * memory context; serves interrupts.
 */
extern int *hm_sets_fill(int persons, int sets, HmCanFill can_fill,
						 const void *arg);

#endif							/* HM_POLICY_SET_FILLING_H */
