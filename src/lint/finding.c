/*
 * src/lint/finding.c
 *	  A rule's finding: how much it weighs, and its texts.
 */
#include "postgres.h"

#include "base/names.h"
#include "base/settings.h"
#include "lib/stringinfo.h"
#include "lint/lint.h"
#include "utils/builtins.h"

/* Weight. */

/* For work on a table that others use. */
static HmSeverity
weigh_traffic(HmSeverity severity, HmRelation *relation, const char **why)
{
	double		rows;

	if (hm_relation_empty(relation))
	{
		*why = "the table is empty";
		return HM_LOW;
	}
	rows = hm_relation_rows(relation);
	if (rows < 0)
		return severity;
	if (rows >= hm_setting_large_table)
	{
		*why = "the table is large";
		return hm_severity_shift(severity, 1);
	}
	if (hm_relation_busy(relation))
	{
		*why = "the table is busy";
		return hm_severity_shift(severity, 1);
	}
	if (rows < hm_setting_small_table)
	{
		*why = "the table is small";
		return hm_severity_shift(severity, -1);
	}
	return severity;
}

/* What is required does not run. */
static HmSeverity
weigh_guarded(HmSeverity severity, const char **why)
{
	if (hm_setting_idempotency != HM_IDEMPOTENCY_REQUIRE)
		return severity;
	*why = "hipaa_migrate.idempotency requires it";
	return HM_HIGH;
}

HmSeverity
hm_lint_severity(const HmLintRule *rule, HmRelation *relation,
				 const char **why)
{
	HmSeverity	severity = rule->severity;

	*why = NULL;
	if (rule->flags & HM_RULE_GUARDED)
		return weigh_guarded(severity, why);
	if (relation == NULL || !relation->known)
		return severity;
	if (rule->flags & HM_RULE_TRAFFIC)
		return weigh_traffic(severity, relation, why);
	if ((rule->flags & HM_RULE_ROWS) && hm_relation_empty(relation))
	{
		*why = "the table is empty";
		return HM_LOW;
	}
	return severity;
}

/* Nobody else sees what the plan makes before it is done. */
static bool
concerns_nobody(const HmLintRule *rule, const HmRelation *relation)
{
	if (relation == NULL ||
		(rule->flags & (HM_RULE_TRAFFIC | HM_RULE_ROWS)) == 0)
		return false;
	return hm_made(relation->made) || relation->temporary;
}

/* Texts. */

typedef struct Word
{
	const char *name;			/* with its braces */
	const char *value;			/* NULL: the word stays out */
} Word;

static const char *
quoted(const char *name)
{
	return name ? quote_identifier(name) : NULL;
}

/* That the template goes on with, or NULL. */
static const Word *
find_word(const char *template, const Word *words, int count)
{
	for (int i = 0; *template == '{' && i < count; i++)
	{
		if (strncmp(template, words[i].name, strlen(words[i].name)) == 0)
			return &words[i];
	}
	return NULL;
}

static char *
fill_in(const char *template, const Word *words, int count)
{
	StringInfoData text;

	initStringInfo(&text);
	while (*template)
	{
		const Word *word = find_word(template, words, count);
		size_t		plain = 1 + strcspn(template + 1, "{");

		if (word)
		{
			appendStringInfoString(&text, word->value ? word->value : "...");
			template += strlen(word->name);
			continue;
		}
		appendBinaryStringInfo(&text, template, plain);
		template += plain;
	}
	return text.data;
}

static const char *
table_of(const HmCase *found)
{
	if (found->table)
		return found->table;
	return found->relation ? found->relation->display : NULL;
}

/* "public.visit.status", "public.visit", or the name alone. */
static char *
object_of(const HmCase *found)
{
	const char *table = table_of(found);

	if (table && found->column)
		return psprintf("%s.%s", table, quote_identifier(found->column));
	if (found->name)
		return pstrdup(quote_identifier(found->name));
	return table ? pstrdup(table) : NULL;
}

static char *
message_of(const HmLintRule *rule, const HmCase *found, const Word *words,
		   int count)
{
	char	   *message = fill_in(rule->message, words, count);

	if (found->detail == NULL || strstr(rule->message, "{detail}") != NULL)
		return message;
	return psprintf("%s: %s", message, found->detail);
}

