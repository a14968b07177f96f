/*
 * src/guard/mode.h
 *	  Changes of the guard's modes, by a superuser.
 */
#ifndef HM_GUARD_MODE_H
#define HM_GUARD_MODE_H

#include "guard/class.h"

typedef struct HmGuardChange
{
	HmGuardMode mode;
	bool		classes[HM_GUARD_CLASSES];	/* whose mode it shall be */
	const char *reason;
} HmGuardChange;

/*
 * Returns 0, or the number of the act: where the policy wants two people for
 * it, what is enforced stays so until another person has confirmed it.
 */
extern int64 hm_guard_change(const HmGuardChange *change);

/* In _PG_init(). */
extern void hm_guard_mode_init(void);

#endif							/* HM_GUARD_MODE_H */
