/*
 * src/audit/seal_init.h
 *	  Tells the sealer process what to do: called from _PG_init.
 */
#ifndef HM_AUDIT_SEAL_INIT_H
#define HM_AUDIT_SEAL_INIT_H

extern void hm_seal_init(void);

#endif							/* HM_AUDIT_SEAL_INIT_H */
