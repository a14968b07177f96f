/*
 * src/lint/plpgsql.c
 *	  The structure of a PL/pgSQL body, by recursive descent.
 *
 * Each read_*() begins at the first token of what it reads and ends behind
 * it, with its semicolon.  Where the structure is broken, everything that is
 * left is passed over: only the first such place is told.
 */
#include "postgres.h"

#include "lint/plpgsql_parts.h"
#include "miscadmin.h"
#include "utils/formatting.h"

static void read_statements(HmInnerReader *reader);

static bool
at_word(const HmInnerReader *reader, const char *words)
{
	return hm_plpgsql_at_word(reader, reader->at, words);
}

static bool
at_sign(const HmInnerReader *reader, char sign)
{
	return hm_plpgsql_at_sign(reader, reader->at, sign);
}

static bool
at_end(const HmInnerReader *reader)
{
	return reader->tokens[reader->at].kind == HM_TOKEN_END;
}

static void
give_up(HmInnerReader *reader, const char *why)
{
	if (!reader->broken)
		hm_plpgsql_note_opaque(reader, reader->at, "", why);
	reader->broken = true;
	while (!at_end(reader))
		reader->at++;
}

static bool
accept_word(HmInnerReader *reader, const char *word)
{
	if (!at_word(reader, word))
		return false;
	reader->at++;
	return true;
}

static void
expect_word(HmInnerReader *reader, const char *word)
{
	if (!accept_word(reader, word))
		give_up(reader, "from here on it is not PL/pgSQL");
}

/*
 * From the current token up to the first one outside of parentheses that is
 * one of the words or a semicolon.  This is then the current one.
 */
static HmInnerSlice
take_until(HmInnerReader *reader, const char *words)
{
	HmInnerSlice slice = {reader->at, reader->at};
	int			depth = 0;

	for (; !at_end(reader); reader->at++)
	{
		CHECK_FOR_INTERRUPTS();
		if (at_sign(reader, '(') || at_sign(reader, '['))
			depth++;
		else if (at_sign(reader, ')') || at_sign(reader, ']'))
			depth = Max(depth - 1, 0);
		else if (depth == 0 &&
				 (at_sign(reader, ';') || at_word(reader, words)))
			break;
	}
	slice.end = reader->at;
	return slice;
}

static void
skip_semicolon(HmInnerReader *reader)
{
	(void) take_until(reader, "");
	if (!at_end(reader))
		reader->at++;
}

/* #option dump, #variable_conflict use_column, ... */
static void
skip_options(HmInnerReader *reader)
{
	while (at_sign(reader, '#'))
	{
		for (int i = 0; i < 3 && !at_end(reader); i++)
			reader->at++;
	}
}

static void
skip_label(HmInnerReader *reader)
{
	if (at_sign(reader, '<') &&
		hm_plpgsql_at_sign(reader, reader->at + 1, '<') &&
		reader->tokens[reader->at + 2].kind == HM_TOKEN_WORD &&
		hm_plpgsql_at_sign(reader, reader->at + 3, '>') &&
		hm_plpgsql_at_sign(reader, reader->at + 4, '>'))
		reader->at += 5;
}

/* An expression up to a word; true if it asks. */
static bool
read_expression(HmInnerReader *reader, const char *words)
{
	HmInnerSlice slice = take_until(reader, words);

	hm_plpgsql_note_expression(reader, slice);
	return hm_plpgsql_asks(reader, slice);
}

/* EXECUTE expression [INTO ...] [USING ...] */
static void
read_dynamic(HmInnerReader *reader, const char *words)
{
	int			execute = reader->at++;
	HmInnerSlice slice = take_until(reader, words);

	hm_plpgsql_note_dynamic(reader, execute, slice);
	while (!at_sign(reader, ';') && !at_word(reader, "loop") &&
		   !at_end(reader))
	{
		if (at_word(reader, "into"))
			reader->at = hm_plpgsql_skip_into(reader, reader->at);
		else
			reader->at++;
		(void) take_until(reader, words);
	}
}

static void
read_execute(HmInnerReader *reader)
{
	read_dynamic(reader, "into using");
	skip_semicolon(reader);
}

