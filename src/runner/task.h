/*
 * src/runner/task.h
 *	  What a calling process and its background worker share.
 */
#ifndef HM_RUNNER_TASK_H
#define HM_RUNNER_TASK_H

#include "nodes/pg_list.h"
#include "storage/dsm.h"
#include "storage/shm_toc.h"

#define HM_TASK_MAGIC 0x68696d67

/* Keys of the segment's table of contents. */
enum
{
	HM_TASK_KEY_TASK,
	HM_TASK_KEY_STRINGS,
	HM_TASK_KEY_DURATIONS,
	HM_TASK_KEY_QUEUE
};

/*
 * Strings: text, migration, original name, direction, file, author, then
 * names and values of settings in turn.
 */
typedef struct HmTask
{
	Oid			database;
	Oid			authenticated;
	Oid			role;
	int64		run_id;
	int			first_line;
	int			lock_timeout;	/* the caller's hipaa_migrate.lock_timeout */
	int			statement_timeout;	/* and hipaa_migrate.statement_timeout */
	int			idempotency;	/* and hipaa_migrate.idempotency */
	int			waived;			/* bits of hm_guarded_form_bit() */
	bool		repeatable;
	int			nstrings;

	/* Written by the worker only; the caller reads them when it has ended. */
	int			current;
	int			completed;
	bool		done;
} HmTask;

/* A list of strings, null ones among them, as bytes and back. */
extern Size hm_task_strings_size(List *strings);
extern void hm_task_strings_pack(List *strings, char *bytes);
extern List *hm_task_strings_unpack(const char *bytes, int count);

/* Entry of the background worker. */
extern PGDLLEXPORT void hm_worker_main(Datum argument);

#endif							/* HM_RUNNER_TASK_H */
