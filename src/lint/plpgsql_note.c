/*
 * src/lint/plpgsql_note.c
 *	  Statements and expressions of PL/pgSQL, handed to the server's grammar.
 */
#include "postgres.h"

#include "lint/constant_text.h"
#include "lint/parse.h"
#include "lint/plpgsql_parts.h"
#include "miscadmin.h"
#include "parser/scansup.h"

/* More variables than people fill by queries; bounds the time. */
#define MAX_ANSWERS 200

static int
line_at(HmInnerReader *reader, int offset)
{
	if (offset < reader->line_offset)
	{
		reader->line = 1;
		reader->line_offset = 0;
	}
	for (; reader->line_offset < offset; reader->line_offset++)
	{
		if (reader->body[reader->line_offset] == '\n')
			reader->line++;
	}
	return reader->line;
}

static HmInnerStatement *
make_statement(HmInnerReader *reader, int offset, const char *text)
{
	HmInnerStatement *statement = palloc0(sizeof(HmInnerStatement));

	statement->text = text;
	statement->offset = offset;
	statement->line = line_at(reader, offset);
	statement->block = reader->scope.block;
	statement->conditional = reader->scope.conditional;
	statement->guarded = reader->scope.guarded;
	return statement;
}

static void
add_opaque(HmInnerReader *reader, int offset, bool dynamic, const char *text,
		   const char *why)
{
	HmInnerStatement *statement = make_statement(reader, offset, text);

	statement->dynamic = dynamic;
	statement->opaque = why;
	reader->result->opaque = lappend(reader->result->opaque, statement);
}

static void
add_raw(HmInnerReader *reader, HmInnerStatement *statement, RawStmt *raw)
{
	statement->raw = raw;
	reader->result->statements = lappend(reader->result->statements,
										 statement);
}

/* The grammar lets a statement begin with what is between it and the last. */
static int
skip_blank(const char *text, int start, int end)
{
	HmLexer		lexer;

	hm_lexer_begin(&lexer, text, start, end, true);
	while (hm_lexer_advance(&lexer) &&
		   (lexer.kind == HM_TOKEN_BLANK || lexer.kind == HM_TOKEN_COMMENT))
		;
	return lexer.token_start;
}

/* One of the statements that a text was parsed to. */
static void
add_part(HmInnerReader *reader, int offset, bool dynamic, const char *text,
		 RawStmt *raw)
{
	HmInnerStatement *statement;
	int			start = Max(raw->stmt_location, 0);
	int			end = raw->stmt_len > 0 ? start + raw->stmt_len : strlen(text);

	start = skip_blank(text, start, end);
	while (end > start && scanner_isspace(text[end - 1]))
		end--;
	statement = make_statement(reader, dynamic ? offset : offset + start,
							   pnstrdup(text + start, end - start));
	statement->dynamic = dynamic;
	statement->text_location = start;
	add_raw(reader, statement, raw);
}

/* The statements of a text that is at offset, or that EXECUTE there runs. */
static void
add_parsed(HmInnerReader *reader, int offset, bool dynamic, const char *text)
{
	List	   *parsed;
	ListCell   *cell;

	if (!hm_lint_parse(text, RAW_PARSE_DEFAULT, &parsed))
		add_opaque(reader, offset, dynamic, text,
				   "it is not what the server's grammar takes");
	foreach(cell, parsed)
		add_part(reader, offset, dynamic, text, lfirst_node(RawStmt, cell));
}

static int
slice_start(const HmInnerReader *reader, HmInnerSlice slice)
{
	return reader->tokens[slice.first].start;
}

static char *
slice_text(const HmInnerReader *reader, HmInnerSlice slice)
{
	int			start = slice_start(reader, slice);

	return pnstrdup(reader->body + start,
					reader->tokens[slice.end - 1].end - start);
}

void
hm_plpgsql_note_answer(HmInnerReader *reader, int at)
{
	const HmInnerToken *token = &reader->tokens[at];

	if (list_length(reader->answers) < MAX_ANSWERS)
		reader->answers = lappend(reader->answers,
								  pnstrdup(reader->body + token->start,
										   token->end - token->start));
}

bool
hm_plpgsql_asks(const HmInnerReader *reader, HmInnerSlice slice)
{
	for (int at = slice.first; at < slice.end; at++)
	{
		const HmInnerToken *token = &reader->tokens[at];
		ListCell   *cell;

		CHECK_FOR_INTERRUPTS();
		if (token->kind != HM_TOKEN_WORD)
			continue;
		if (pg_strncasecmp(reader->body + token->start, "to_reg",
						   strlen("to_reg")) == 0 ||
			hm_plpgsql_at_word(reader, at, "exists select found"))
			return true;
		foreach(cell, reader->answers)
		{
			if (hm_plpgsql_at_word(reader, at, lfirst(cell)))
				return true;
		}
	}
	return false;
}

/* Past a name, with its dots. */
static int
skip_name(const HmInnerReader *reader, int at)
{
	at++;
	while (hm_plpgsql_at_sign(reader, at, '.') &&
		   reader->tokens[at + 1].kind == HM_TOKEN_WORD)
		at += 2;
	return at;
}

