/*
 * src/lint/plpgsql.h
 *	  The SQL statements inside the bodies of functions and DO blocks.
 *
 * PL/pgSQL's own parser cannot be called from outside of it.  So this one
 * reads the structure of blocks from the lexer's tokens, as much as tells
 * which statements there are, what they stand under, and which of their
 * words are PL/pgSQL's: INTO's targets are blanked, PERFORM is SELECT.
 * Variables stay: to the grammar they are columns.
 *
 * Nothing is looked up and nothing is raised, whatever the body, except what
 * is not about it: no memory, cancelled, nested too deeply.  The caller has
 * pinned the settings that the lexer heeds, as hm_script_parse() does.
 * Results are in the current memory context.
 */
#ifndef HM_LINT_PLPGSQL_H
#define HM_LINT_PLPGSQL_H

#include "nodes/parsenodes.h"

/* A block, for the handlers behind it. */
typedef struct HmInnerBlock
{
	struct HmInnerBlock *outer;
	List	   *caught;			/* of char *: names of conditions in lower
								 * case, or SQLSTATEs, that are not raised
								 * again */
} HmInnerBlock;

typedef struct HmInnerStatement
{
	const char *text;			/* without its semicolon */
	int			offset;			/* of it in the body; of EXECUTE, if dynamic */
	int			line;			/* the same, from 1 */
	bool		expression;		/* no statement: only evaluated, raw is the
								 * SELECT of it */
	bool		dynamic;		/* the text is EXECUTE's */

	/* What it stands under. */
	const HmInnerBlock *block;	/* innermost; NULL in SQL */
	bool		conditional;	/* it may not run, or more than once */
	bool		guarded;		/* whether it runs depends on what exists: IF
								 * NOT EXISTS (...), to_regclass(), NOT FOUND,
								 * a variable that a query filled */
	bool		compared;		/* hipaa_migrate.guarded() executes it */

	/*
	 * Exactly one of these is not NULL.  Locations in raw count from text -
	 * text_location.  What is opaque has in text the constant beginning of
	 * what EXECUTE runs, or the statement that is not understood.
	 */
	RawStmt    *raw;
	int			text_location;
	const char *opaque;			/* why, as a clause */
} HmInnerStatement;

typedef struct HmInnerText
{
	List	   *statements;		/* of HmInnerStatement *, as they stand there */
	List	   *opaque;			/* the same, of those that cannot be told */
} HmInnerText;

/*
 * Of expressions, only those with a parenthesis are there: without a call or
 * a query in it, one does nothing.
 */
extern HmInnerText *hm_plpgsql_look_inside(const char *body);

/* The body of a function in SQL, if it is a string. */
extern HmInnerText *hm_plpgsql_look_inside_sql(const char *body);

/*
 * True if a handler around the statement swallows that error: names it, its
 * class (as SQLSTATE) or OTHERS.
 */
extern bool hm_plpgsql_catches(const HmInnerStatement *statement,
							   const char *condition, const char *sqlstate);

#endif							/* HM_LINT_PLPGSQL_H */
