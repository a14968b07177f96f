/*
 * src/audit/secret.h
 *	  Which tokens of a statement are secrets, told by what stands before
 *	  them.
 *
 * No parse tree is needed, so it works for what does not parse, and inside
 * whatever a statement is wrapped in.  In doubt a token is a secret.  Nothing
 * is allocated, nothing raised; time is linear.
 */
#ifndef HM_AUDIT_SECRET_H
#define HM_AUDIT_SECRET_H

#include "audit/lexer.h"

typedef enum HmSecrecy
{
	HM_SECRECY_NONE,
	HM_SECRECY_DATA,			/* treat as a literal of data */
	HM_SECRECY_SECRET			/* never to be stored */
} HmSecrecy;

/* What comes next if the current words go on as they seem to. */
typedef enum HmExpectation
{
	HM_EXPECT_NOTHING,
	HM_EXPECT_AFTER_WORD,		/* PASSWORD, password =, CONNECTION, PROGRAM */
	HM_EXPECT_AFTER_KEY			/* 'password', */
} HmExpectation;

/* Where in SET name = value, value. */
typedef enum HmSetPlace
{
	HM_SET_NOWHERE,
	HM_SET_NAME,
	HM_SET_VALUE,
	HM_SET_AFTER_VALUE
} HmSetPlace;

typedef struct HmSecretWatch
{
	bool		parsed;			/* if not, secrets may lack their quotes */
	bool		is_schema;		/* if not, 'password', 'x' may be a name and
								 * its value */
	bool		statement_begins;
	bool		may_set;		/* not UPDATE ... SET */
	HmExpectation expects;
	int			depth;			/* of parentheses */
	int			options_depth;	/* inside OPTIONS ( */
	bool		options_word;	/* OPTIONS came just before */

	/*
	 * Bit n: the item of the list at depth n has named something secret, as
	 * in (name text, password text DEFAULT 'x').
	 */
	uint64		secret_items;

	HmSetPlace	set_place;
	bool		set_after_dot;
	bool		set_has_dot;
	bool		set_is_ours;
	bool		set_is_secret;
} HmSecretWatch;

extern void hm_secret_watch_begin(HmSecretWatch *watch, bool parsed,
								  bool is_schema);

/*
 * Judges the current token of the lexer.  To be called for every token in
 * turn.
 */
extern HmSecrecy hm_secret_watch(HmSecretWatch *watch, const HmLexer *lexer);

#endif							/* HM_AUDIT_SECRET_H */
