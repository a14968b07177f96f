/*
 * src/lint/proof.c
 *	  What the rows of a relation surely are, by the constraints that it has.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_type.h"
#include "lint/expression.h"
#include "lint/harmless.h"
#include "lint/proof.h"
#include "lint/world_parts.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_node.h"
#include "parser/parse_utilcmd.h"
#include "partitioning/partbounds.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/*
 * Expressions of the catalogs have the numbers of their own relation, those
 * that we analyse the positions of ours (hm_expression_column()).
 */
typedef struct Translation
{
	Oid			from;			/* the relation whose numbers they are */
	HmRelation *relation;		/* ours */
	bool		failed;
} Translation;

static HmColumn *
column_of_number(const Translation *translation, AttrNumber number)
{
	HmRelation *relation = translation->relation;
	char	   *name;
	ListCell   *cell;

	if (translation->from != relation->oid)
	{
		name = get_attname(translation->from, number, true);
		return name ? hm_relation_column(relation, name) : NULL;
	}
	foreach(cell, hm_relation_columns(relation))
	{
		HmColumn   *column = lfirst(cell);

		if (column->number == number)
			return column;
	}
	return NULL;
}

static Node *
renumber(Node *node, void *argument)
{
	Translation *translation = argument;
	HmColumn   *column;

	if (node == NULL)
		return NULL;
	if (!IsA(node, Var))
		return expression_tree_mutator(node, renumber, argument);
	column = column_of_number(translation, ((Var *) node)->varattno);
	if (column)
		return (Node *) hm_expression_column(translation->relation, column);
	translation->failed = true;
	return copyObject(node);
}

/* What is known. */

/* The expression of a constraint of the catalogs. */
static Node *
cooked_check(HmRelation *relation, Oid constraint)
{
	Translation translation = {relation->oid, relation};
	HeapTuple	tuple = SearchSysCache1(CONSTROID,
										ObjectIdGetDatum(constraint));
	Node	   *check = NULL;
	bool		isnull;
	Datum		cooked;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	cooked = SysCacheGetAttr(CONSTROID, tuple, Anum_pg_constraint_conbin,
							 &isnull);
	if (!isnull)
		check = renumber(stringToNode(TextDatumGetCString(cooked)),
						 &translation);
	ReleaseSysCache(tuple);
	if (check == NULL || translation.failed)
		return NULL;
	return (Node *) canonicalize_qual((Expr *) hm_expression_simplify(check),
									  true);
}

static Node *
check_of(HmRelation *relation, const HmConstraint *constraint)
{
	Node	   *check;

	if (OidIsValid(constraint->oid))
		return cooked_check(relation, constraint->oid);
	check = hm_expression_understand(relation,
									 ((Constraint *) constraint->raw)->raw_expr,
									 BOOLOID, -1);
	return check ? (Node *) canonicalize_qual((Expr *) check, true) : NULL;
}

static List *
known_checks(HmRelation *relation, List *without)
{
	List	   *known = NIL;
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);
		Node	   *check;

		if (constraint->kind != CONSTRAINT_CHECK || !constraint->validated ||
			(constraint->name && hm_names_have(without, constraint->name)))
			continue;
		check = check_of(relation, constraint);
		if (check)
			known = list_concat(known, make_ands_implicit((Expr *) check));
	}
	return known;
}

static Node *
is_not_null(HmRelation *relation, const HmColumn *column)
{
	NullTest   *test = makeNode(NullTest);

	test->arg = (Expr *) hm_expression_column(relation, column);
	test->nulltesttype = IS_NOT_NULL;
	test->argisrow = false;
	test->location = -1;
	return (Node *) test;
}

static List *
known_not_null(HmRelation *relation)
{
	List	   *known = NIL;
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		HmColumn   *column = lfirst(cell);

		if (OidIsValid(column->type) &&
			hm_column_never_null(relation, column))
			known = lappend(known, is_not_null(relation, column));
	}
	return known;
}

/* NOT NULL. */

typedef struct NotNullQuestion
{
	HmRelation *relation;
	const HmColumn *column;
	List	   *without;
	bool		proven;
} NotNullQuestion;

static void
ask_not_null(void *argument)
{
	NotNullQuestion *question = argument;
	HmRelation *relation = question->relation;

	question->proven =
		predicate_implied_by(list_make1(is_not_null(relation,
													question->column)),
							 known_checks(relation, question->without), true);
}

/* Most tables have no such constraint: then there is nothing to ask. */
static bool
has_check_on(HmRelation *relation, const HmColumn *column)
{
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == CONSTRAINT_CHECK && constraint->validated &&
			hm_names_have(constraint->columns, column->name))
			return true;
	}
	return false;
}

bool
hm_proof_not_null(HmRelation *relation, const HmColumn *column, List *without)
{
	NotNullQuestion question = {relation, column, without};

	return OidIsValid(column->type) && has_check_on(relation, column) &&
		hm_harmless_attempt(ask_not_null, &question) && question.proven;
}

/* The same. */

typedef struct SameQuestion
{
	HmRelation *relation;
	Node	   *raw;
	HmConstraint *answer;
} SameQuestion;

