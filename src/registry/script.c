/*
 * src/registry/script.c
 *	  The text of a migration, split into statements by the server's parser.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/errors.h"
#include "mb/pg_wchar.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "parser/scansup.h"
#include "registry/prescan.h"
#include "registry/script.h"
#include "base/toplevel.h"

typedef struct ParseContext
{
	const char *text;
	const HmScriptOrigin *origin;
} ParseContext;

static bool
tells_name(const HmScriptOrigin *origin)
{
	return origin->original_name == NULL ||
		strstr(origin->file, origin->original_name) != NULL;
}

char *
hm_script_origin_display(const HmScriptOrigin *origin)
{
	StringInfoData display;

	if (origin->migration == NULL)
		return pstrdup("text");
	initStringInfo(&display);
	if (strcmp(origin->direction, "up") != 0)
		appendStringInfo(&display, "%s of ", origin->direction);
	appendStringInfo(&display, "migration \"%s\"", origin->migration);
	if (origin->file && tells_name(origin))
		appendStringInfo(&display, " (file \"%s\")", origin->file);
	else if (origin->file)
		appendStringInfo(&display, " (\"%s\" in file \"%s\")",
						 origin->original_name, origin->file);
	return display.data;
}

static int
count_lines(const char *text, int from, int to)
{
	int			lines = 0;

	for (int i = from; i < to; i++)
	{
		if (text[i] == '\n')
			lines++;
	}
	return lines;
}

/* Byte offset of the character with that number, from 1. */
static int
offset_of_character(const char *text, int number)
{
	const char *at = text;

	while (--number > 0 && *at)
		at += pg_mblen(at);
	return at - text;
}

int
hm_script_move_error_position(const char *text, int start, int length,
							  int first_line)
{
	int			position = geterrposition();
	int			offset;

	if (position <= 0)
		return 0;
	offset = offset_of_character(text, position);
	if (offset < start || offset > start + length)
		return 0;
	errposition(0);
	internalerrquery(pnstrdup(text + start, length));
	internalerrposition(pg_mbstrlen_with_len(text + start, offset - start) + 1);
	return first_line + count_lines(text, 0, offset);
}

/* A syntax error shows the line it is on: there is no statement yet. */
static void
parse_error_callback(void *arg)
{
	ParseContext *context = arg;
	const char *text = context->text;
	int			position = geterrposition();
	int			start;
	int			line;

	if (position <= 0)
	{
		errcontext("%s", hm_script_origin_display(context->origin));
		return;
	}
	start = offset_of_character(text, position);
	while (start > 0 && text[start - 1] != '\n')
		start--;
	line = hm_script_move_error_position(text, start,
										 strcspn(text + start, "\r\n"),
										 context->origin->first_line);
	errcontext("%s, line %d", hm_script_origin_display(context->origin), line);
}

