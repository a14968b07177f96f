/*
 * src/lint/choice.h
 *	  Names that the server chooses where a statement gives none.
 *
 * Only the first choice: that it is taken already is not looked at.
 */
#ifndef HM_LINT_CHOICE_H
#define HM_LINT_CHOICE_H

#include "lint/world.h"

/* relation_column_column_label; a column that is NULL is an expression. */
extern char *hm_choice_name(const HmRelation *relation, List *columns,
							const char *label);

/* Its own name if it has one.  column: that it stands in, or NULL. */
extern char *hm_choice_constraint_name(const HmRelation *relation,
									   const Constraint *constraint,
									   const char *column);
extern char *hm_choice_index_name(const HmRelation *relation,
								  const IndexStmt *statement);

/* Of char *, in order; NULL for an expression. */
extern List *hm_choice_index_columns(List *elements);

/* Of char *: what a key is made of; of CHECK the columns it mentions, once. */
extern List *hm_choice_constraint_columns(const Constraint *constraint,
										  const char *column);

/* "a, b", quoted. */
extern char *hm_choice_column_list(List *columns);

#endif							/* HM_LINT_CHOICE_H */