static void
read_perform(HmInnerReader *reader)
{
	hm_plpgsql_note_perform(reader, take_until(reader, ""));
	skip_semicolon(reader);
}

/* A query, or EXECUTE of one, up to a word. */
static void
read_query(HmInnerReader *reader, const char *words)
{
	if (at_word(reader, "execute"))
		read_dynamic(reader, *words ? "using loop" : "using");
	else
		hm_plpgsql_note_sql(reader, take_until(reader, words));
}

/*
 * name [CONSTANT] type [NOT NULL] [:= expression];  name CURSOR FOR query;
 * of which the operator is found first in := as in DEFAULT and =.
 */
static void
read_declaration(HmInnerReader *reader)
{
	int			name = reader->at;
	bool		cursor = false;

	for (; !at_end(reader) && !at_sign(reader, ';'); reader->at++)
	{
		cursor |= at_word(reader, "cursor");
		if (cursor && at_word(reader, "for is"))
		{
			reader->at++;
			read_query(reader, "");
			break;
		}
		if (at_sign(reader, '=') || at_word(reader, "default"))
		{
			reader->at++;
			if (read_expression(reader, ""))
				hm_plpgsql_note_answer(reader, name);
			break;
		}
	}
	skip_semicolon(reader);
}

/* WHEN condition [OR condition] THEN */
static List *
read_conditions(HmInnerReader *reader)
{
	HmInnerSlice slice = take_until(reader, "then");
	List	   *conditions = NIL;

	for (int at = slice.first; at < slice.end; at++)
	{
		const HmInnerToken *token = &reader->tokens[at];
		const char *start = reader->body + token->start;
		int			length = token->end - token->start;

		if (token->kind == HM_TOKEN_STRING && length > 2)
			conditions = lappend(conditions, pnstrdup(start + 1, length - 2));
		else if (token->kind == HM_TOKEN_WORD &&
				 !hm_plpgsql_at_word(reader, at, "or sqlstate"))
			conditions = lappend(conditions, asc_tolower(start, length));
	}
	expect_word(reader, "then");
	return conditions;
}

/* What a handler raises again was not caught. */
static void
read_handlers(HmInnerReader *reader, HmInnerBlock *block)
{
	HmInnerScope outer = reader->scope;

	while (accept_word(reader, "when"))
	{
		List	   *conditions = read_conditions(reader);

		reader->scope = outer;
		reader->scope.conditional = true;
		reader->scope.raises = false;
		read_statements(reader);
		if (!reader->scope.raises)
			block->caught = list_concat(block->caught, conditions);
	}
	reader->scope = outer;
}

static void
read_block(HmInnerReader *reader)
{
	HmInnerBlock *block = palloc0(sizeof(HmInnerBlock));

	block->outer = reader->scope.block;
	while (accept_word(reader, "declare"))
	{
		while (!at_word(reader, "declare begin") && !at_end(reader))
			read_declaration(reader);
	}
	expect_word(reader, "begin");
	reader->scope.block = block;
	read_statements(reader);
	reader->scope.block = block->outer;
	if (accept_word(reader, "exception"))
		read_handlers(reader, block);
	expect_word(reader, "end");
	skip_semicolon(reader);
}

/* One branch of IF or CASE; what follows one that leaves is guarded too. */
static void
read_branch(HmInnerReader *reader, HmInnerScope *outer, bool guarded)
{
	reader->scope = *outer;
	reader->scope.conditional = true;
	reader->scope.guarded |= guarded;
	reader->scope.leaves = false;
	read_statements(reader);
	if (reader->scope.leaves)
	{
		outer->leaves = outer->conditional = true;
		outer->guarded |= guarded;
	}
	reader->scope = *outer;
}

static void
read_if(HmInnerReader *reader)
{
	HmInnerScope outer = reader->scope;
	bool		guarded = false;

	do
	{
		reader->at++;
		guarded |= read_expression(reader, "then");
		expect_word(reader, "then");
		read_branch(reader, &outer, guarded);
	} while (at_word(reader, "elsif elseif"));
	if (accept_word(reader, "else"))
		read_branch(reader, &outer, guarded);
	expect_word(reader, "end");
	expect_word(reader, "if");
	skip_semicolon(reader);
}

