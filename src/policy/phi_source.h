/*
 * src/policy/phi_source.h
 *	  Which columns of tables a column of a view shows.
 */
#ifndef HM_POLICY_PHI_SOURCE_H
#define HM_POLICY_PHI_SOURCE_H

#include "access/attnum.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

typedef struct HmPhiSource
{
	Oid			relid;
	AttrNumber	attnum;			/* 0: the whole row */
} HmPhiSource;

/*
 * Of HmPhiSource *, each once: all columns that the expression behind the
 * view's column reads, through joins, subqueries, WITH and set operations,
 * and through other views, which are among them.  A column of a view that is
 * labelled 'none' shows nothing of what it reads, and leads no further.  What
 * is read in WHERE and its like only is not shown; what functions read is not
 * known.
 */
extern List *hm_phi_sources_of(Relation view, AttrNumber attnum);

#endif							/* HM_POLICY_PHI_SOURCE_H */
