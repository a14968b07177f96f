/*
 * src/audit/audit_init.h
 *	  Start of the room: called from _PG_init.
 */
#ifndef HM_AUDIT_AUDIT_INIT_H
#define HM_AUDIT_AUDIT_INIT_H

extern void hm_audit_init(void);

#endif							/* HM_AUDIT_AUDIT_INIT_H */