static void
read_case(HmInnerReader *reader)
{
	HmInnerScope outer = reader->scope;
	bool		guarded;

	reader->at++;
	guarded = read_expression(reader, "when");
	while (accept_word(reader, "when"))
	{
		guarded |= read_expression(reader, "then");
		expect_word(reader, "then");
		read_branch(reader, &outer, guarded);
	}
	if (accept_word(reader, "else"))
		read_branch(reader, &outer, guarded);
	expect_word(reader, "end");
	expect_word(reader, "case");
	skip_semicolon(reader);
}

/* From LOOP on. */
static void
read_loop_body(HmInnerReader *reader, bool guarded)
{
	HmInnerScope outer = reader->scope;

	expect_word(reader, "loop");
	reader->scope.conditional = true;
	reader->scope.guarded |= guarded;
	read_statements(reader);
	reader->scope = outer;
	expect_word(reader, "end");
	expect_word(reader, "loop");
	skip_semicolon(reader);
}

static void
read_loop(HmInnerReader *reader)
{
	read_loop_body(reader, false);
}

static void
read_while(HmInnerReader *reader)
{
	reader->at++;
	read_loop_body(reader, read_expression(reader, "loop"));
}

/* Between IN and LOOP: a query, [REVERSE] a .. b [BY c], or cursor [(...)]. */
static void
read_for_source(HmInnerReader *reader)
{
	HmInnerReader ahead = *reader;
	HmInnerSlice slice = take_until(&ahead, "loop");
	bool		is_range = false;
	bool		is_cursor = slice.end == slice.first + 1 ||
	(reader->tokens[slice.first].kind == HM_TOKEN_WORD &&
	 hm_plpgsql_at_sign(reader, slice.first + 1, '(') &&
	 !at_word(reader, "select values explain execute"));

	for (int at = slice.first; at < slice.end; at++)
		is_range |= reader->tokens[at].kind == HM_TOKEN_SIGN &&
			reader->body[reader->tokens[at].start] == '.' &&
			reader->tokens[at].end == reader->tokens[at].start + 2;
	if (is_range || is_cursor)
		reader->at = ahead.at;
	else
		read_query(reader, "loop");
}

static void
read_for(HmInnerReader *reader)
{
	(void) take_until(reader, "in");
	expect_word(reader, "in");
	read_for_source(reader);
	read_loop_body(reader, false);
}

static void
read_foreach(HmInnerReader *reader)
{
	(void) take_until(reader, "array");
	expect_word(reader, "array");
	(void) read_expression(reader, "loop");
	read_loop_body(reader, false);
}

/* EXIT or CONTINUE [label] [WHEN condition]; */
static void
read_leave(HmInnerReader *reader)
{
	(void) take_until(reader, "when");
	if (accept_word(reader, "when"))
		reader->scope.guarded |= read_expression(reader, "");
	else
		reader->scope.leaves = true;
	skip_semicolon(reader);
}

static void
read_return(HmInnerReader *reader)
{
	reader->at++;
	if (accept_word(reader, "query"))
		read_query(reader, "");
	else
	{
		reader->scope.leaves |= !accept_word(reader, "next");
		(void) read_expression(reader, "");
	}
	skip_semicolon(reader);
}

static void
read_raise(HmInnerReader *reader)
{
	reader->at++;
	if (!at_word(reader, "debug log info notice warning"))
		reader->scope.raises = true;
	skip_semicolon(reader);
}

/* OPEN cursor [[NO] SCROLL] FOR query; or OPEN cursor [(...)]; */
static void
read_open(HmInnerReader *reader)
{
	(void) take_until(reader, "for");
	if (accept_word(reader, "for"))
		read_query(reader, "");
	skip_semicolon(reader);
}

static bool
at_parameter(const HmInnerReader *reader)
{
	const HmInnerToken *token = &reader->tokens[reader->at];

	return token->kind == HM_TOKEN_SIGN && reader->body[token->start] == '$';
}

