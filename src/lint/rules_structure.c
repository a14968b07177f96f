/*
 * src/lint/rules_structure.c
 *	  How a migration is written.
 */
#include "postgres.h"

#include "audit/lexer.h"
#include "base/compat.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "lint/lint.h"
#include "lint/tree.h"
#include "mb/pg_wchar.h"
#include "nodes/value.h"
#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* Transactions. */

static bool
opens(const TransactionStmt *statement)
{
	return statement->kind == TRANS_STMT_BEGIN ||
		statement->kind == TRANS_STMT_START;
}

static bool
closes(const TransactionStmt *statement)
{
	return statement->kind == TRANS_STMT_COMMIT ||
		statement->kind == TRANS_STMT_ROLLBACK ||
		statement->kind == TRANS_STMT_PREPARE;
}

/* After all statements so far, or, if before is true, all but the last. */
static bool
is_open(const HmLint *lint, bool before)
{
	for (int i = list_length(lint->statements) - (before ? 2 : 1); i >= 0; i--)
	{
		TransactionStmt *statement = list_nth(lint->statements, i);

		if (IsA(statement, TransactionStmt) &&
			(opens(statement) || closes(statement)))
			return opens(statement);
	}
	return false;
}

/* A pair is told of once, where it begins. */
static void
check_transaction(HmLint *lint, Node *node)
{
	TransactionStmt *statement = castNode(TransactionStmt, node);
	HmCase		found = {0};

	if (closes(statement) && is_open(lint, true))
		return;
	hm_lint_report(lint, &found);
}

static void
check_unclosed(HmLint *lint, Node *node)
{
	HmCase		found = {0};

	if (is_open(lint, false))
		hm_lint_report(lint, &found);
}

/* Settings that outlive the text. */

static bool
is_about_names(const char *name)
{
	return pg_strcasecmp(name, "search_path") == 0 ||
		pg_strcasecmp(name, "role") == 0 ||
		pg_strcasecmp(name, "session_authorization") == 0;
}

/* The runner takes back what a migration sets. */
static void
report_set(HmLint *lint, const char *name, int location)
{
	HmCase		found = {.name = name,.location = location};

	if (lint->migration)
	{
		found.raise = -1;
		found.why = "the runner takes it back after the migration";
	}
	hm_lint_report(lint, &found);
}

static void
check_set_config(HmLint *lint, Node *query)
{
	ListCell   *cell;

	foreach(cell, lint->suspicion ? hm_tree_calls(query) : NIL)
	{
		FuncCall   *call = lfirst(cell);
		const char *name;

		if (list_length(call->args) != 3 ||
			strcmp(strVal(llast(call->funcname)), "set_config") != 0 ||
			hm_tree_is_true(lthird(call->args)))
			continue;
		name = hm_tree_string(linitial(call->args));
		if (name && is_about_names(name))
			report_set(lint, name, call->location);
	}
}

static void
check_set(HmLint *lint, Node *node)
{
	VariableSetStmt *statement = (VariableSetStmt *) node;

	if (IsA(node, SelectStmt))
		check_set_config(lint, node);
	else if (!statement->is_local && statement->name &&
			 statement->kind != VAR_RESET &&
			 statement->kind != VAR_SET_DEFAULT &&
			 is_about_names(statement->name))
		report_set(lint, statement->name, 0);
}

/* Names without a schema. */

/* The schemas of the path that have it, first the one that it means. */
static List *
schemas_with(HmLint *lint, const char *name, char **first)
{
	List	   *found = NIL;
	ListCell   *cell;

	*first = NULL;
	foreach(cell, hm_compat_search_path())
	{
		char	   *schema = get_namespace_name(lfirst_oid(cell));
		RangeVar	there = {.type = T_RangeVar};
		HmRelation *relation;

		if (schema == NULL || isTempNamespace(lfirst_oid(cell)))
			continue;
		if (*first == NULL)
			*first = schema;
		there.schemaname = schema;
		there.relname = (char *) name;
		there.relpersistence = RELPERSISTENCE_PERMANENT;
		relation = hm_world_relation(lint->world, &there);
		if (relation->known && !relation->gone)
			found = lappend(found, schema);
	}
	return found;
}

