/*
 * src/lint/rules_exists.c
 *	  What a guarded form would skip, and is not what it asks for.
 *
 * Before a migration runs, columns, indexes and labels are compared with what
 * the catalogs and the plan have; when it runs, guard/asked_compare.c
 * compares everything.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "lint/column_type.h"
#include "lint/lint.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

static bool
exists(const HmRelation *relation)
{
	return relation != NULL && relation->known && !relation->gone;
}

static void
report(HmLint *lint, HmRelation *relation, const char *name,
	   const char *detail)
{
	HmCase		found = {0};

	found.relation = relation;
	found.name = name;
	found.detail = detail;
	hm_lint_report(lint, &found);
}

/* Why the column is not as asked for, or NULL. */
static const char *
compare_column(HmLint *lint, HmRelation *relation, const ColumnDef *asked)
{
	HmColumn   *column = hm_relation_column(relation, asked->colname);
	int32		typmod;
	Oid			type;

	if (column == NULL)
		return relation->more ? NULL :
			psprintf("column %s is not there",
					 quote_identifier(asked->colname));
	if (asked->typeName == NULL || !OidIsValid(column->type))
		return NULL;
	type = hm_column_type(lint->world, asked->typeName, &typmod);
	if (!OidIsValid(type) ||
		(type == column->type && typmod == column->typmod))
		return NULL;
	return psprintf("column %s is %s, not %s",
					quote_identifier(asked->colname),
					format_type_with_typemod(column->type, column->typmod),
					hm_type_display(asked->typeName));
}

static bool
is_table(const HmRelation *relation)
{
	return relation->kind == 0 || relation->kind == RELKIND_RELATION ||
		relation->kind == RELKIND_PARTITIONED_TABLE ||
		relation->kind == RELKIND_FOREIGN_TABLE;
}

static void
check_table(HmLint *lint, Node *node)
{
	const CreateStmt *create = (const CreateStmt *) node;
	ListCell   *cell;

	if (!create->if_not_exists || !exists(lint->relation))
		return;
	if (!is_table(lint->relation))
	{
		report(lint, lint->relation, NULL, "it is no table");
		return;
	}
	foreach(cell, create->tableElts)
	{
		const char *why = IsA(lfirst(cell), ColumnDef) ?
		compare_column(lint, lint->relation, lfirst(cell)) : NULL;

		if (why)
		{
			report(lint, lint->relation, NULL, why);
			return;
		}
	}
}

static void
check_column(HmLint *lint, Node *node)
{
	const AlterTableCmd *command = (const AlterTableCmd *) node;
	const ColumnDef *column = (const ColumnDef *) command->def;
	const char *why;

	if (!command->missing_ok || !exists(lint->relation) ||
		hm_relation_column(lint->relation, column->colname) == NULL)
		return;
	why = compare_column(lint, lint->relation, column);
	if (why)
		report(lint, lint->relation, NULL, why);
}

/* The columns of an index, in one line. */
static char *
columns_of(List *columns)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, columns)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 lfirst(cell) ?
						 quote_identifier((char *) lfirst(cell)) :
						 "(expression)");
	return text.data;
}

static char *
asked_columns(const IndexStmt *create)
{
	List	   *columns = NIL;
	ListCell   *cell;

	foreach(cell, create->indexParams)
		columns = lappend(columns, lfirst_node(IndexElem, cell)->name);
	return columns_of(columns);
}

static const char *
compare_index(const HmIndex *index, const IndexStmt *create,
			  const HmRelation *table)
{
	char	   *columns = columns_of(index->columns);
	char	   *asked = asked_columns(create);

	if (index->table != table)
		return psprintf("it is an index of %s", index->table->display);
	if (index->unique != create->unique)
		return index->unique ? "it is unique" : "it is not unique";
	if (index->partial != (create->whereClause != NULL))
		return index->partial ? "it has a WHERE" : "it has no WHERE";
	if (strcmp(columns, asked) != 0)
		return psprintf("it is on (%s), not (%s)", columns, asked);
	return NULL;
}

