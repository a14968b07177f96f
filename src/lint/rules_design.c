/*
 * src/lint/rules_design.c
 *	  How tables are designed.
 */
#include "postgres.h"

#include "audit/lexer.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "lint/choice.h"
#include "lint/column_type.h"
#include "lint/index_cover.h"
#include "lint/lint.h"
#include "lint/plpgsql.h"
#include "lint/sequence.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "parser/parser.h"
#include "utils/builtins.h"

/* Common. */

static bool
is_new(const HmLint *lint, HmMade made)
{
	return made.migration == lint->world->now.migration;
}

/* Calls check for each table that the text has made or altered. */
static void
for_each_changed(HmLint *lint,
				 void (*check) (HmLint *lint, HmRelation *relation))
{
	ListCell   *cell;

	foreach(cell, lint->world->changed)
	{
		HmRelation *relation = lfirst(cell);

		if (!relation->gone && !relation->temporary)
			check(lint, relation);
	}
}

/* Foreign keys. */

static bool
has_index_for(HmRelation *relation, List *columns)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(relation))
	{
		if (hm_index_finds(lfirst(cell), columns))
			return true;
	}
	return false;
}

static void
check_foreign_keys_of(HmLint *lint, HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, relation->more ? NIL : hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);
		HmCase		found = {.relation = relation};

		if (constraint->kind != CONSTRAINT_FOREIGN || constraint->raw == NULL ||
			!is_new(lint, constraint->made) ||
			has_index_for(relation, constraint->columns))
			continue;
		found.name = constraint->name;
		found.type = hm_choice_column_list(constraint->columns);
		found.made = &constraint->made;
		found.location = ((Constraint *) constraint->raw)->location;
		hm_lint_report(lint, &found);
	}
}

static void
check_foreign_key_index(HmLint *lint, Node *node)
{
	for_each_changed(lint, check_foreign_keys_of);
}

/* The text that a location is in, and where it is there; or NULL. */
static const char *
text_at(const HmLint *lint, int *location)
{
	if (*location < 0)
		return NULL;
	if (lint->inner == NULL)
		return lint->script->text;
	*location -= lint->inner->text_location;
	return *location >= 0 && *location < (int) strlen(lint->inner->text) ?
		lint->inner->text : NULL;
}

/*
 * Reads a constraint from its place to the comma or bracket behind it.  The
 * grammar makes NO ACTION of what is not written.
 */
static void
find_actions(const char *text, int location, bool *on_delete,
			 bool *on_update)
{
	HmLexer		lexer;
	int			depth = 0;
	bool		on = false;

	hm_lexer_begin(&lexer, text, location, strlen(text), true);
	while (hm_lexer_advance(&lexer) && depth >= 0)
	{
		if (lexer.kind == HM_TOKEN_BLANK || lexer.kind == HM_TOKEN_COMMENT)
			continue;
		if (hm_lexer_at_sign(&lexer, '('))
			depth++;
		else if (hm_lexer_at_sign(&lexer, ')'))
			depth--;
		else if (depth == 0 && (hm_lexer_at_sign(&lexer, ',') ||
								hm_lexer_at_sign(&lexer, ';')))
			break;
		*on_delete |= on && hm_lexer_at_word(&lexer, "delete");
		*on_update |= on && hm_lexer_at_word(&lexer, "update");
		on = hm_lexer_at_word(&lexer, "on");
	}
}

static const char *
missing_actions(bool on_delete, bool on_update)
{
	if (on_delete)
		return "ON UPDATE";
	return on_update ? "ON DELETE" : "ON DELETE and ON UPDATE";
}

static void
check_foreign_key_actions(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	bool		on_delete = constraint->fk_del_action != FKCONSTR_ACTION_NOACTION;
	bool		on_update = constraint->fk_upd_action != FKCONSTR_ACTION_NOACTION;
	int			location = constraint->location;
	const char *text;
	HmCase		found = {.relation = lint->relation};

	if ((on_delete && on_update) || lint->relation == NULL ||
		(lint->creating && lint->relation->known && !lint->relation->gone))
		return;
	text = text_at(lint, &location);
	if (text == NULL)
		return;
	find_actions(text, location, &on_delete, &on_update);
	if (on_delete && on_update)
		return;
	found.name = hm_choice_constraint_name(lint->relation, constraint,
										   lint->column ?
										   lint->column->colname : NULL);
	found.detail = missing_actions(on_delete, on_update);
	found.location = constraint->location;
	hm_lint_report(lint, &found);
}

/* Primary keys. */

static void
check_primary_key_of(HmLint *lint, HmRelation *relation)
{
	HmCase		found = {.relation = relation,.made = &relation->made};

	if (!is_new(lint, relation->made) || relation->more ||
		relation->partition ||
		(relation->kind != RELKIND_RELATION &&
		 relation->kind != RELKIND_PARTITIONED_TABLE) ||
		hm_relation_primary_key(relation) != NULL)
		return;
	hm_lint_report(lint, &found);
}