static void
check_unqualified_name(HmLint *lint, const RangeVar *name)
{
	HmCase		found = {.name = name->relname};
	char	   *first;
	List	   *schemas;

	if (name->schemaname != NULL ||
		hm_world_relation(lint->world, name)->temporary)
		return;
	schemas = schemas_with(lint, name->relname, &first);
	if (list_length(schemas) > 1)
		found.detail = psprintf("it means that of schema %s, and schema %s has one too",
								quote_identifier(linitial(schemas)),
								quote_identifier(lsecond(schemas)));
	else if (schemas != NIL && strcmp(linitial(schemas), first) != 0)
		found.detail = psprintf("it is found in schema %s, after schema %s",
								quote_identifier(linitial(schemas)),
								quote_identifier(first));
	else
		return;
	found.type = quote_qualified_identifier(linitial(schemas),
											name->relname);
	hm_lint_report(lint, &found);
}

static List *
relations_of(Node *statement)
{
	List	   *names = NIL;
	ListCell   *cell;

	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			return list_make1(((AlterTableStmt *) statement)->relation);
		case T_IndexStmt:
			return list_make1(((IndexStmt *) statement)->relation);
		case T_TruncateStmt:
			return ((TruncateStmt *) statement)->relations;
		case T_ViewStmt:
			return IsA(((ViewStmt *) statement)->query, SelectStmt) ?
				hm_tree_relations(((ViewStmt *) statement)->query) : NIL;
		case T_DropStmt:
			foreach(cell, ((DropStmt *) statement)->objects)
				names = lappend(names,
								makeRangeVarFromNameList(lfirst(cell)));
			return names;
		default:
			return hm_tree_relations(statement);
	}
}

static void
check_unqualified(HmLint *lint, Node *node)
{
	List	   *seen = NIL;
	ListCell   *cell;

	foreach(cell, lint->world->catalogs ? relations_of(node) : NIL)
	{
		RangeVar   *name = lfirst(cell);

		if (list_member(seen, makeString(name->relname)))
			continue;
		seen = lappend(seen, makeString(name->relname));
		check_unqualified_name(lint, name);
	}
}

/* Names that are too long. */

static bool
is_long(const HmLexer *lexer)
{
	int			length = lexer->token_end - lexer->token_start;

	if (lexer->kind != HM_TOKEN_WORD || length < NAMEDATALEN)
		return false;
	return lexer->text[lexer->token_start] != '"' || length >= NAMEDATALEN + 2;
}

/* As the server cuts it; NULL if it need not, for quotes count double. */
static char *
cut(const HmLexer *lexer)
{
	char	   *name = pnstrdup(lexer->text + lexer->token_start,
								lexer->token_end - lexer->token_start);
	int			length = 0;

	if (name[0] != '"')
		name = downcase_identifier(name, strlen(name), false, false);
	else
	{
		for (char *from = name + 1; *from && !(*from == '"' && from[1] != '"');
			 from++)
		{
			name[length++] = *from;
			if (*from == '"')
				from++;
		}
		name[length] = '\0';
	}
	length = strlen(name);
	if (length < NAMEDATALEN)
		return NULL;
	name[pg_mbcliplen(name, length, NAMEDATALEN - 1)] = '\0';
	return name;
}

/* Which of the statements it stands in, for the finding's place. */
static HmMade
place_of(const HmLint *lint, int offset)
{
	HmMade		made = lint->world->now;

	made.statement = 1;
	for (int i = 0; i < lint->script->nstatements; i++)
	{
		if (lint->script->statements[i].start <= offset)
			made.statement = i + 1;
	}
	return made;
}

/* What became of it: another long name of this text, or one that is there. */
static const char *
find_collision(HmLint *lint, List *names, const char *name, const char *whole)
{
	RangeVar	relation = {.type = T_RangeVar};
	HmRelation *found;
	ListCell   *cell;

	foreach(cell, names)
	{
		const char *const *other = lfirst(cell);

		if (strcmp(other[0], name) == 0 && strcmp(other[1], whole) != 0)
			return "another name in this text is cut to the same";
	}
	relation.relname = (char *) name;
	relation.relpersistence = RELPERSISTENCE_PERMANENT;
	found = hm_world_relation(lint->world, &relation);
	if (found->known && !found->gone && !hm_made(found->made))
		return "something of that name is there already";
	return NULL;
}

