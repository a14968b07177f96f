/*
 * src/lint/index_cover.c
 *	  Which indexes can do what others are there for.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_opclass.h"
#include "commands/defrem.h"
#include "lint/index_cover.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Default operator classes, the columns' collations, the usual order. */

static Datum
vector_of(HeapTuple tuple, AttrNumber attribute)
{
	bool		isnull;

	return SysCacheGetAttr(INDEXRELID, tuple, attribute, &isnull);
}

static bool
is_plain_tuple(const HmIndex *index, HeapTuple tuple)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);
	oidvector  *classes = (oidvector *)
	DatumGetPointer(vector_of(tuple, Anum_pg_index_indclass));
	oidvector  *collations = (oidvector *)
	DatumGetPointer(vector_of(tuple, Anum_pg_index_indcollation));
	int2vector *options = (int2vector *)
	DatumGetPointer(vector_of(tuple, Anum_pg_index_indoption));
	Oid			method = get_index_am_oid(index->method, true);

	for (int i = 0; i < form->indnkeyatts; i++)
	{
		AttrNumber	number = form->indkey.values[i];
		Oid			type;
		int32		typmod;
		Oid			collation;

		if (number <= 0)
			return false;
		get_atttypetypmodcoll(form->indrelid, number, &type, &typmod,
							  &collation);
		if (options->values[i] != 0 || collations->values[i] != collation ||
			classes->values[i] != GetDefaultOpClass(type, method))
			return false;
	}
	return true;
}

static bool
is_plain_in_catalog(const HmIndex *index)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID,
										ObjectIdGetDatum(index->oid));
	bool		plain;

	if (!HeapTupleIsValid(tuple))
		return false;
	plain = is_plain_tuple(index, tuple);
	ReleaseSysCache(tuple);
	return plain;
}

static bool
is_plain_element(const IndexElem *element)
{
	return element->name && element->opclass == NIL &&
		element->collation == NIL &&
		(element->ordering == SORTBY_DEFAULT ||
		 element->ordering == SORTBY_ASC) &&
		(element->nulls_ordering == SORTBY_NULLS_DEFAULT ||
		 element->nulls_ordering == SORTBY_NULLS_LAST);
}

static bool
is_plain(const HmIndex *index)
{
	ListCell   *cell;

	if (OidIsValid(index->oid))
		return is_plain_in_catalog(index);
	foreach(cell, index->raw ? index->raw->indexParams : NIL)
	{
		if (!is_plain_element(lfirst_node(IndexElem, cell)))
			return false;
	}
	return index->columns != NIL;
}

/* Covering. */

/* The first keys of the longer list are those of the shorter one. */
static bool
begins_with(const HmIndex *longer, const HmIndex *shorter)
{
	ListCell   *first;
	ListCell   *second;

	if (longer->raw && shorter->raw)
	{
		forboth(first, longer->raw->indexParams,
				second, shorter->raw->indexParams)
		{
			if (!equal(lfirst(first), lfirst(second)))
				break;
		}
		if (second == NULL)
			return true;
	}
	forboth(first, longer->columns, second, shorter->columns)
	{
		if (lfirst(first) == NULL || lfirst(second) == NULL ||
			strcmp(lfirst(first), lfirst(second)) != 0)
			return false;
	}
	return is_plain(longer) && is_plain(shorter);
}

static bool
has_name(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		if (lfirst(cell) && name && strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}

static bool
holds_included(const HmIndex *keeper, const HmIndex *other)
{
	ListCell   *cell;

	foreach(cell, other->included)
	{
		if (!has_name(keeper->included, lfirst(cell)) &&
			!has_name(keeper->columns, lfirst(cell)))
			return false;
	}
	return true;
}

static bool
same_rows(const HmIndex *keeper, const HmIndex *other)
{
	if (!keeper->partial && !other->partial)
		return true;
	return keeper->raw && other->raw &&
		equal(keeper->raw->whereClause, other->raw->whereClause);
}

HmConstraint *
hm_index_constraint(const HmIndex *index)
{
	ListCell   *cell;

	foreach(cell, index->name ? hm_relation_constraints(index->table) : NIL)
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind != CONSTRAINT_FOREIGN && constraint->index &&
			strcmp(constraint->index, index->name) == 0)
			return constraint;
	}
	return NULL;
}

HmIndex *
hm_index_of_name(HmRelation *table, const char *name)
{
	RangeVar	range = {.type = T_RangeVar};

	if (!table->known)
		return NULL;
	range.schemaname = table->schema;
	range.relname = (char *) name;
	range.relpersistence = RELPERSISTENCE_PERMANENT;
	return hm_world_index(table->world, &range);
}

