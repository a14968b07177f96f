/*
 * src/registry/prescan.c
 *	  What the lexer alone tells about a script, before it is parsed.
 *
 * The core scanner is used with a keyword table of our own, in which every
 * keyword has the same token: the numbers of the grammar are not part of
 * the server's installed headers, the spelling of a keyword is in the
 * token's value.
 */
#include "postgres.h"

#include "base/errors.h"
#include "common/keywords.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "parser/scanner.h"
#include "registry/prescan.h"

/* Above every token of the grammar. */
#define KEYWORD_TOKEN	9999

typedef struct Lexer
{
	core_yyscan_t scanner;
	core_yy_extra_type extra;
	uint16	   *keyword_tokens;
	core_YYSTYPE value;
	YYLTYPE		location;
	int			token;
} Lexer;

static void
open_lexer(Lexer *lexer, const char *text)
{
	lexer->keyword_tokens = palloc(sizeof(uint16) * ScanKeywords.num_keywords);
	for (int i = 0; i < ScanKeywords.num_keywords; i++)
		lexer->keyword_tokens[i] = KEYWORD_TOKEN;
	lexer->scanner = scanner_init(text, &lexer->extra, &ScanKeywords,
								  lexer->keyword_tokens);
}

static void
close_lexer(Lexer *lexer)
{
	scanner_finish(lexer->scanner);
	pfree(lexer->keyword_tokens);
}

static int
advance(Lexer *lexer)
{
	lexer->token = core_yylex(&lexer->value, &lexer->location,
							  lexer->scanner);
	return lexer->token;
}

static bool
is_keyword(const Lexer *lexer, const char *word)
{
	return lexer->token == KEYWORD_TOKEN &&
		strcmp(lexer->value.keyword, word) == 0;
}

static int
cursor_position(const char *text, int offset)
{
	return errposition(pg_mbstrlen_with_len(text, offset) + 1);
}

static void
refuse_meta_command(const char *text, int offset)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_TEXT_REFUSED),
			 errmsg("psql meta-command \"%s\" is not allowed in a migration",
					pnstrdup(text + offset,
							 strcspn(text + offset, " \t\r\n;"))),
			 errdetail("The server runs the text, without psql."),
			 cursor_position(text, offset)));
}

static void
refuse_placeholder(const char *text, int offset)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_TEXT_REFUSED),
			 errmsg("unresolved placeholder \"%s\"",
					pnstrdup(text + offset,
							 Min(strcspn(text + offset, "}\r\n") + 1,
								 strlen(text + offset)))),
			 errhint("Register the text with its placeholders replaced."),
			 cursor_position(text, offset)));
}

static void
refuse_client_copy(const char *text, int offset)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_TEXT_REFUSED),
			 errmsg("COPY from or to the client is not allowed in a migration"),
			 errdetail("There is no client to send or receive the rows."),
			 errhint("Write the rows as INSERT ... VALUES, as pg_dump --inserts does."),
			 cursor_position(text, offset)));
}

static bool
is_restrict_line(const char *at)
{
	return strncmp(at, "\\restrict ", 10) == 0 ||
		strncmp(at, "\\unrestrict ", 12) == 0;
}

static void
blank_to_end_of_line(char *at)
{
	for (; *at && *at != '\n'; at++)
		*at = ' ';
}

/*
 * Blanks the line the current token begins, in the text and in the scanner's
 * copy.  There the character after the token is held back by the scanner: it
 * comes as a token of its own, which is passed over.
 */
static void
skip_restrict_line(Lexer *lexer, char *text)
{
	blank_to_end_of_line(text + lexer->location);
	blank_to_end_of_line(lexer->extra.scanbuf + lexer->location + 2);
	(void) advance(lexer);
}

void
hm_prescan(char *text)
{
	Lexer		lexer;
	bool		statement_begins = true;
	int			copy_at = -1;	/* inside a COPY statement: where it began */
	int			depth = 0;		/* of parentheses, in which names are free */
	bool		after_direction = false;
	int			dollar_at = -2;

	open_lexer(&lexer, text);
	while (advance(&lexer) != 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (lexer.token == '\\')
		{
			if (!is_restrict_line(text + lexer.location))
				refuse_meta_command(text, lexer.location);
			skip_restrict_line(&lexer, text);
			continue;
		}
		if (lexer.token == '{' && dollar_at == lexer.location - 1)
			refuse_placeholder(text, dollar_at);
		if (lexer.token == '$')
			dollar_at = lexer.location;
		if (statement_begins)
			copy_at = is_keyword(&lexer, "copy") ? lexer.location : -1;
		if (copy_at >= 0 && after_direction &&
			(is_keyword(&lexer, "stdin") || is_keyword(&lexer, "stdout")))
			refuse_client_copy(text, copy_at);
		depth += (lexer.token == '(') - (lexer.token == ')');
		after_direction = depth == 0 &&
			(is_keyword(&lexer, "from") || is_keyword(&lexer, "to"));
		statement_begins = lexer.token == ';';
	}
	close_lexer(&lexer);
}
