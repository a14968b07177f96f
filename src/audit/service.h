/*
 * src/audit/service.h
 *	  What recorders and sealers have in common, and how they are kept away
 *	  from a database.
 */
#ifndef HM_AUDIT_SERVICE_H
#define HM_AUDIT_SERVICE_H

#include "audit/shared.h"

/*
 * For the main function of a worker: takes the place that the launcher has
 * made for it, connects to the database and puts the settings in order.
 * Ends the process if it is not wanted there any more.  When the process
 * ends, the place is given up and the launcher woken.
 */
extern void hm_service_begin(HmRole role, Oid database);

/*
 * Gives up the place unless there is work, and says whether it is given up.
 * With force also when there is.
 */
extern bool hm_service_leave(bool force);

/* Gives up the place, and the entry too if nothing else needs it. */
extern void hm_service_leave_for_good(void);

/*
 * The worker begins, or has finished, what there is to do.  Returns whether
 * that is new, for an idle worker may be wanted elsewhere.
 */
extern bool hm_service_set_busy(bool busy);

/* Another database waits for the place, or the process was told to end. */
extern bool hm_service_must_leave(void);
extern bool hm_service_must_end(void);

/*
 * Begins a transaction that works with the extension, and says whether there
 * is one.  Like DROP EXTENSION it locks the extension before any table of it:
 * whoever comes second waits without holding what the other needs.
 */
extern bool hm_service_start_transaction(void);

/* The work has failed, or not: the next attempt waits accordingly. */
extern void hm_service_failed(int sqlstate);
extern void hm_service_succeeded(void);

/* Sleeps until the latch is set, that time has come, or a setting changed. */
extern void hm_service_sleep(TimestampTz until);

/* The worker's own entry. */
extern HmDatabase *hm_service_entry(void);

/*
 * Workers are connections: they are in the way of DROP DATABASE, RENAME, SET
 * TABLESPACE and CREATE DATABASE ... TEMPLATE.  begin ends those of the
 * database and waits until they are gone (10 s at most), and none is started
 * until end.  Whoever begins ends, also after an error; what is forgotten
 * ends with the transaction, if that aborts, and with the process.
 */
extern void hm_service_keep_away_begin(Oid database);
extern void hm_service_keep_away_end(Oid database);

/* Names of worker processes, as pg_stat_activity.backend_type. */
extern const char *hm_service_role_name(HmRole role);

#endif							/* HM_AUDIT_SERVICE_H */
