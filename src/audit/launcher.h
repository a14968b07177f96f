/*
 * src/audit/launcher.h
 *	  The process that starts recorders and sealers.
 */
#ifndef HM_AUDIT_LAUNCHER_H
#define HM_AUDIT_LAUNCHER_H

/* In _PG_init: registers the launcher, unless this is pg_upgrade's server. */
extern void hm_launcher_init(void);

extern PGDLLEXPORT void hm_launcher_main(Datum argument);

#endif							/* HM_AUDIT_LAUNCHER_H */
