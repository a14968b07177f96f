/*
 * src/guard/break_glass.h
 *	  Break-glass: a permit for one backend and the user who logged in, until
 *	  it expires, DISCARD ALL or the end of the connection.
 */
#ifndef HM_GUARD_BREAK_GLASS_H
#define HM_GUARD_BREAK_GLASS_H

/* The number of what is open here and now, or 0.  Cheap. */
extern int64 hm_break_glass_current(void);

/* After DISCARD ALL. */
extern void hm_break_glass_discard(void);

extern void hm_break_glass_init(void);

#endif							/* HM_GUARD_BREAK_GLASS_H */
