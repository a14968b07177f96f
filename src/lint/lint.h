/*
 * src/lint/lint.h
 *	  Judges the statements of a text, one by one, by all rules.
 *
 * Rules raise nothing and change nothing: they report findings.  What needs
 * the server's own analysis, which may raise, goes through attempt.h.
 */
#ifndef HM_LINT_LINT_H
#define HM_LINT_LINT_H

#include "lint/rule.h"
#include "lint/world.h"
#include "registry/script.h"

typedef struct HmFinding
{
	const HmLintRule *rule;
	HmSeverity	severity;		/* after the catalogs were asked */
	const char *why;			/* it differs from the rule's, or NULL */
	int			statement_no;	/* 0: the migration as a whole */
	int			line;			/* of the file */
	const char *direction;		/* "up", "down" */
	char	   *object;			/* as shown, or NULL */
	char	   *message;
	char	   *safe_way;
	char	   *waived_by;		/* or NULL */
	char	   *waived_because; /* as they said, or NULL */
	bool		waived_in_vain; /* by an author, or no approver */
	int			number;			/* as they were found */
} HmFinding;

/* What is known of a registered migration besides its texts. */
typedef struct HmLintMigration
{
	const char *name;			/* without its project */
	const char *kind;			/* schema | data | repeatable */
	bool		reversible;
	const HmScript *down;		/* or NULL */
	List	   *depends_on;		/* of char *: names, without projects */
} HmLintMigration;

typedef enum HmLintScope
{
	HM_LINT_ALL,				/* what runs next: all rules */
	HM_LINT_BESIDE,				/* a down beside its up: those that say what
								 * it must not be, whatever it meets */
	HM_LINT_NOTHING				/* only changes the world */
} HmLintScope;

typedef struct HmLint
{
	HmWorld    *world;
	const HmScript *script;
	bool		transactional;	/* the text runs in one transaction */
	HmLintScope scope;
	const HmLintMigration *migration;	/* NULL: only a text */
	bool		suspicion;		/* forbidden.h */

	/* The statement that is being looked at. */
	int			statement_no;	/* from 1 */
	int			line;
	Node	   *statement;		/* at its top, without EXPLAIN and the like */
	const struct HmInnerStatement *inner;	/* it stands in a DO block or a
											 * function: what it stands under */
	int			depth;			/* of those */

	/* And the part of it. */
	HmRelation *relation;		/* of CREATE TABLE and ALTER TABLE, else NULL */
	bool		creating;		/* CREATE TABLE */
	ColumnDef  *column;			/* that a Constraint stands in, or NULL */
	const HmLintRule *rule;		/* being checked */

	List	   *passed;			/* of HmRelation *: whose rows an ALTER TABLE
								 * went through */
	List	   *statements;		/* of Node *: all that were looked at so far */
	List	   *sets;			/* of VariableSetStmt *: those among them */
	List	   *findings;		/* of HmFinding *, as they were found */
	List	   *said;			/* of HmLintRule *: the rules of these */
} HmLint;

/* What goes into the texts of a rule; what is NULL is not mentioned. */
typedef struct HmCase
{
	HmRelation *relation;		/* {table}; its traffic counts */
	const char *table;			/* {table}, already quoted, if not relation's */
	const char *column;			/* {column} */
	const char *name;			/* {name}: index, constraint, type, ... */
	const char *type;			/* {type}, as it is to be shown */
	const char *detail;			/* {detail}; also put behind the message when
								 * that does not mention it */
	int			location;		/* in the text, 0: the statement's line */
	const HmMade *made;			/* it is this statement of the text that is
								 * meant, not the one that is being looked at */
	const char *safe_way;		/* a template in place of the rule's, or NULL */
	int			raise;			/* steps that the severity goes up or down */
	const char *why;			/* and why */
} HmCase;

/*
 * Judges all of the script and applies it to the world, as the next migration
 * of the plan.  Returns a list of HmFinding *, by statement.
 */
extern List *hm_lint_script(HmWorld *world, const HmScript *script,
							bool transactional, HmLintScope scope,
							const HmLintMigration *migration);

/* For rules: a finding of lint->rule. */
extern void hm_lint_report(HmLint *lint, const HmCase *found);

/* The same where nothing but the object's shown name has to be said. */
extern void hm_lint_report_on(HmLint *lint, HmRelation *relation,
							  const char *name);

/* Whether lint->rule has a finding already: in this text, or of a relation. */
extern bool hm_lint_is_said(const HmLint *lint);
extern bool hm_lint_is_said_of(const HmLint *lint, const HmRelation *relation);

/* Of char *: "a, b, c"; of many the first, and how many more. */
extern char *hm_lint_names(List *names);

/* The line of the file that a node's location is on. */
extern int	hm_lint_line_at(const HmLint *lint, int location);

/* The severity of a rule on that table, and why it is not the rule's own. */
extern HmSeverity hm_lint_severity(const HmLintRule *rule,
								   HmRelation *relation, const char **why);

#endif							/* HM_LINT_LINT_H */
