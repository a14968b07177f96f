/*
 * src/audit/number.h
 *	  Numbers from our sequences, past nextval().
 *
 * What nextval() gives is what lastval() says in the rest of the session,
 * and a session that is observed, or runs a migration, asked for none of
 * ours.  Apart from that they are as good: unique, also after a crash and on
 * a promoted standby, not taken back by an abort, with gaps.
 */
#ifndef HM_AUDIT_NUMBER_H
#define HM_AUDIT_NUMBER_H

#include "audit/relations.h"

extern int64 hm_number_next(HmRelation sequence);

#endif							/* HM_AUDIT_NUMBER_H */