static void
ask_same(void *argument)
{
	SameQuestion *question = argument;
	HmRelation *relation = question->relation;
	Node	   *asked = hm_expression_understand(relation, question->raw,
												 BOOLOID, -1);
	ListCell   *cell;

	asked = asked ? (Node *) canonicalize_qual((Expr *) asked, true) : NULL;
	foreach(cell, asked ? hm_relation_constraints(relation) : NIL)
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == CONSTRAINT_CHECK && constraint->validated &&
			equal(check_of(relation, constraint), asked))
		{
			question->answer = constraint;
			return;
		}
	}
}

HmConstraint *
hm_proof_same_check(HmRelation *relation, Node *raw)
{
	SameQuestion question = {relation, raw};

	return hm_relation_has_valid_check(relation) &&
		hm_harmless_attempt(ask_same, &question) ? question.answer : NULL;
}

/* Partitions. */

typedef struct AttachQuestion
{
	HmRelation *parent;
	PartitionBoundSpec *bound;
	HmRelation *table;
	bool		as_default;
	HmProof		proof;
} AttachQuestion;

static List *
bound_qual(Relation parent, AttachQuestion *question)
{
	ParseState *state = make_parsestate(NULL);
	PartitionBoundSpec *bound = transformPartitionBound(state, parent,
														copyObject(question->bound));
	List	   *qual = get_qual_from_partbound(parent, bound);

	free_parsestate(state);
	if (question->as_default)
		return get_proposed_default_constraint(qual);
	return list_concat(qual, RelationGetPartitionQual(parent));
}

/* A key of columns, not of expressions, which may call anything. */
static bool
has_plain_key(Oid parent)
{
	HeapTuple	tuple = SearchSysCache1(PARTRELID, ObjectIdGetDatum(parent));
	bool		plain;

	if (!HeapTupleIsValid(tuple))
		return false;
	plain = heap_attisnull(tuple, Anum_pg_partitioned_table_partexprs, NULL);
	ReleaseSysCache(tuple);
	return plain;
}

/* Those that it is a part of, too. */
static bool
has_plain_keys(const HmRelation *parent)
{
	ListCell   *cell;

	foreach(cell, parent->partition ? get_partition_ancestors(parent->oid) : NIL)
	{
		if (!has_plain_key(lfirst_oid(cell)))
			return false;
	}
	return has_plain_key(parent->oid);
}

/* A bound may call functions: then it is not looked at, see expression.h. */
static bool
is_plain_bound(List *values)
{
	ListCell   *cell;

	foreach(cell, values)
	{
		Node	   *value = lfirst(cell);

		if (IsA(value, List))
		{
			if (!is_plain_bound((List *) value))
				return false;
		}
		else if (!IsA(value, A_Const) && !IsA(value, ColumnRef) &&
				 !IsA(value, PartitionRangeDatum))
			return false;
	}
	return true;
}

static bool
is_plain(const PartitionBoundSpec *bound)
{
	return is_plain_bound(bound->listdatums) &&
		is_plain_bound(bound->lowerdatums) &&
		is_plain_bound(bound->upperdatums);
}

/* A bound is computed as a value of its column's type, checks included. */
static bool
has_harmless_key(Relation parent)
{
	PartitionKey key = RelationGetPartitionKey(parent);

	for (int i = 0; i < key->partnatts; i++)
	{
		if (get_typtype(key->parttypid[i]) == TYPTYPE_DOMAIN ||
			!hm_harmless_type(key->parttypid[i]))
			return false;
	}
	return true;
}

static void
ask_attach(void *argument)
{
	AttachQuestion *question = argument;
	Translation translation = {question->parent->oid, question->table};
	Relation	parent = try_relation_open(question->parent->oid, NoLock);
	List	   *qual;
	Node	   *test;

	if (parent == NULL ||
		parent->rd_rel->relkind != RELKIND_PARTITIONED_TABLE ||
		!has_harmless_key(parent))
		return;
	qual = bound_qual(parent, question);
	test = eval_const_expressions(NULL, (Node *) qual);
	test = renumber((Node *) make_ands_explicit((List *) test), &translation);
	relation_close(parent, NoLock);
	if (translation.failed)
		return;
	question->proof = qual == NIL ||
		predicate_implied_by(list_make1(test),
							 list_concat(known_not_null(question->table),
										 known_checks(question->table, NIL)),
							 true) ? HM_PROVEN : HM_PROOF_MISSING;
}

HmProof
hm_proof_attach(HmRelation *parent, PartitionBoundSpec *bound,
				HmRelation *table, bool as_default)
{
	AttachQuestion question = {parent, bound, table, as_default};

	if (!OidIsValid(parent->oid) ||
		parent->kind != RELKIND_PARTITIONED_TABLE ||
		!has_plain_keys(parent) || !is_plain(bound) ||
		!ConditionalLockRelationOid(parent->oid, AccessShareLock))
		return HM_PROOF_UNKNOWN;
	if (!hm_harmless_attempt(ask_attach, &question))
		question.proof = HM_PROOF_UNKNOWN;
	UnlockRelationOid(parent->oid, AccessShareLock);
	return question.proof;
}