static int
line_of_place(const HmLint *lint, const HmScriptStatement *statement, int location)
{
	int			line = statement->line;

	for (int at = statement->start; at < location; at++)
	{
		if (lint->script->text[at] == '\n')
			line++;
	}
	return line;
}

/* The line of a place in the text, which is what a node's location is. */
int
hm_lint_line_at(const HmLint *lint, int location)
{
	if (location <= 0 || lint->inner || lint->statement_no == 0)
		return lint->line;
	return line_of_place(lint, &lint->script->statements[lint->statement_no - 1],
						 location);
}

/* The statement of the text that made something, and its line. */
static void
place_at(const HmLint *lint, const HmCase *found, HmFinding *finding)
{
	const HmScriptStatement *statement;

	finding->statement_no = found->made->statement;
	statement = &lint->script->statements[finding->statement_no - 1];
	finding->line = statement->line;
	if (found->location > statement->start &&
		found->location < statement->start + statement->length)
		finding->line = line_of_place(lint, statement, found->location);
}

static void
place(const HmLint *lint, const HmCase *found, HmFinding *finding)
{
	if (found->made && found->made->migration == lint->world->now.migration)
	{
		place_at(lint, found, finding);
		return;
	}
	finding->statement_no = lint->statement_no;
	finding->line = hm_lint_line_at(lint, found->location);
}

/* So many are enough in a message. */
#define MAX_NAMED 5

char *
hm_lint_names(List *names)
{
	return hm_names_join_first(names, MAX_NAMED);
}

/* So that a rule can ask whether it has been said, without reading them all. */

static void
note_said_of(HmRelation *relation, HmLintRule *rule)
{
	MemoryContext before = MemoryContextSwitchTo(relation->world->context);

	if (relation->said_in != relation->world->now.migration)
		relation->said = NIL;
	relation->said_in = relation->world->now.migration;
	relation->said = list_append_unique_ptr(relation->said, rule);
	MemoryContextSwitchTo(before);
}

static void
note_said(HmLint *lint, HmRelation *relation, const HmFinding *finding)
{
	HmLintRule *rule = unconstify(HmLintRule *, finding->rule);

	lint->said = list_append_unique_ptr(lint->said, rule);
	if (relation && finding->object &&
		strcmp(finding->object, relation->display) == 0)
		note_said_of(relation, rule);
}

void
hm_lint_report(HmLint *lint, const HmCase *found)
{
	const HmLintRule *rule = lint->rule;
	const Word	words[] = {
		{"{table}", table_of(found)},
		{"{column}", quoted(found->column)},
		{"{name}", quoted(found->name)},
		{"{type}", found->type},
		{"{detail}", found->detail},
	};
	HmFinding  *finding;
	const char *why;
	HmSeverity	severity;

	if (concerns_nobody(rule, found->relation))
		return;
	severity = hm_severity_shift(hm_lint_severity(rule, found->relation, &why),
								 found->raise);
	finding = palloc0(sizeof(HmFinding));
	finding->rule = rule;
	finding->severity = severity;
	finding->why = found->why ? found->why : why;
	place(lint, found, finding);
	finding->direction = lint->script->origin.direction;
	finding->object = object_of(found);
	finding->message = message_of(rule, found, words, lengthof(words));
	finding->safe_way = fill_in(found->safe_way ? found->safe_way :
								rule->safe_way, words, lengthof(words));
	finding->number = list_length(lint->findings);
	lint->findings = lappend(lint->findings, finding);
	note_said(lint, found->relation, finding);
}

void
hm_lint_report_on(HmLint *lint, HmRelation *relation, const char *name)
{
	HmCase		found = {.relation = relation,.name = name};

	hm_lint_report(lint, &found);
}

/* What has been said. */

bool
hm_lint_is_said(const HmLint *lint)
{
	return list_member_ptr(lint->said, lint->rule);
}

bool
hm_lint_is_said_of(const HmLint *lint, const HmRelation *relation)
{
	return relation->said_in == relation->world->now.migration &&
		list_member_ptr(relation->said, lint->rule);
}
