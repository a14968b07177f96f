/*
 * src/runner/runner_init.c
 *	  Start of the room.
 */
#include "postgres.h"

#include "runner/journal.h"
#include "runner/open_run.h"
#include "runner/run.h"
#include "runner/runner_init.h"

void
hm_runner_init(void)
{
	hm_journal_init();
	hm_open_run_init();
	hm_adopt_init();
}
