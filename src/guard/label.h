/*
 * src/guard/label.h
 *	  The security label in which a database tells the others what it guards.
 *
 *		{"schema": "enforce", ..., "exemptions": [{"id": 1, ...}, ...]}
 *
 * Labels of databases are written by our own code only; what SQL brings
 * (pg_restore -C does) is left out.  pg_upgrade carries them.  Those of tables
 * and columns are another matter: policy/phi_label.h.
 */
#ifndef HM_GUARD_LABEL_H
#define HM_GUARD_LABEL_H

#include "base/provider.h"
#include "guard/guard_state.h"

/* Raises data_corrupted when it is no label of ours. */
extern HmGuardedDatabase *hm_label_parse(Oid database, const char *label);

/* In the current memory context. */
extern char *hm_label_build(const HmGuardedDatabase *database);

/*
 * Whether the command brings such a label for a database, as a dump made with
 * pg_dump --create does.  Nothing executes it.
 */
extern bool hm_label_is_brought(Node *command);

/* The same, and says in a WARNING what is not restored. */
extern bool hm_label_leave_out(Node *command);

/* In _PG_init(): lets pg_upgrade bring labels. */
extern void hm_label_init(void);

#endif							/* HM_GUARD_LABEL_H */