static bool
guarantees(const HmIndex *keeper, const HmIndex *other)
{
	HmConstraint *constraint;

	if (!other->unique)
		return true;
	if (!keeper->unique ||
		keeper->nulls_not_distinct != other->nulls_not_distinct ||
		list_length(keeper->columns) != list_length(other->columns))
		return false;
	constraint = hm_index_constraint(keeper);
	return constraint == NULL || !constraint->deferrable;
}

bool
hm_index_covers(const HmIndex *keeper, const HmIndex *other)
{
	int			keys = list_length(other->columns);

	if (keys == 0 || keys > list_length(keeper->columns) || !keeper->valid ||
		keeper->method == NULL || other->method == NULL ||
		strcmp(keeper->method, other->method) != 0)
		return false;
	if (keys < list_length(keeper->columns) &&
		strcmp(keeper->method, "btree") != 0)
		return false;
	return same_rows(keeper, other) && guarantees(keeper, other) &&
		begins_with(keeper, other) && holds_included(keeper, other);
}

/* Single questions. */

bool
hm_index_is_key(const HmIndex *index)
{
	return index->valid && index->unique && !index->partial &&
		strcmp(index->method, "btree") == 0 && is_plain(index);
}

/* IS NOT NULL of such a column leaves nothing out that equals a value. */
static bool
only_leaves_out_null(const HmIndex *index, List *columns)
{
	NullTest   *test;
	Node	   *argument;

	if (index->raw == NULL || !IsA(index->raw->whereClause, NullTest))
		return false;
	test = (NullTest *) index->raw->whereClause;
	argument = (Node *) test->arg;
	return test->nulltesttype == IS_NOT_NULL && IsA(argument, ColumnRef) &&
		IsA(llast(((ColumnRef *) argument)->fields), String) &&
		has_name(columns, strVal(llast(((ColumnRef *) argument)->fields)));
}

/* The same, of a predicate that the catalogs have. */
static bool
stored_leaves_out_null(const HmIndex *index, List *columns)
{
	HeapTuple	tuple = OidIsValid(index->oid) ?
	SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index->oid)) : NULL;
	Node	   *predicate;
	NullTest   *test;
	Oid			table;

	if (!HeapTupleIsValid(tuple))
		return false;
	table = ((Form_pg_index) GETSTRUCT(tuple))->indrelid;
	predicate = stringToNode(TextDatumGetCString(vector_of(tuple,
														   Anum_pg_index_indpred)));
	ReleaseSysCache(tuple);
	if (!IsA(predicate, NullTest))
		return false;
	test = (NullTest *) predicate;
	return test->nulltesttype == IS_NOT_NULL && IsA(test->arg, Var) &&
		has_name(columns, get_attname(table, ((Var *) test->arg)->varattno,
									  true));
}

static bool
has_all_rows(const HmIndex *index, List *columns)
{
	return !index->partial || only_leaves_out_null(index, columns) ||
		stored_leaves_out_null(index, columns);
}

/* In any order; a unique one may be by some of them only. */
bool
hm_index_finds(const HmIndex *index, List *columns)
{
	int			asked = list_length(columns);
	int			found = 0;
	ListCell   *cell;

	if (!index->valid || index->method == NULL ||
		(strcmp(index->method, "btree") != 0 &&
		 strcmp(index->method, "hash") != 0))
		return false;
	foreach(cell, index->columns)
	{
		if (!has_name(columns, lfirst(cell)))
			break;
		if (++found == asked)
			break;
	}
	if (found < asked && !(index->unique && found > 0 &&
						   found == list_length(index->columns)))
		return false;
	return has_all_rows(index, columns);
}

static bool
mentions(Node *node, const char *column)
{
	if (node == NULL)
		return false;
	if (IsA(node, ColumnRef))
	{
		Node	   *last = llast(((ColumnRef *) node)->fields);

		return IsA(last, String) && strcmp(strVal(last), column) == 0;
	}
	return raw_expression_tree_walker(node, mentions, (void *) column);
}

bool
hm_index_mentions(const HmIndex *index, const char *column)
{
	ListCell   *cell;

	if (has_name(index->columns, column))
		return true;
	if (index->raw == NULL)
		return false;
	foreach(cell, index->raw->indexParams)
	{
		if (mentions(lfirst_node(IndexElem, cell)->expr, column))
			return true;
	}
	return mentions(index->raw->whereClause, column);
}
