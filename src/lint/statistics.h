/*
 * src/lint/statistics.h
 *	  What ANALYZE has seen of a table's values.
 *
 * Values only of tables that the current user may read, as pg_stats shows them.
 */
#ifndef HM_LINT_STATISTICS_H
#define HM_LINT_STATISTICS_H

#include "lint/world.h"

/* Whether it has seen nothing but NULL in it. */
extern bool hm_statistics_all_null(HmRelation *relation,
								   const HmColumn *column);

/*
 * Why a key of these columns (of char *) would meet rows that are alike, as a
 * text, or NULL when nothing says so.
 */
extern char *hm_statistics_duplicates(HmRelation *relation, List *columns);

/* Why one of the columns is NULL somewhere, or NULL. */
extern char *hm_statistics_nulls(HmRelation *relation, List *columns);

#endif							/* HM_LINT_STATISTICS_H */
