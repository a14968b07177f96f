/*
 * src/lint/rules_phi.c
 *	  Health information: by the labels that tables and columns have, and by
 *	  names that look as if they should have one.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "lint/lint.h"
#include "lint/phi.h"
#include "lint/phi_name.h"
#include "lint/tree.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"

/* What is labelled. */

static HmPhiLevel
level_of(const HmRelation *relation, const HmColumn *column)
{
	if (!OidIsValid(relation->oid) || column == NULL || column->number == 0)
		return HM_PHI_UNLABELLED;
	return hm_phi_level_of(relation->oid, column->number);
}

static const char *
shown_level(HmPhiLevel level)
{
	return level == HM_PHI_HEALTH ? "health information" :
		"what identifies a person";
}

/* Of personal data it weighs less, and where there is none yet. */
static void
report(HmLint *lint, HmCase *found, HmPhiLevel level, bool lost)
{
	found->type = shown_level(level);
	if (lost && hm_relation_empty(found->relation))
	{
		found->raise = HM_LOW - HM_CRITICAL;
		found->why = "the table is empty";
	}
	else if (level == HM_PHI_PERSONAL)
	{
		found->raise = -1;
		found->why = "it is labelled pii";
	}
	hm_lint_report(lint, found);
}

static void
report_column(HmLint *lint, HmRelation *relation, const char *name,
			  const char *what, bool lost)
{
	HmPhiLevel	level = level_of(relation, hm_relation_column(relation, name));
	HmCase		found = {
		.relation = relation,
		.column = name,
		.detail = what
	};

	if (level >= HM_PHI_PERSONAL)
		report(lint, &found, level, lost);
}

static void
check_column(HmLint *lint, Node *node)
{
	AlterTableCmd *command = (AlterTableCmd *) node;
	RenameStmt *rename = (RenameStmt *) node;

	if (IsA(node, RenameStmt))
		report_column(lint, hm_world_relation(lint->world, rename->relation),
					  rename->subname, "given another name", false);
	else if (command->subtype == AT_DropColumn)
		report_column(lint, lint->relation, command->name, "dropped", true);
	else
		report_column(lint, lint->relation, command->name,
					  "given another type", false);
}

/* The highest of its columns, and the first of that. */
static HmPhiLevel
level_of_table(HmRelation *relation, const char **column)
{
	HmPhiLevel	highest = HM_PHI_UNLABELLED;
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		HmPhiLevel	level = level_of(relation, lfirst(cell));

		if (level > highest)
		{
			highest = level;
			*column = ((HmColumn *) lfirst(cell))->name;
		}
	}
	return highest;
}

static void
check_drop_table(HmLint *lint, Node *node)
{
	ListCell   *cell;

	foreach(cell, castNode(DropStmt, node)->objects)
	{
		HmRelation *relation = hm_world_relation_named(lint->world,
													   lfirst_node(List, cell));
		HmCase		found = {.relation = relation,.detail = "dropped"};
		HmPhiLevel	level = relation->gone ? HM_PHI_UNLABELLED :
		level_of_table(relation, &found.column);

		if (level >= HM_PHI_PERSONAL)
			report(lint, &found, level, true);
	}
}

/* What a query shows. */

typedef struct Exposure
{
	HmLint	   *lint;
	HmPhiLevel	level;
	HmRelation *relation;
	const char *column;
} Exposure;

static void look_at_query(Exposure *exposure, Node *query);

/*
 * The reference may mean a column of that relation; NULL: any of its columns.
 */
static bool
may_mean(const ColumnRef *reference, const RangeVar *name,
		 const char **column)
{
	int			length = list_length(reference->fields);
	Node	   *last = llast(reference->fields);
	const char *shown = name->alias ? name->alias->aliasname : name->relname;

	*column = IsA(last, String) ? strVal(last) : NULL;
	return length < 2 ||
		strcmp(strVal(list_nth(reference->fields, length - 2)), shown) == 0;
}

static void
look_at_relation(Exposure *exposure, const RangeVar *name, List *references)
{
	HmRelation *relation = hm_world_relation(exposure->lint->world, name);
	ListCell   *cell;

	foreach(cell, references)
	{
		const char *column;
		HmPhiLevel	level = HM_PHI_UNLABELLED;

		if (!may_mean(lfirst(cell), name, &column))
			continue;
		if (column)
			level = level_of(relation, hm_relation_column(relation, column));
		else
			level = level_of_table(relation, &column);
		if (level > exposure->level)
		{
			exposure->level = level;
			exposure->relation = relation;
			exposure->column = column;
		}
	}
}

static void
look_at_source(Exposure *exposure, Node *source, List *references)
{
	if (source == NULL)
		return;
	if (IsA(source, RangeVar))
		look_at_relation(exposure, (RangeVar *) source, references);
	else if (IsA(source, JoinExpr))
	{
		look_at_source(exposure, ((JoinExpr *) source)->larg, references);
		look_at_source(exposure, ((JoinExpr *) source)->rarg, references);
	}
	else if (IsA(source, RangeSubselect))
		look_at_query(exposure, ((RangeSubselect *) source)->subquery);
}

/* What only decides which rows there are is not shown. */
static void
look_at_query(Exposure *exposure, Node *query)
{
	SelectStmt *select = (SelectStmt *) query;
	List	   *references = NIL;
	ListCell   *cell;

	if (query == NULL || !IsA(query, SelectStmt))
		return;
	check_stack_depth();
	foreach(cell, select->withClause ? select->withClause->ctes : NIL)
		look_at_query(exposure, lfirst_node(CommonTableExpr, cell)->ctequery);
	look_at_query(exposure, (Node *) select->larg);
	look_at_query(exposure, (Node *) select->rarg);
	foreach(cell, select->targetList)
		references = list_concat(references, hm_tree_columns(lfirst(cell)));
	foreach(cell, select->fromClause)
		look_at_source(exposure, lfirst(cell), references);
}

