/*
 * src/guard/guard_state.h
 *	  What is guarded, in this database and in the others of the cluster.
 *
 * The truth is in the catalogs: a security label on each guarded database
 * (label.h), which every database can read, and, for its own database, table
 * hipaa_migrate.guard_class; of the two the stricter holds.  A backend reads
 * them before its first command, and again when another has changed them;
 * shared memory holds only the number of changes.  A standby guards nothing,
 * for nothing can be changed there, and remembers nothing into its promotion.
 *
 * A database with the extension and without a label observes.
 *
 * All functions need a transaction that has not failed.
 */
#ifndef HM_GUARD_GUARD_STATE_H
#define HM_GUARD_GUARD_STATE_H

#include "guard/class.h"
#include "nodes/pg_list.h"

typedef struct HmGuardedDatabase
{
	Oid			oid;
	HmGuardMode modes[HM_GUARD_CLASSES];	/* of HM_CLASS_OWN: the strictest */
	List	   *exemptions;		/* of HmExemption *, all that had not expired
								 * when the label was written */
} HmGuardedDatabase;

/* In _PG_init(). */
extern void hm_guard_state_init(void);

/* Valid until the next of these calls.  NULL: this one has no guard. */
extern const HmGuardedDatabase *hm_guard_here(void);

/*
 * The modes of this database, which has the extension, as the catalogs have
 * them; on a standby too.  modes[] has HM_GUARD_CLASSES elements.
 */
extern void hm_guard_read_modes(HmGuardMode *modes);

/* Of HmGuardedDatabase *: all of the cluster, the current one first. */
extern List *hm_guard_databases(void);

/*
 * The mode of a class: in this database, or, of commands that act on the
 * whole cluster, the strictest of all databases.
 */
extern HmGuardMode hm_guard_mode(HmGuardClass class, bool shared);

/* Whether any class is enforced in that database. */
extern bool hm_guard_is_armed(Oid database);

/*
 * To be called by who has changed what labels are made of: writes the label
 * of this database in the current transaction, and lets every backend look
 * anew once that has committed.
 */
extern void hm_guard_publish(void);

/* The same when the extension is gone: takes the label away. */
extern void hm_guard_withdraw(void);

#endif							/* HM_GUARD_GUARD_STATE_H */