static void
check_primary_key(HmLint *lint, Node *node)
{
	for_each_changed(lint, check_primary_key_of);
}

/* Narrow keys. */

/* The type's name where it is one of pg_catalog's, or as it was written. */
static const char *
name_of_type(const TypeName *type)
{
	return type && type->names && type->arrayBounds == NIL ?
		strVal(llast(type->names)) : "";
}

static bool
is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* 0: wide enough, or not known. */
static int64
largest_key(const HmColumn *column)
{
	static const char *const small[] = {"int2", "smallserial", "serial2", NULL};
	static const char *const normal[] = {"int4", "serial", "serial4", NULL};
	const char *written = name_of_type(column->type_name);

	if (column->type == INT2OID || is_one_of(written, small))
		return PG_INT16_MAX;
	if (column->type == INT4OID || is_one_of(written, normal))
		return PG_INT32_MAX;
	return 0;
}

static bool
calls_nextval(Node *node, void *argument)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
		return strcmp(strVal(llast(((FuncCall *) node)->funcname)),
					  "nextval") == 0;
	return raw_expression_tree_walker(node, calls_nextval, argument);
}

static bool
is_numbered(const HmColumn *column)
{
	return column->identity != '\0' ||
		(column->type_name && hm_is_serial(column->type_name)) ||
		calls_nextval(column->default_tree, NULL);
}

static void
report_new_key(HmLint *lint, HmRelation *relation, HmColumn *column,
			   int64 largest)
{
	HmCase		found = {.relation = relation,.column = column->name};

	if (!is_numbered(column))
		return;
	found.detail = psprintf("its numbers end at " INT64_FORMAT, largest);
	found.made = &column->made;
	found.location = column->location;
	hm_lint_report(lint, &found);
}

/* A key that was there before is worth a word when it runs out. */
static void
report_old_key(HmLint *lint, HmRelation *relation, HmColumn *column,
			   int64 largest)
{
	HmCase		found = {.relation = relation,.column = column->name};
	int64		last = hm_sequence_last(relation, column);
	int			percent = (int) (last * 100.0 / largest);

	if (percent < 50)
		return;
	found.raise = percent < 80 ? 1 : 2;
	found.why = psprintf("%d%% of its numbers are used", percent);
	found.detail = psprintf("its sequence is at " INT64_FORMAT " of "
							INT64_FORMAT, last, largest);
	hm_lint_report(lint, &found);
}

static void
check_narrow_key_of(HmLint *lint, HmRelation *relation)
{
	HmConstraint *key = hm_relation_primary_key(relation);
	ListCell   *cell;

	foreach(cell, key ? key->columns : NIL)
	{
		HmColumn   *column = lfirst(cell) ?
		hm_relation_column(relation, lfirst(cell)) : NULL;
		int64		largest = column ? largest_key(column) : 0;

		if (largest == 0)
			continue;
		if (is_new(lint, column->made))
			report_new_key(lint, relation, column, largest);
		else
			report_old_key(lint, relation, column, largest);
	}
}

static void
check_narrow_key(HmLint *lint, Node *node)
{
	for_each_changed(lint, check_narrow_key_of);
}

/* Types. */

/* The column's type that this node gives, or NULL if it gives none. */
static const ColumnDef *
typed_column(HmLint *lint, Node *node, const char **name)
{
	AlterTableCmd *command = (AlterTableCmd *) node;

	if (lint->relation == NULL || lint->relation->temporary)
		return NULL;
	if (IsA(node, AlterTableCmd))
	{
		*name = command->name;
		return castNode(ColumnDef, command->def);
	}
	*name = castNode(ColumnDef, node)->colname;
	if (lint->creating ? lint->relation->known && !lint->relation->gone :
		hm_relation_column(lint->relation, *name) != NULL)
		return NULL;
	return (ColumnDef *) node;
}

static bool
is_temporary_creation(const HmLint *lint)
{
	return lint->creating &&
		((CreateStmt *) lint->statement)->relation->relpersistence ==
		RELPERSISTENCE_TEMP;
}

static void
check_type(HmLint *lint, Node *node, const char *const *names)
{
	const char *name;
	const ColumnDef *column = typed_column(lint, node, &name);
	HmCase		found = {.relation = lint->relation};

	if (column == NULL || column->typeName == NULL ||
		column->typeName->names == NIL || is_temporary_creation(lint) ||
		!is_one_of(strVal(llast(column->typeName->names)), names))
		return;
	found.column = name;
	found.type = hm_type_display(column->typeName);
	found.location = column->location;
	hm_lint_report(lint, &found);
}

static void
check_serial(HmLint *lint, Node *node)
{
	static const char *const names[] = {
		"serial", "serial4", "bigserial", "serial8", "smallserial", "serial2",
		NULL
	};

	check_type(lint, node, names);
}