static void
pin(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* Mostly they are so: changing them takes a tenth of parsing a short text. */
void
hm_script_pin_settings(void)
{
	if (!standard_conforming_strings)
		pin("standard_conforming_strings", "on");
	if (backslash_quote != BACKSLASH_QUOTE_SAFE_ENCODING)
		pin("backslash_quote", "safe_encoding");
}

/* Past a comment that begins at text[at], or at itself if none does. */
static int
skip_comment(const char *text, int at, int end)
{
	int			depth = 0;

	if (text[at] == '-' && text[at + 1] == '-')
	{
		while (at < end && text[at] != '\n')
			at++;
		return at;
	}
	do
	{
		if (text[at] == '/' && text[at + 1] == '*')
		{
			depth++;
			at += 2;
		}
		else if (depth > 0 && text[at] == '*' && text[at + 1] == '/')
		{
			depth--;
			at += 2;
		}
		else if (depth > 0)
			at++;
	} while (depth > 0 && at < end);
	return at;
}

/* The parser lets a statement begin with the blanks that precede it. */
static int
skip_blank(const char *text, int at, int end)
{
	int			before;

	do
	{
		before = at;
		while (at < end && scanner_isspace(text[at]))
			at++;
		if (at < end)
			at = skip_comment(text, at, end);
	} while (at != before);
	return at;
}

static bool
is_plain_transaction(const HmScriptStatement *statement,
					 TransactionStmtKind kind)
{
	TransactionStmt *stmt = (TransactionStmt *) statement->raw->stmt;

	return IsA(stmt, TransactionStmt) && stmt->options == NIL && !stmt->chain &&
		(stmt->kind == kind ||
		 (kind == TRANS_STMT_BEGIN && stmt->kind == TRANS_STMT_START));
}

static void
blank_out(HmScript *script, const HmScriptStatement *statement)
{
	int			at = statement->start;
	int			end = at + statement->length;

	if (script->text[end] == ';')
		end++;
	for (; at < end; at++)
	{
		if (script->text[at] != '\n')
			script->text[at] = ' ';
	}
}

static bool
ends_transaction(const HmScript *script, const HmScriptStatement *statement)
{
	return is_plain_transaction(statement, TRANS_STMT_COMMIT) ||
		(is_plain_transaction(statement, TRANS_STMT_ROLLBACK) &&
		 strcmp(script->origin.direction, "verify") == 0);
}

static bool
holds_top_level_command(const HmScript *script)
{
	for (int i = 0; i < script->nstatements; i++)
	{
		if (hm_toplevel_command(script->statements[i].raw->stmt))
			return true;
	}
	return false;
}

/*
 * Takes out each BEGIN together with its COMMIT.  What stands between, before
 * and after such blocks joins the migration's one transaction.  A COMMIT or a
 * BEGIN without the other stays, to be refused: there the author wants what
 * comes before committed whatever comes after.  A statement that cannot run
 * in a transaction would take the blocks' own away: then all of them stay.
 */
static void
shed_transactions(HmScript *script)
{
	bool	   *sheds = palloc0(sizeof(bool) * (script->nstatements + 1));
	int			open = -1;
	int			kept = 0;

	if (holds_top_level_command(script))
		return;
	for (int i = 0; i < script->nstatements; i++)
	{
		const HmScriptStatement *statement = &script->statements[i];

		if (open < 0 && is_plain_transaction(statement, TRANS_STMT_BEGIN))
			open = i;
		else if (open >= 0 && ends_transaction(script, statement))
		{
			sheds[open] = sheds[i] = true;
			open = -1;
		}
	}
	for (int i = 0; i < script->nstatements; i++)
	{
		if (sheds[i])
			blank_out(script, &script->statements[i]);
		else
			script->statements[kept++] = script->statements[i];
	}
	script->nstatements = kept;
	pfree(sheds);
}

static void
refuse_statement(const HmScript *script, const HmScriptStatement *statement)
{
	Node	   *node = statement->raw->stmt;

	if (IsA(node, TransactionStmt))
		ereport(ERROR,
				(errcode(HM_ERRCODE_TEXT_REFUSED),
				 errmsg("transaction control is not allowed in a migration"),
				 errdetail("The runner begins and ends the transactions of a migration."),
				 errhint("Remove the statement; register what cannot run in a transaction with transactional => 'no' (\"-- transactional: no\" in a file)."),
				 errposition(pg_mbstrlen_with_len(script->text,
												  statement->start) + 1)));
}

static void
split_statements(HmScript *script, List *raw_statements)
{
	int			end_of_text = strlen(script->text);
	int			line = script->origin.first_line;
	int			counted = 0;
	ListCell   *cell;

	script->statements = palloc(sizeof(HmScriptStatement) *
								Max(list_length(raw_statements), 1));
	foreach(cell, raw_statements)
	{
		HmScriptStatement *statement;
		RawStmt    *raw = lfirst_node(RawStmt, cell);
		int			end = raw->stmt_len > 0 ?
		raw->stmt_location + raw->stmt_len : end_of_text;

		CHECK_FOR_INTERRUPTS();
		statement = &script->statements[script->nstatements++];
		statement->raw = raw;
		statement->start = skip_blank(script->text,
									  Max(raw->stmt_location, 0), end);
		while (end > statement->start &&
			   scanner_isspace(script->text[end - 1]))
			end--;
		statement->length = end - statement->start;
		line += count_lines(script->text, counted, statement->start);
		counted = statement->start;
		statement->line = line;
	}
}

static void
judge_statements(HmScript *script, bool strict)
{
	for (int i = 0; i < script->nstatements; i++)
	{
		HmScriptStatement *statement = &script->statements[i];
		const char *command = hm_toplevel_command(statement->raw->stmt);

		if (strict)
			refuse_statement(script, statement);
		if (command && script->top_level_index < 0)
		{
			script->top_level_index = i;
			script->top_level_command = command;
		}
	}
}

/*
 * Splits the text.  What is strict is refused for what the runner cannot
 * execute, the rest only for what the server's parser does not understand.
 */
static HmScript *
parse(const char *text, HmScriptOrigin origin, bool strict,
	  bool sheds_transactions)
{
	HmScript   *script = palloc0(sizeof(HmScript));
	ParseContext context = {0};
	ErrorContextCallback callback;
	int			guc_level = NewGUCNestLevel();

	script->origin = origin;
	script->text = pstrdup(text);
	script->top_level_index = -1;

	context.text = script->text;
	context.origin = &script->origin;
	callback.callback = parse_error_callback;
	callback.arg = &context;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	hm_script_pin_settings();
	if (strict)
		hm_prescan(script->text);
	split_statements(script, raw_parser(script->text, RAW_PARSE_DEFAULT));
	if (sheds_transactions)
		shed_transactions(script);
	judge_statements(script, strict);

	error_context_stack = callback.previous;
	AtEOXact_GUC(false, guc_level);
	return script;
}

HmScript *
hm_script_parse(const char *text, HmScriptOrigin origin,
				bool sheds_transactions)
{
	return parse(text, origin, true, sheds_transactions);
}

HmScript *
hm_script_read(const char *text, HmScriptOrigin origin)
{
	return parse(text, origin, false, false);
}

char *
hm_script_statement_text(const HmScript *script, int index)
{
	const HmScriptStatement *statement = &script->statements[index];

	return pnstrdup(script->text + statement->start, statement->length);
}

char *
hm_script_original_text(const HmScript *original, const HmScript *script,
						int index)
{
	char	   *text = original && index < original->nstatements ?
	hm_script_statement_text(original, index) : NULL;

	return text == NULL ||
		strcmp(text, hm_script_statement_text(script, index)) == 0 ? NULL : text;
}
