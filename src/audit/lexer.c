/*
 * src/audit/lexer.c
 *	  Tokens of any text, by the server's lexical rules; never raises.
 *
 * Bytes of multi-byte characters have their high bit set in every encoding
 * that a database may have, and such bytes are letters: so bytes are enough.
 */
#include "postgres.h"

#include "audit/lexer.h"

/* What a character means inside of '...' besides itself. */
typedef enum Quoting
{
	QUOTING_PLAIN,				/* '' is a quote */
	QUOTING_ESCAPES,			/* and so is what follows a backslash */
	QUOTING_DIGITS				/* neither: b'' and x'' */
} Quoting;

static char
char_at(const HmLexer *lexer, int at)
{
	return at < lexer->end ? lexer->text[at] : '\0';
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
begins_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		IS_HIGHBIT_SET(c);
}

static bool
continues_word(char c)
{
	return begins_word(c) || is_digit(c) || c == '$';
}

static int
skip_blanks(const HmLexer *lexer, int at)
{
	while (at < lexer->end && is_blank(lexer->text[at]))
		at++;
	return at;
}

static int
skip_word(const HmLexer *lexer, int at)
{
	while (at < lexer->end && continues_word(lexer->text[at]))
		at++;
	return at;
}

static bool
begins_line_comment(const HmLexer *lexer, int at)
{
	return char_at(lexer, at) == '-' && char_at(lexer, at + 1) == '-';
}

static int
skip_line(const HmLexer *lexer, int at)
{
	while (at < lexer->end && lexer->text[at] != '\n' &&
		   lexer->text[at] != '\r')
		at++;
	return at;
}

static int
skip_block_comment(HmLexer *lexer, int at)
{
	int			depth = 0;

	do
	{
		if (lexer->text[at] == '/' && char_at(lexer, at + 1) == '*')
		{
			depth++;
			at += 2;
		}
		else if (lexer->text[at] == '*' && char_at(lexer, at + 1) == '/')
		{
			depth--;
			at += 2;
		}
		else
			at++;
	} while (depth > 0 && at < lexer->end);
	lexer->closed = depth == 0;
	return at;
}

/*
 * Where a string goes on, after its closing quote: past a quote that comes
 * after blanks and comments with a newline among them; 0 if it does not.
 */
static int
find_next_part(const HmLexer *lexer, int at)
{
	bool		newline = false;

	while (at < lexer->end)
	{
		char		c = lexer->text[at];

		if (is_blank(c))
		{
			newline |= c == '\n' || c == '\r';
			at++;
		}
		else if (begins_line_comment(lexer, at))
			at = skip_line(lexer, at);
		else
			return c == '\'' && newline ? at + 1 : 0;
	}
	return 0;
}

/* From behind the opening quote, past the last part of the string. */
static int
skip_string(HmLexer *lexer, int at, Quoting quoting)
{
	lexer->closed = false;
	while (at < lexer->end)
	{
		char		c = lexer->text[at++];

		if (c == '\\' && quoting == QUOTING_ESCAPES)
		{
			lexer->has_escapes = true;
			at = Min(at + 1, lexer->end);
		}
		else if (c == '\'' && char_at(lexer, at) == '\'' &&
				 quoting != QUOTING_DIGITS)
			at++;
		else if (c == '\'')
		{
			int			next = find_next_part(lexer, at);

			if (next == 0)
			{
				lexer->closed = true;
				return at;
			}
			lexer->has_parts = true;
			at = next;
		}
	}
	return at;
}

static int
skip_quoted_word(HmLexer *lexer, int at)
{
	lexer->closed = false;
	while (at < lexer->end)
	{
		if (lexer->text[at++] != '"')
			continue;
		if (char_at(lexer, at) != '"')
		{
			lexer->closed = true;
			return at;
		}
		at++;
	}
	return at;
}

/* Length of the $tag$ that begins at at, 0 if none does. */
static int
dollar_tag_length(const HmLexer *lexer, int at)
{
	int			end = at + 1;

	if (begins_word(char_at(lexer, end)))
	{
		while (end < lexer->end && lexer->text[end] != '$' &&
			   continues_word(lexer->text[end]))
			end++;
	}
	return char_at(lexer, end) == '$' ? end + 1 - at : 0;
}

static int
skip_dollar_string(HmLexer *lexer, int at, int tag_length)
{
	const char *tag = lexer->text + at;

	for (at += tag_length; at + tag_length <= lexer->end; at++)
	{
		if (lexer->text[at] == '$' &&
			memcmp(lexer->text + at, tag, tag_length) == 0)
			return at + tag_length;
	}
	lexer->closed = false;
	return lexer->end;
}

/*
 * With the letters that are glued to it, which no number may have.  One point
 * at most, and none behind letters.
 */