static void
check_char(HmLint *lint, Node *node)
{
	static const char *const names[] = {"bpchar", NULL};

	check_type(lint, node, names);
}

static void
check_timestamp(HmLint *lint, Node *node)
{
	static const char *const names[] = {"timestamp", NULL};

	check_type(lint, node, names);
}

static void
check_json(HmLint *lint, Node *node)
{
	static const char *const names[] = {"json", NULL};

	check_type(lint, node, names);
}

/* Columns that rows are looked up by. */

static bool
ends_with(const char *name, const char *end)
{
	size_t		length = strlen(name);

	return length > strlen(end) &&
		strcmp(name + length - strlen(end), end) == 0;
}

static bool
is_lookup_name(const char *name)
{
	static const char *const lookups[] = {"status", "type", "is_active", NULL};

	return is_one_of(name, lookups) || ends_with(name, "_status");
}

static bool
has_index_with(HmRelation *relation, const char *column)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(relation))
	{
		if (hm_index_mentions(lfirst(cell), column))
			return true;
	}
	return false;
}

static void
check_lookup_columns_of(HmLint *lint, HmRelation *relation)
{
	ListCell   *cell;

	if (relation->partition || relation->more)
		return;
	foreach(cell, hm_relation_columns(relation))
	{
		HmColumn   *column = lfirst(cell);
		HmCase		found = {.relation = relation,.column = column->name};

		if (column->type_name == NULL || !is_new(lint, column->made) ||
			!is_lookup_name(column->name) ||
			has_index_with(relation, column->name))
			continue;
		found.made = &column->made;
		found.location = column->location;
		hm_lint_report(lint, &found);
	}
}

static void
check_lookup_columns(HmLint *lint, Node *node)
{
	for_each_changed(lint, check_lookup_columns_of);
}

#define ON_TYPES {HM_ON(ColumnDef), HM_ON_ALTER(AT_AlterColumnType)}

static const HmLintRule rules[] = {
	{
		"foreign-key-without-index", 80, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_foreign_key_index,
		"foreign key {name} of {table} has no index on ({type})",
		"CREATE INDEX CONCURRENTLY ON {table} ({type}); in a migration of its own (-- transactional: no), or in that which makes the table",
		"Each DELETE in the other table, and each UPDATE of its key, looks for the rows that refer to it: without an index it reads the whole table."
	},
	{
		"foreign-key-actions-implicit", 81, HM_LOW,
		0,
		{HM_ON_CONSTRAINT(CONSTR_FOREIGN)}, check_foreign_key_actions,
		"foreign key {name} of {table} does not say {detail}",
		"write out what is meant, if only ON DELETE NO ACTION ON UPDATE NO ACTION",
		"What happens to rows that refer to one that is deleted is a decision about data, and should be seen in the text."
	},
	{
		"table-without-primary-key", 82, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_primary_key,
		"{table} has no primary key",
		"id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, or the columns that identify a row",
		"Without a key rows cannot be told apart: logical replication refuses UPDATE and DELETE, and audits cannot name a row."
	},
	{
		"key-32-bit", 83, HM_LOW,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_narrow_key,
		"key {column} of {table} can run out: {detail}",
		"{column} bigint GENERATED ALWAYS AS IDENTITY",
		"When the numbers of a key are used up no row can be inserted any more, and a wider type rewrites the table and all that refers to it."
	},
	{
		"type-serial", 84, HM_LOW,
		0,
		ON_TYPES, check_serial,
		"{column} of {table} is {type}",
		"{column} bigint GENERATED ALWAYS AS IDENTITY",
		"A serial column is a default that anybody may overwrite, and needs privileges on a sequence of its own."
	},
	{
		"type-char", 84, HM_LOW,
		0,
		ON_TYPES, check_char,
		"{column} of {table} is {type}, which is padded with blanks",
		"{column} text, with a CHECK of its length if that matters",
		"Padding comes and goes with casts, so that comparisons and lengths surprise."
	},
	{
		"type-timestamp", 84, HM_LOW,
		0,
		ON_TYPES, check_timestamp,
		"{column} of {table} is {type}, which does not say of what time zone",
		"{column} timestamp with time zone",
		"A timestamp without time zone is not a point in time: what it means depends on who reads it."
	},
	{
		"type-json", 84, HM_LOW,
		0,
		ON_TYPES, check_json,
		"{column} of {table} is {type}, which is parsed again on each use",
		"{column} jsonb",
		"json keeps the text: it has no equality, so that DISTINCT and GROUP BY fail, and no index on what it holds."
	},
	{
		"lookup-column-without-index", 86, HM_LOW,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_lookup_columns,
		"{column} of {table} looks like a column to search by, and has no index",
		"CREATE INDEX CONCURRENTLY ON {table} ({column}), partial where most rows have the same value",
		"Columns such as status, type and is_active are mostly there to be searched by."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_design, rules);