static void
check_exposed(HmLint *lint, Node *node)
{
	Exposure	exposure = {lint};
	RangeVar   *name;
	HmCase		found = {0};

	if (IsA(node, ViewStmt))
	{
		name = ((ViewStmt *) node)->view;
		look_at_query(&exposure, ((ViewStmt *) node)->query);
	}
	else
	{
		name = castNode(CreateTableAsStmt, node)->into->rel;
		look_at_query(&exposure, ((CreateTableAsStmt *) node)->query);
	}
	if (exposure.level < HM_PHI_PERSONAL ||
		name->relpersistence == RELPERSISTENCE_TEMP)
		return;
	found.relation = exposure.relation;
	found.column = exposure.column;
	found.detail = quote_qualified_identifier(name->schemaname,
											  name->relname);
	report(lint, &found, exposure.level, false);
}

/* What is not labelled. */

static bool
is_label_on(HmLint *lint, const SecLabelStmt *statement,
			const HmRelation *relation, const char *column)
{
	List	   *names;

	if (statement->provider && strcmp(statement->provider, "hipaa_migrate") != 0)
		return false;
	if (!IsA(statement->object, List))
		return false;
	names = list_copy((List *) statement->object);
	if (statement->objtype == OBJECT_COLUMN && list_length(names) > 1)
	{
		if (column == NULL || strcmp(strVal(llast(names)), column) != 0)
			return false;
		names = list_delete_last(names);
	}
	else if (statement->objtype != OBJECT_TABLE)
		return false;
	return hm_world_relation_named(lint->world, names) == relation;
}

/* By this text, or the table already. */
static bool
is_labelled(HmLint *lint, const HmRelation *relation, const char *column)
{
	ListCell   *cell;

	if (OidIsValid(relation->oid) &&
		hm_phi_table_level(relation->oid) != HM_PHI_UNLABELLED)
		return true;
	foreach(cell, lint->statements)
	{
		if (IsA(lfirst(cell), SecLabelStmt) &&
			is_label_on(lint, lfirst(cell), relation, column))
			return true;
	}
	return false;
}

static bool
is_of_this(const HmLint *lint, HmMade made)
{
	return made.migration == lint->world->now.migration;
}

static void
look_at_columns(HmLint *lint, HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		HmColumn   *column = lfirst(cell);
		HmCase		found = {
			.table = relation->display,
			.column = column->name,
			.made = &column->made,
			.safe_way = "SECURITY LABEL FOR hipaa_migrate ON COLUMN {table}.{column} IS 'phi'; or 'pii', or 'none' if it is neither"
		};

		if (is_of_this(lint, column->made) && hm_phi_column_looks(column) &&
			!is_labelled(lint, relation, column->name))
			hm_lint_report(lint, &found);
	}
}

/* A label on the table is one on all of its columns. */
static void
check_unlabelled(HmLint *lint, Node *node)
{
	ListCell   *cell;

	foreach(cell, lint->world->changed)
	{
		HmRelation *relation = lfirst(cell);
		HmCase		found = {
			.table = relation->display,
			.made = &relation->made
		};

		if (relation->gone || relation->temporary || relation->partition)
			continue;
		if (is_of_this(lint, relation->made) && relation->columns != NIL &&
			hm_phi_table_looks(relation->name) &&
			!is_labelled(lint, relation, NULL))
			hm_lint_report(lint, &found);
		else
			look_at_columns(lint, relation);
	}
}

static const HmLintRule rules[] = {
	{
		"phi-column-changed", 96, HM_CRITICAL,
		HM_RULE_CATALOG,
		{HM_ON_ALTER(AT_DropColumn), HM_ON_ALTER(AT_AlterColumnType),
		HM_ON_RENAME(OBJECT_COLUMN)}, check_column,
		"column {column} of {table} holds {type} and is {detail}",
		"have whoever answers for health information approve it, with a proven copy of {table}; records must be kept as the law says",
		"What is labelled as health information must stay intact and traceable (45 CFR 164.312(c))."
	},
	{
		"phi-table-dropped", 96, HM_CRITICAL,
		HM_RULE_CATALOG,
		{HM_ON_DROP(OBJECT_TABLE)}, check_drop_table,
		"table {table} holds {type} in column {column} and is {detail}",
		"archive {table} first and prove that it can be read back; records must be kept as the law says",
		"What is labelled as health information must stay intact and traceable (45 CFR 164.312(c))."
	},
	{
		"phi-exposed", 96, HM_CRITICAL,
		HM_RULE_CATALOG,
		{HM_ON(ViewStmt), HM_ON(CreateTableAsStmt)}, check_exposed,
		"{detail} shows {type}: column {column} of {table}",
		"leave {column} out, or label what shows it too, and grant it to those only who need it",
		"A copy or a view has privileges of its own, and no label unless it is given one."
	},
	{
		"phi-unlabelled", 98, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_unlabelled,
		"the name looks like health information, and there is no label",
		"SECURITY LABEL FOR hipaa_migrate ON TABLE {table} IS 'phi'; or 'pii', or 'none' if it is neither",
		"What is not labelled is not in the inventory, and no rule takes care of it."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_phi, rules);
