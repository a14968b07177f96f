/*
 * src/report/access.h
 *	  Access review: who could do what at a moment, and by what.
 *
 * Of the present the tables and catalogs tell, of the past the record:
 *
 *		capabilities	events capability.granted and .revoked
 *		memberships		events access.changed, see audit/access_change.h
 *		policy			events policy.changed
 *		persons			events person.changed
 *
 * What it cannot tell is said in a row of its own, and never guessed.
 */
#ifndef HM_REPORT_ACCESS_H
#define HM_REPORT_ACCESS_H

#include "fmgr.h"
#include "nodes/execnodes.h"

/* Rows (person, login, access, through, since, note).  Works on a standby. */
extern void hm_access_put(ReturnSetInfo *result, NullableDatum as_of);

#endif							/* HM_REPORT_ACCESS_H */
