/*
 * src/lint/waiver_comment.c
 *	  Waivers in the text itself.
 */
#include "postgres.h"

#include "audit/lexer.h"
#include "lint/waiver_comment.h"
#include "miscadmin.h"

typedef struct Comment
{
	char	   *rule;			/* as written */
	char	   *reason;			/* NULL: none is given */
	int			statement_no;	/* 0: the whole text */
	int			line;			/* of the file */
} Comment;

#define KEY "waive:"
#define UNUSED_RULE "waiver-unused"

/* Where a comment stands. */

static int
count_lines(const char *text, int from, int to)
{
	int			count = 0;

	for (int at = from; at < to; at++)
		count += text[at] == '\n';
	return count;
}

static bool
has_blank_line(const char *text, int from, int to)
{
	bool		blank = false;

	for (int at = from; at < to; at++)
	{
		if (text[at] == '\n' && blank)
			return true;
		if (text[at] == '\n')
			blank = true;
		else if (strchr(" \t\r", text[at]) == NULL)
			blank = false;
	}
	return false;
}

/* The number of the statement that the comment is about; 0: the whole. */
static int
statement_at(const HmScript *script, int start, int end)
{
	int			next = 0;
	int			before;

	while (next < script->nstatements &&
		   script->statements[next].start <= start)
		next++;
	if (next > 0)
	{
		const HmScriptStatement *last = &script->statements[next - 1];

		before = last->start + last->length;
		if (start < before || count_lines(script->text, before, start) == 0)
			return next;
	}
	if (next < script->nstatements &&
		!has_blank_line(script->text, end, script->statements[next].start))
		return next + 1;
	return 0;
}

/* What it says. */

static char *
trimmed(const char *from, const char *to)
{
	while (from < to && strchr(" \t\r\n", *from))
		from++;
	while (to > from && strchr(" \t\r\n", to[-1]))
		to--;
	return from < to ? pnstrdup(from, to - from) : NULL;
}

/* NULL: it is another comment. */
static Comment *
read_comment(const char *from, const char *to)
{
	Comment    *comment;
	const char *word;

	if (to - from < 2 || strncmp(from, "--", 2) != 0)
		return NULL;
	while (from < to && strchr("- \t", *from))
		from++;
	if (to - from < strlen(KEY) ||
		pg_strncasecmp(from, KEY, strlen(KEY)) != 0)
		return NULL;
	from += strlen(KEY);
	while (from < to && strchr(" \t", *from))
		from++;
	word = from;
	while (from < to && !strchr(" \t\r", *from))
		from++;
	comment = palloc0(sizeof(Comment));
	comment->rule = pnstrdup(word, from - word);
	comment->reason = trimmed(from, to);
	return comment;
}

/* Of Comment *, as they stand in the text. */
static List *
comments_of(const HmScript *script)
{
	List	   *comments = NIL;
	HmLexer		lexer;

	if (strcasestr(script->text, KEY) == NULL)
		return NIL;
	hm_lexer_begin(&lexer, script->text, 0, strlen(script->text), true);
	while (hm_lexer_advance(&lexer))
	{
		Comment    *comment;

		CHECK_FOR_INTERRUPTS();
		if (lexer.kind != HM_TOKEN_COMMENT)
			continue;
		comment = read_comment(script->text + lexer.token_start,
							   script->text + lexer.token_end);
		if (comment == NULL)
			continue;
		comment->statement_no = statement_at(script, lexer.token_start,
											 lexer.token_end);
		comment->line = script->origin.first_line +
			count_lines(script->text, 0, lexer.token_start);
		comments = lappend(comments, comment);
	}
	return comments;
}

/* What it does. */

static bool
waives(const Comment *comment, const HmFinding *finding)
{
	return strcmp(comment->rule, finding->rule->slug) == 0 &&
		(comment->statement_no == 0 ||
		 comment->statement_no == finding->statement_no);
}

static bool
apply(const Comment *comment, List *findings)
{
	bool		used = false;
	ListCell   *cell;

	foreach(cell, findings)
	{
		HmFinding  *finding = lfirst(cell);

		if (waives(comment, finding))
		{
			finding->waived_by = HM_WAIVED_IN_FILE;
			finding->waived_because = comment->reason;
			used = true;
		}
	}
	return used;
}

/* Why it cannot waive anything, whatever is found; or NULL. */
static const char *
invalid(const Comment *comment)
{
	const HmLintRule *rule = hm_lint_rule_find(comment->rule);

	if (*comment->rule == '\0')
		return "it names no rule";
	if (rule == NULL)
		return "there is no such rule";
	if (rule->flags & HM_RULE_FORBIDDEN)
		return "this rule cannot be waived";
	return comment->reason == NULL ? "it gives no reason" : NULL;
}

HmFinding *
hm_waiver_unused(const HmScript *script, int line, const char *rule,
				 const char *why)
{
	HmLint		lint = {
		.script = script,
		.line = line,
		.rule = hm_lint_rule_find(UNUSED_RULE)
	};
	HmCase		found = {.table = *rule ? rule : NULL,.detail = why};

	hm_lint_report(&lint, &found);
	return linitial(lint.findings);
}

/* What rules say of a text beside another is less than what they could. */
void
hm_waiver_comments_apply(HmLint *lint)
{
	List	   *unused = NIL;
	ListCell   *cell;

	if (lint->scope == HM_LINT_NOTHING)
		return;
	foreach(cell, comments_of(lint->script))
	{
		Comment    *comment = lfirst(cell);
		const char *why = invalid(comment);

		if (why == NULL && apply(comment, lint->findings))
			continue;
		if (why == NULL && (lint->scope != HM_LINT_ALL ||
							!lint->world->catalogs))
			continue;
		unused = lappend(unused,
						 hm_waiver_unused(lint->script, comment->line,
										  comment->rule, why ? why :
										  "nothing of it is found here"));
	}
	lint->findings = list_concat(lint->findings, unused);
}