static void
check_long(HmLint *lint, Node *node)
{
	const HmScript *script = lint->script;
	HmLexer		lexer;
	List	   *names = NIL;

	if (script->nstatements == 0)
		return;
	hm_lexer_begin(&lexer, script->text, 0, strlen(script->text), true);
	while (hm_lexer_advance(&lexer))
	{
		char	   *name = is_long(&lexer) ? cut(&lexer) : NULL;
		HmMade		made;
		HmCase		found = {.name = name,.made = &made};
		const char **pair;

		if (name == NULL)
			continue;
		pair = palloc(2 * sizeof(char *));
		pair[0] = name;
		pair[1] = pnstrdup(script->text + lexer.token_start,
						   lexer.token_end - lexer.token_start);
		made = place_of(lint, lexer.token_start);
		found.location = lexer.token_start;
		found.detail = find_collision(lint, names, pair[0], pair[1]);
		names = lappend(names, pair);
		hm_lint_report(lint, &found);
	}
}

static const HmLintRule rules[] = {
	{
		"transaction-control", 67, HM_HIGH, 0,
		{HM_ON(TransactionStmt)}, check_transaction,
		"the text begins or ends transactions by itself",
		"leave BEGIN, COMMIT and ROLLBACK out: a migration runs in one transaction; what must not, in a migration of its own (-- transactional: no)",
		"What was committed half way is not undone when the rest fails."
	},
	{
		"transaction-unclosed", 67, HM_HIGH, 0,
		{HM_ON_END}, check_unclosed,
		"the transaction that the text begins is never ended",
		"leave BEGIN out, or put COMMIT; at the end",
		"Everything is undone when the client disconnects."
	},
	{
		"set-not-local", 68, HM_MEDIUM, 0,
		{HM_ON(VariableSetStmt), HM_ON(SelectStmt)}, check_set,
		"SET {name} outlives the text",
		"SET LOCAL {name}; or leave it to the migration's settings: migrate_register(..., settings => '{\"search_path\": \"...\"}')",
		"What comes later in the session means other objects, or runs as another role."
	},
	{
		"name-unqualified", 69, HM_LOW,
		HM_RULE_CATALOG,
		{HM_ON(AlterTableStmt), HM_ON(IndexStmt), HM_ON(TruncateStmt),
			HM_ON(ViewStmt), HM_ON_DROP(OBJECT_TABLE),
			HM_ON_DROP(OBJECT_VIEW), HM_ON(SelectStmt), HM_ON(InsertStmt),
		HM_ON(UpdateStmt), HM_ON(DeleteStmt), HM_ON(MergeStmt)},
		check_unqualified,
		"what {name} means depends on search_path",
		"say {type}",
		"A table of the same name that somebody makes in another schema of the path takes its place."
	},
	{
		"name-too-long", 70, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_long,
		"a name has more than 63 bytes and is cut to {name}",
		"a name of at most 63 bytes",
		"The server cuts it without an error, and two names may become one."
	},
	{
		"waiver-unused", 73, HM_LOW, HM_RULE_DOWN,
		{HM_ON_END}, NULL,		/* waiver_comment.c and the plan report it */
		"waiver of {table} waives nothing",
		"take the waiver out: a comment by editing the file, one that was given by migrate_waive_end()",
		"A waiver that nobody needs hides what comes later."
	},
	{
		"dynamic-sql-opaque", 74, HM_MEDIUM,
		HM_RULE_DOWN,
		{HM_ON(DoStmt)}, NULL,	/* inner.c reports it */
		"what is executed here cannot be told before it runs",
		"write the statement out, or EXECUTE a constant; what runs is checked again then",
		"The text of EXECUTE is computed, so nobody who approves the migration can read it."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_structure, rules);
