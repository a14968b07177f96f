/*
 * src/lint/plpgsql_parts.h
 *	  What the files that read PL/pgSQL have between them: plpgsql_token.c,
 *	  plpgsql.c (structure), plpgsql_note.c (what stands in it).
 */
#ifndef HM_LINT_PLPGSQL_PARTS_H
#define HM_LINT_PLPGSQL_PARTS_H

#include "audit/lexer.h"
#include "lint/plpgsql.h"

typedef struct HmInnerToken
{
	HmTokenKind kind;			/* never BLANK or COMMENT */
	int			start;
	int			end;
} HmInnerToken;

/* What holds for the statements that are being read. */
typedef struct HmInnerScope
{
	HmInnerBlock *block;
	bool		conditional;
	bool		guarded;
	bool		raises;			/* an error was raised on the way here */
	bool		leaves;			/* RETURN, EXIT or CONTINUE was met, perhaps
								 * in a branch */
} HmInnerScope;

typedef struct HmInnerReader
{
	const char *body;
	HmInnerToken *tokens;		/* the last one is END */
	int			at;				/* the current one */
	HmInnerScope scope;
	List	   *answers;		/* of char *: variables that queries filled */
	bool		broken;			/* this is no PL/pgSQL */

	int			line;			/* of body[line_offset] */
	int			line_offset;
	HmInnerText *result;
} HmInnerReader;

/* Tokens from first up to, not including, end. */
typedef struct HmInnerSlice
{
	int			first;
	int			end;
} HmInnerSlice;

/* False: something is not closed, and what is behind it may be anything. */
extern bool hm_plpgsql_read_tokens(HmInnerReader *reader);

/* Any of the keywords, in lower case; never one in double quotes. */
extern bool hm_plpgsql_at_word(const HmInnerReader *reader, int at,
							   const char *words);
extern bool hm_plpgsql_at_sign(const HmInnerReader *reader, int at, char sign);

/* Remembers that the variable holds what a query found. */
extern void hm_plpgsql_note_answer(HmInnerReader *reader, int at);

/* True if what the slice is depends on what exists. */
extern bool hm_plpgsql_asks(const HmInnerReader *reader, HmInnerSlice slice);

/* Past INTO [STRICT] and its targets, which are noted as answers. */
extern int	hm_plpgsql_skip_into(HmInnerReader *reader, int at);

/* Each adds to the result what is found in the slice. */
extern void hm_plpgsql_note_sql(HmInnerReader *reader, HmInnerSlice slice);
extern void hm_plpgsql_note_perform(HmInnerReader *reader, HmInnerSlice slice);
extern void hm_plpgsql_note_expression(HmInnerReader *reader,
									   HmInnerSlice slice);
extern void hm_plpgsql_note_dynamic(HmInnerReader *reader, int execute,
									HmInnerSlice slice);
extern void hm_plpgsql_note_opaque(HmInnerReader *reader, int at,
								   const char *text, const char *why);

#endif							/* HM_LINT_PLPGSQL_PARTS_H */
