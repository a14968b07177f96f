/*
 * src/guard/break_glass.c
 *	  Break-glass.
 */
#include "postgres.h"

#include "guard/break_glass.h"

int64
hm_break_glass_current(void)
{
	return 0;
}

void
hm_break_glass_discard(void)
{
}

void
hm_break_glass_init(void)
{
}