int
hm_plpgsql_skip_into(HmInnerReader *reader, int at)
{
	at++;
	if (hm_plpgsql_at_word(reader, at, "strict"))
		at++;
	while (reader->tokens[at].kind == HM_TOKEN_WORD)
	{
		hm_plpgsql_note_answer(reader, at);
		at = skip_name(reader, at);
		if (!hm_plpgsql_at_sign(reader, at, ','))
			break;
		at++;
	}
	return at;
}

static void
blank_out(char *text, int from, int to)
{
	for (; from < to; from++)
	{
		if (text[from] != '\n')
			text[from] = ' ';
	}
}

/* PL/pgSQL's INTO: any but those that belong to SQL's own commands. */
static bool
is_own_into(const HmInnerReader *reader, HmInnerSlice slice, int at)
{
	return at > slice.first && hm_plpgsql_at_word(reader, at, "into") &&
		!hm_plpgsql_at_word(reader, at - 1, "insert merge") &&
		!hm_plpgsql_at_word(reader, slice.first, "import");
}

/* Without its first INTO and targets; locations stay. */
static char *
text_without_into(HmInnerReader *reader, HmInnerSlice slice)
{
	char	   *text = slice_text(reader, slice);
	int			start = slice_start(reader, slice);

	for (int at = slice.first; at < slice.end; at++)
	{
		if (!is_own_into(reader, slice, at))
			continue;
		blank_out(text, reader->tokens[at].start - start,
				  reader->tokens[hm_plpgsql_skip_into(reader, at) - 1].end -
				  start);
		break;
	}
	return text;
}

void
hm_plpgsql_note_sql(HmInnerReader *reader, HmInnerSlice slice)
{
	if (slice.first < slice.end)
		add_parsed(reader, slice_start(reader, slice), false,
				   text_without_into(reader, slice));
}

/* Slice begins with PERFORM. */
void
hm_plpgsql_note_perform(HmInnerReader *reader, HmInnerSlice slice)
{
	char	   *text = slice_text(reader, slice);

	memcpy(text, "SELECT ", strlen("PERFORM"));
	add_parsed(reader, slice_start(reader, slice), false, text);
}

void
hm_plpgsql_note_expression(HmInnerReader *reader, HmInnerSlice slice)
{
	HmInnerStatement *statement;
	char	   *text;
	List	   *parsed;
	int			at = slice.first;

	while (at < slice.end && !hm_plpgsql_at_sign(reader, at, '('))
		at++;
	if (at == slice.end)
		return;
	text = slice_text(reader, slice);
	if (!hm_lint_parse(text, RAW_PARSE_PLPGSQL_EXPR, &parsed))
	{
		hm_plpgsql_note_opaque(reader, slice.first, text,
							   "it is not an expression");
		return;
	}
	statement = make_statement(reader, slice_start(reader, slice), text);
	statement->expression = true;
	add_raw(reader, statement, linitial_node(RawStmt, parsed));
}

/* The expression itself, not the SELECT of it; NULL if it is more than one. */
static Node *
parse_expression(const char *text)
{
	List	   *parsed;
	SelectStmt *select;

	if (!hm_lint_parse(text, RAW_PARSE_PLPGSQL_EXPR, &parsed))
		return NULL;
	select = (SelectStmt *) linitial_node(RawStmt, parsed)->stmt;
	if (list_length(select->targetList) != 1 || select->fromClause != NIL)
		return NULL;
	return linitial_node(ResTarget, select->targetList)->val;
}

void
hm_plpgsql_note_dynamic(HmInnerReader *reader, int execute,
						HmInnerSlice slice)
{
	int			offset = reader->tokens[execute].start;
	Node	   *expression = NULL;
	StringInfoData text;

	initStringInfo(&text);
	if (slice.first < slice.end)
		expression = parse_expression(slice_text(reader, slice));
	if (expression && hm_constant_text_append(&text, expression))
		add_parsed(reader, offset, true, text.data);
	else
		add_opaque(reader, offset, true, text.data,
				   "its text is put together when it runs");
}

void
hm_plpgsql_note_opaque(HmInnerReader *reader, int at, const char *text,
					   const char *why)
{
	add_opaque(reader, reader->tokens[at].start, false, text, why);
}

HmInnerText *
hm_plpgsql_look_inside_sql(const char *body)
{
	HmInnerReader reader = {0};

	reader.body = body;
	reader.line = 1;
	reader.result = palloc0(sizeof(HmInnerText));
	add_parsed(&reader, 0, false, body);
	return reader.result;
}

bool
hm_plpgsql_catches(const HmInnerStatement *statement, const char *condition,
				   const char *sqlstate)
{
	for (const HmInnerBlock *block = statement->block; block;
		 block = block->outer)
	{
		ListCell   *cell;

		foreach(cell, block->caught)
		{
			const char *caught = lfirst(cell);

			if (strcmp(caught, condition) == 0 ||
				strcmp(caught, sqlstate) == 0 ||
				strcmp(caught, "others") == 0 ||
				(strncmp(caught, sqlstate, 2) == 0 &&
				 strcmp(caught + 2, "000") == 0))
				return true;
		}
	}
	return false;
}