static int
skip_number(const HmLexer *lexer, int at)
{
	bool		takes_point = true;
	bool		hexadecimal = char_at(lexer, at) == '0' &&
	(char_at(lexer, at + 1) | 0x20) == 'x';

	for (; at < lexer->end; at++)
	{
		char		c = lexer->text[at];

		if (is_digit(c))
			continue;
		if (begins_word(c) || (c == '.' && takes_point &&
							   char_at(lexer, at + 1) != '.'))
			takes_point = false;
		else if ((c != '+' && c != '-') || hexadecimal ||
				 (lexer->text[at - 1] | 0x20) != 'e' ||
				 !is_digit(char_at(lexer, at + 1)))
			break;
	}
	return at;
}

static Quoting
plain_quoting(const HmLexer *lexer)
{
	return lexer->standard_strings ? QUOTING_PLAIN : QUOTING_ESCAPES;
}

static int
take_string(HmLexer *lexer, int open, Quoting quoting)
{
	lexer->kind = HM_TOKEN_STRING;
	return skip_string(lexer, open + 1, quoting);
}

/* A word, or what a letter before a quote begins. */
static int
take_word(HmLexer *lexer, int at)
{
	char		letter = lexer->text[at] | 0x20;
	char		next = char_at(lexer, at + 1);

	if (letter == 'u' && next == '&' && char_at(lexer, at + 2) == '\'')
	{
		lexer->has_escapes = true;
		return take_string(lexer, at + 2, QUOTING_PLAIN);
	}
	if (letter == 'u' && next == '&' && char_at(lexer, at + 2) == '"')
		return skip_quoted_word(lexer, at + 3);
	if (next == '\'' && letter == 'e')
		return take_string(lexer, at + 1, QUOTING_ESCAPES);
	if (next == '\'' && letter == 'n')
		return take_string(lexer, at + 1, plain_quoting(lexer));
	if (next == '\'' && (letter == 'b' || letter == 'x'))
		return take_string(lexer, at + 1, QUOTING_DIGITS);
	return skip_word(lexer, at);
}

static int
take_dollar(HmLexer *lexer, int at)
{
	int			tag_length = dollar_tag_length(lexer, at);

	if (tag_length > 0)
	{
		lexer->kind = HM_TOKEN_DOLLAR;
		return skip_dollar_string(lexer, at, tag_length);
	}
	lexer->kind = HM_TOKEN_SIGN;
	for (at++; at < lexer->end && is_digit(lexer->text[at]);)
		at++;
	return at;
}

/* Sets the kind of the token that begins at at, returns its end. */
static int
take_token(HmLexer *lexer, int at)
{
	char		c = lexer->text[at];
	char		next = char_at(lexer, at + 1);

	if (is_blank(c))
	{
		lexer->kind = HM_TOKEN_BLANK;
		return skip_blanks(lexer, at);
	}
	if (begins_line_comment(lexer, at))
	{
		lexer->kind = HM_TOKEN_COMMENT;
		return skip_line(lexer, at);
	}
	if (c == '/' && next == '*')
	{
		lexer->kind = HM_TOKEN_COMMENT;
		return skip_block_comment(lexer, at);
	}
	if (c == '\'')
		return take_string(lexer, at, plain_quoting(lexer));
	if (c == '$')
		return take_dollar(lexer, at);
	if (is_digit(c) || (c == '.' && is_digit(next)))
	{
		lexer->kind = HM_TOKEN_NUMBER;
		return skip_number(lexer, at);
	}
	lexer->kind = HM_TOKEN_WORD;
	if (c == '"')
		return skip_quoted_word(lexer, at + 1);
	if (begins_word(c))
		return take_word(lexer, at);
	lexer->kind = HM_TOKEN_SIGN;
	return c == '.' && next == '.' ? at + 2 : at + 1;
}

void
hm_lexer_begin(HmLexer *lexer, const char *text, int start, int end,
			   bool standard_strings)
{
	lexer->text = text;
	lexer->end = end;
	lexer->standard_strings = standard_strings;
	lexer->kind = HM_TOKEN_BLANK;
	lexer->token_start = lexer->token_end = start;
	lexer->closed = true;
	lexer->has_parts = false;
	lexer->has_escapes = false;
}

bool
hm_lexer_advance(HmLexer *lexer)
{
	lexer->token_start = lexer->token_end;
	lexer->closed = true;
	lexer->has_parts = false;
	lexer->has_escapes = false;
	if (lexer->token_start >= lexer->end)
	{
		lexer->kind = HM_TOKEN_END;
		return false;
	}
	lexer->token_end = take_token(lexer, lexer->token_start);
	return true;
}

bool
hm_lexer_at_literal(const HmLexer *lexer)
{
	return lexer->kind == HM_TOKEN_STRING || lexer->kind == HM_TOKEN_DOLLAR ||
		lexer->kind == HM_TOKEN_NUMBER;
}
