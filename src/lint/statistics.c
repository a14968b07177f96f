/*
 * src/lint/statistics.c
 *	  What ANALYZE has seen of a table's values.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_statistic.h"
#include "lint/choice.h"
#include "lint/statistics.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rls.h"
#include "utils/syscache.h"

typedef struct Statistics
{
	double		rows;			/* as of then */
	double		null_fraction;
	double		distinct;		/* values that are not NULL */
	bool		repeated;		/* one was seen more than once */
} Statistics;

/* pg_statistic keeps single precision. */
#define ROUNDING 1e-6

static bool
may_be_told(const HmRelation *relation)
{
	Oid			relid = relation->oid;

	if (relation->world->impartial)
		return true;
	return pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		check_enable_rls(relid, InvalidOid, true) != RLS_ENABLED;
}

static double
rows_then(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	double		rows;

	if (!HeapTupleIsValid(tuple))
		return -1;
	rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
	ReleaseSysCache(tuple);
	return rows;
}

/*
 * ANALYZE writes a fraction of exactly what is not NULL when no value of its
 * sample came twice, and else less or an absolute number.
 */
static void
read_statistics(Form_pg_statistic form, Statistics *statistics)
{
	double		present = 1.0 - form->stanullfrac;

	statistics->null_fraction = form->stanullfrac;
	if (form->stadistinct < 0)
	{
		statistics->distinct = -form->stadistinct * statistics->rows;
		statistics->repeated = -form->stadistinct < present - ROUNDING;
	}
	else
	{
		statistics->distinct = form->stadistinct;
		statistics->repeated = form->stadistinct <
			statistics->rows * present * (1.0 - ROUNDING);
	}
}

/* To be released; NULL: nobody has gathered any. */
static HeapTuple
search(HmRelation *relation, const HmColumn *column)
{
	if (!OidIsValid(relation->oid) || column->number == 0)
		return NULL;
	return SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(relation->oid),
						   Int16GetDatum(column->number),
						   BoolGetDatum(relation->kind ==
										RELKIND_PARTITIONED_TABLE));
}

bool
hm_statistics_all_null(HmRelation *relation, const HmColumn *column)
{
	HeapTuple	tuple = search(relation, column);
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_statistic) GETSTRUCT(tuple))->stanullfrac >= 1;
	ReleaseSysCache(tuple);
	return result;
}

/* False when there is nothing, or nothing that may be told. */
static bool
find(HmRelation *relation, const HmColumn *column,
	 Statistics *statistics)
{
	HeapTuple	tuple;
	Form_pg_statistic form;
	bool		known;

	if (!OidIsValid(relation->oid) || !may_be_told(relation))
		return false;
	statistics->rows = rows_then(relation->oid);
	if (statistics->rows <= 0)
		return false;
	tuple = search(relation, column);
	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_statistic) GETSTRUCT(tuple);
	known = form->stadistinct != 0;
	if (known)
		read_statistics(form, statistics);
	ReleaseSysCache(tuple);
	return known;
}

/* Keys. */

static bool
find_by_name(HmRelation *relation, const char *name, Statistics *statistics)
{
	HmColumn   *column = name ? hm_relation_column(relation, name) : NULL;

	return column && find(relation, column, statistics);
}

/* So many values cannot be all different in so many rows. */
static char *
too_few(const char *columns, double distinct, const Statistics *statistics)
{
	return psprintf("as of the last ANALYZE there are about %.0f different values of %s in %.0f rows",
					distinct, columns, statistics->rows);
}

static char *
column_duplicates(HmRelation *relation, const char *name)
{
	Statistics	statistics;

	if (!find_by_name(relation, name, &statistics) || !statistics.repeated)
		return NULL;
	return too_few(quote_identifier(name), statistics.distinct, &statistics);
}

/* Columns together have at most as many values as their product. */
char *
hm_statistics_duplicates(HmRelation *relation, List *columns)
{
	Statistics	statistics;
	double		distinct = 1;
	double		present = 1;
	ListCell   *cell;

	if (list_length(columns) == 1)
		return column_duplicates(relation, linitial(columns));
	foreach(cell, columns)
	{
		if (!find_by_name(relation, lfirst(cell), &statistics))
			return NULL;
		distinct *= statistics.distinct;
		present -= statistics.null_fraction;
	}
	if (columns == NIL || distinct >= present * statistics.rows)
		return NULL;
	return too_few(hm_choice_column_list(columns), distinct, &statistics);
}

char *
hm_statistics_nulls(HmRelation *relation, List *columns)
{
	Statistics	statistics;
	ListCell   *cell;

	foreach(cell, columns)
	{
		if (find_by_name(relation, lfirst(cell), &statistics) &&
			statistics.null_fraction > 0)
			return psprintf("as of the last ANALYZE %s is NULL in about %.0f of %.0f rows",
							quote_identifier(lfirst(cell)),
							statistics.null_fraction * statistics.rows,
							statistics.rows);
	}
	return NULL;
}
