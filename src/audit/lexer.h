/*
 * src/audit/lexer.h
 *	  Tokens of any text, by the server's lexical rules; never raises.
 *
 * The server's own scanner raises an error for what it does not understand,
 * and what is written into the record may have to be written while an error
 * is handled.  This one reads every text: what is not closed reaches to the
 * end, a number takes in the letters that are glued to it.  For a text that
 * the server's scanner accepts, literals and comments are the same bytes.
 * Time is linear, nothing is allocated.
 */
#ifndef HM_AUDIT_LEXER_H
#define HM_AUDIT_LEXER_H

typedef enum HmTokenKind
{
	HM_TOKEN_END,
	HM_TOKEN_BLANK,
	HM_TOKEN_COMMENT,
	HM_TOKEN_WORD,				/* keyword or name, with its double quotes */
	HM_TOKEN_STRING,			/* any '...', with its prefix and all parts */
	HM_TOKEN_DOLLAR,			/* $$...$$ */
	HM_TOKEN_NUMBER,
	HM_TOKEN_SIGN				/* one character, a parameter: $1, or .. */
} HmTokenKind;

typedef struct HmLexer
{
	const char *text;
	int			end;			/* of what is read */
	bool		standard_strings;	/* no escapes in plain '...' */

	HmTokenKind kind;			/* of the current token */
	int			token_start;
	int			token_end;
	bool		closed;			/* it has its closing quote */
	bool		has_parts;		/* 'a', a line's end, 'b' */
	bool		has_escapes;	/* a string in which a backslash or U& counts */
} HmLexer;

extern void hm_lexer_begin(HmLexer *lexer, const char *text, int start,
						   int end, bool standard_strings);

/* False at the end. */
extern bool hm_lexer_advance(HmLexer *lexer);

/* The current token is this character. */
static inline bool
hm_lexer_at_sign(const HmLexer *lexer, char sign)
{
	return lexer->kind == HM_TOKEN_SIGN &&
		lexer->text[lexer->token_start] == sign;
}

/* Or this keyword, in lower case; of most words the length is another. */
static inline bool
hm_lexer_at_word(const HmLexer *lexer, const char *word)
{
	size_t		length = strlen(word);

	return lexer->kind == HM_TOKEN_WORD &&
		lexer->token_end - lexer->token_start == length &&
		pg_strncasecmp(lexer->text + lexer->token_start, word, length) == 0;
}

/* STRING, DOLLAR or NUMBER. */
extern bool hm_lexer_at_literal(const HmLexer *lexer);

#endif							/* HM_AUDIT_LEXER_H */