/* Past the operator, if an assignment begins here; else 0. */
static int
find_assigned(const HmInnerReader *reader)
{
	int			at = reader->at + 1;
	int			depth = 0;

	if (reader->tokens[reader->at].kind != HM_TOKEN_WORD &&
		!at_parameter(reader))
		return 0;
	for (; reader->tokens[at].kind != HM_TOKEN_END; at++)
	{
		if (hm_plpgsql_at_sign(reader, at, '['))
			depth++;
		else if (hm_plpgsql_at_sign(reader, at, ']'))
			depth--;
		else if (hm_plpgsql_at_sign(reader, at, ';') ||
				 (depth == 0 &&
				  !hm_plpgsql_at_sign(reader, at, '.') &&
				  !hm_plpgsql_at_sign(reader, at - 1, '.')))
			break;
	}
	if (hm_plpgsql_at_sign(reader, at, ':'))
		at++;
	return hm_plpgsql_at_sign(reader, at, '=') ? at + 1 : 0;
}

static void
read_assignment(HmInnerReader *reader, int assigned)
{
	int			name = reader->at;

	reader->at = assigned;
	if (read_expression(reader, ""))
		hm_plpgsql_note_answer(reader, name);
	skip_semicolon(reader);
}

/* CREATE [OR REPLACE] FUNCTION or PROCEDURE: BEGIN ATOMIC has semicolons. */
static bool
at_routine(const HmInnerReader *reader)
{
	HmInnerReader ahead = *reader;

	if (!accept_word(&ahead, "create"))
		return false;
	if (accept_word(&ahead, "or"))
		(void) accept_word(&ahead, "replace");
	return at_word(&ahead, "function procedure");
}

static void
read_sql(HmInnerReader *reader)
{
	HmInnerSlice slice = {reader->at};
	bool		routine = at_routine(reader);
	int			depth = 0;

	for (;;)
	{
		(void) take_until(reader, routine ? "begin case end" : "");
		if (at_word(reader, "begin case"))
			depth++;
		else if (at_word(reader, "end"))
			depth--;
		if (at_end(reader) || (depth <= 0 && at_sign(reader, ';')))
			break;
		reader->at++;
	}
	slice.end = reader->at;
	hm_plpgsql_note_sql(reader, slice);
	skip_semicolon(reader);
}

typedef struct StatementReader
{
	const char *words;			/* that a statement begins with */
	void		(*read) (HmInnerReader *reader);
} StatementReader;

static const StatementReader readers[] = {
	{"begin declare", read_block},
	{"if", read_if},
	{"case", read_case},
	{"loop", read_loop},
	{"while", read_while},
	{"for", read_for},
	{"foreach", read_foreach},
	{"exit continue", read_leave},
	{"return", read_return},
	{"raise", read_raise},
	{"execute", read_execute},
	{"perform", read_perform},
	{"open", read_open},
	{"assert get fetch move close null", skip_semicolon}
};

static void
read_statement(HmInnerReader *reader)
{
	for (int i = 0; i < lengthof(readers); i++)
	{
		if (at_word(reader, readers[i].words))
		{
			readers[i].read(reader);
			return;
		}
	}
	read_sql(reader);
}

/* Up to what ends a list of statements. */
static void
read_statements(HmInnerReader *reader)
{
	check_stack_depth();
	while (!at_end(reader))
	{
		int			assigned;

		CHECK_FOR_INTERRUPTS();
		skip_label(reader);
		assigned = find_assigned(reader);
		if (assigned > 0)
			read_assignment(reader, assigned);
		else if (at_word(reader, "end else elsif elseif exception when"))
			break;
		else
			read_statement(reader);
	}
}

HmInnerText *
hm_plpgsql_look_inside(const char *body)
{
	HmInnerReader reader = {0};

	reader.body = body;
	reader.line = 1;
	reader.result = palloc0(sizeof(HmInnerText));
	if (!hm_plpgsql_read_tokens(&reader))
		give_up(&reader, "a quote or comment in it is not closed");
	skip_options(&reader);
	skip_label(&reader);
	if (!at_end(&reader))
		read_block(&reader);
	if (!at_end(&reader))
		give_up(&reader, "from here on it is not PL/pgSQL");
	pfree(reader.tokens);
	return reader.result;
}
