/*
 * src/audit/clock.c
 *	  The anchored clock.
 */
#include "postgres.h"

#include <time.h>

#include "audit/clock.h"
#include "base/settings.h"

/* Counts on while the machine sleeps, where there is such a clock. */
#ifdef CLOCK_BOOTTIME
#define STEADY_CLOCK CLOCK_BOOTTIME
#else
#define STEADY_CLOCK CLOCK_MONOTONIC
#endif

static int64
steady_microseconds(void)
{
	struct timespec now;

	clock_gettime(STEADY_CLOCK, &now);
	return (int64) now.tv_sec * USECS_PER_SEC + now.tv_nsec / 1000;
}

static int64
step_limit(void)
{
	return (int64) hm_setting_clock_step_limit * USECS_PER_SEC;
}

/* The first look in this life of the server, or after somebody moved it. */
static void
rebase(HmState *state, TimestampTz now, int64 steady)
{
	TimestampTz base = state->anchored_at;

	if (now > base && now <= base + step_limit())
		base = now;
	state->clock_offset = base - steady;
	state->clock_server = PgStartTime;
}

bool
hm_clock_advance(HmState *state, TimestampTz now)
{
	int64		steady = steady_microseconds();
	bool		was_pending = state->clock_pending != 0;
	TimestampTz counted;

	if (state->clock_server != PgStartTime ||
		state->anchored_at > steady + state->clock_offset + step_limit())
		rebase(state, now, steady);
	counted = steady + state->clock_offset;
	if (now <= counted + step_limit())
	{
		state->anchored_at = Max(state->anchored_at, now);
		state->clock_pending = 0;
		return false;
	}
	state->anchored_at = Max(state->anchored_at, counted);
	state->clock_pending = now;
	return !was_pending;
}