/* Of an index that is not valid another rule speaks. */
static void
check_index(HmLint *lint, Node *node)
{
	const IndexStmt *create = (const IndexStmt *) node;
	HmRelation *table = hm_world_relation(lint->world, create->relation);
	HmIndex    *index;
	const char *why;

	if (!create->if_not_exists || create->idxname == NULL || !exists(table))
		return;
	index = hm_world_index(lint->world,
						   makeRangeVar(table->schema,
										pstrdup(create->idxname), -1));
	if (index == NULL || index->table == NULL || !index->valid)
		return;
	why = compare_index(index, create, table);
	if (why)
		report(lint, table, create->idxname, why);
}

static int
compare_labels(const ListCell *a, const ListCell *b)
{
	float4		left = ((Form_pg_enum) GETSTRUCT((HeapTuple) lfirst(a)))->enumsortorder;
	float4		right = ((Form_pg_enum) GETSTRUCT((HeapTuple) lfirst(b)))->enumsortorder;

	return left < right ? -1 : left > right;
}

/* 'a', 'b': those of the catalogs. */
static char *
labels_of(Oid type)
{
	CatCList   *found = SearchSysCacheList1(ENUMTYPOIDNAME,
											ObjectIdGetDatum(type));
	List	   *tuples = NIL;
	StringInfoData text;
	ListCell   *cell;

	for (int i = 0; i < found->n_members; i++)
		tuples = lappend(tuples, &found->members[i]->tuple);
	list_sort(tuples, compare_labels);
	initStringInfo(&text);
	foreach(cell, tuples)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 quote_literal_cstr(NameStr(((Form_pg_enum) GETSTRUCT((HeapTuple) lfirst(cell)))->enumlabel)));
	ReleaseSysCacheList(found);
	return text.data;
}

static char *
asked_labels(const CreateEnumStmt *create)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, create->vals)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 quote_literal_cstr(strVal(lfirst(cell))));
	return text.data;
}

/* Outside of any block it fails; inside of one, that would not be seen. */
static void
check_enum(HmLint *lint, Node *node)
{
	const CreateEnumStmt *create = (const CreateEnumStmt *) node;
	HmType	   *type;
	char	   *labels;
	char	   *asked;

	if (lint->inner == NULL)
		return;
	type = hm_world_type(lint->world,
						 makeTypeNameFromNameList(create->typeName));
	if (type == NULL || type->gone || !OidIsValid(type->oid) ||
		type->labels != NIL)
		return;
	if (type->kind != TYPTYPE_ENUM)
	{
		report(lint, NULL, type->name, "it is no enum");
		return;
	}
	labels = labels_of(type->oid);
	asked = asked_labels(create);
	if (strcmp(labels, asked) != 0)
		report(lint, NULL, type->name,
			   psprintf("it has (%s), not (%s)", labels, asked));
}

#define RATIONALE "IF NOT EXISTS, and a handler of duplicate_object, look at the name alone; what comes next meets something else than it was written for."

static const HmLintRule rules[] = {
	{
		"exists-differs", 65, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON(CreateStmt), HM_ON(CreateForeignTableStmt)}, check_table,
		"{table} exists, would be skipped, and is not what is asked for",
		"ask for what exists, or change it by statements of their own",
		RATIONALE
	},
	{
		"column-exists-differs", 65, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON_ALTER(AT_AddColumn)}, check_column,
		"a column of {table} exists, would be skipped, and is not what is asked for",
		"ask for what exists, or change it by ALTER TABLE {table} ALTER COLUMN",
		RATIONALE
	},
	{
		"index-exists-differs", 65, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON(IndexStmt)}, check_index,
		"index {name} exists, would be skipped, and is not what is asked for",
		"give the new index another name, or drop {name} first",
		RATIONALE
	},
	{
		"type-exists-differs", 65, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON(CreateEnumStmt)}, check_enum,
		"type {name} exists, would be skipped, and is not what is asked for",
		"ask for what exists, or change it: ALTER TYPE {name} ADD VALUE IF NOT EXISTS",
		RATIONALE
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_exists, rules);
