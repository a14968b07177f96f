/*
 * src/audit/statement_class.h
 *	  Are a statement's literals schema, or may they be data?
 */
#ifndef HM_AUDIT_STATEMENT_CLASS_H
#define HM_AUDIT_STATEMENT_CLASS_H

#include "nodes/nodes.h"

/* What a first look at a statement's tokens tells. */
typedef struct HmStatementSurvey
{
	int			start;			/* of the first token that is not a comment */
	int			end;			/* of the last one, without semicolons */
	bool		closed;			/* every quote and comment is */
	bool		sound;			/* and no string is glued to what follows */
	bool		several;		/* statements, or parts between semicolons */
	bool		has_using;		/* the word USING, outside parentheses */
	char		words[2][16];	/* the first two, in lower case, cut */
} HmStatementSurvey;

extern void hm_statement_survey(HmStatementSurvey *survey, const char *text,
								int start, int end, bool standard_strings);

/*
 * True when the literals define the schema: defaults, checks, labels of an
 * enum, comments.  tree is a RawStmt, a PlannedStmt, a Query or a bare
 * statement node, of the statement that was surveyed or of one that the
 * server made from it.
 */
extern bool hm_statement_is_schema(const Node *tree,
								   const HmStatementSurvey *survey);

#endif							/* HM_AUDIT_STATEMENT_CLASS_H */
