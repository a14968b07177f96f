/*
 * src/lint/plpgsql_token.c
 *	  The tokens of a PL/pgSQL body.
 */
#include "postgres.h"

#include "lint/plpgsql_parts.h"
#include "miscadmin.h"

bool
hm_plpgsql_read_tokens(HmInnerReader *reader)
{
	HmLexer		lexer;
	int			capacity = 256;
	int			count = 0;
	bool		closed = true;

	reader->tokens = palloc(sizeof(HmInnerToken) * capacity);
	hm_lexer_begin(&lexer, reader->body, 0, strlen(reader->body), true);
	do
	{
		HmInnerToken *token;

		CHECK_FOR_INTERRUPTS();
		(void) hm_lexer_advance(&lexer);
		closed &= lexer.closed;
		if (lexer.kind == HM_TOKEN_BLANK || lexer.kind == HM_TOKEN_COMMENT)
			continue;
		if (count == capacity)
		{
			capacity *= 2;
			reader->tokens = repalloc_huge(reader->tokens,
										   sizeof(HmInnerToken) * capacity);
		}
		token = &reader->tokens[count++];
		token->kind = lexer.kind;
		token->start = lexer.token_start;
		token->end = lexer.token_end;
	} while (lexer.kind != HM_TOKEN_END);
	return closed;
}

/* Words have a blank between them. */
bool
hm_plpgsql_at_word(const HmInnerReader *reader, int at, const char *words)
{
	const HmInnerToken *token = &reader->tokens[at];
	int			length = token->end - token->start;

	while (token->kind == HM_TOKEN_WORD && *words)
	{
		int			word = strcspn(words, " ");

		if (word == length &&
			pg_strncasecmp(reader->body + token->start, words, word) == 0)
			return true;
		words += word + (words[word] == ' ');
	}
	return false;
}

bool
hm_plpgsql_at_sign(const HmInnerReader *reader, int at, char sign)
{
	const HmInnerToken *token = &reader->tokens[at];

	return token->kind == HM_TOKEN_SIGN && token->end == token->start + 1 &&
		reader->body[token->start] == sign;
}
