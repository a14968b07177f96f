/*
 * src/audit/clock.h
 *	  The anchored clock: the time that retention counts by.
 *
 * What may be purged depends on how old it is, so it must not help to put the
 * server's clock forward.  The anchor (audit_state.anchored_at) moves on at
 * each seal, to the time of day, but never further than a clock that cannot
 * be set (that of the time since the machine booted) accounts for, plus
 * hipaa_migrate.clock_step_limit once for each life of the server process.
 * What happened while the server was down is not known, so a longer stop is
 * a step too.  After a step the anchor goes on counting from where it was,
 * and audit_state.clock_pending says what the clock showed, until two people
 * have confirmed it or the clock is back.  The anchor never goes back.
 *
 * audit_state.clock_server names a life of the server process by its start,
 * audit_state.clock_offset is what must be added, in that life, to the clock
 * that cannot be set.  Whoever moves the anchor, with a confirmation, only sets
 * anchored_at and clears clock_pending: the next seal counts on from there.
 */
#ifndef HM_AUDIT_CLOCK_H
#define HM_AUDIT_CLOCK_H

#include "audit/state_row.h"

/* True when clock_pending was null and is not any more. */
extern bool hm_clock_advance(HmState *state, TimestampTz now);

#endif							/* HM_AUDIT_CLOCK_H */
