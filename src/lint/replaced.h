/*
 * src/lint/replaced.h
 *	  What OR REPLACE meets: whether the server will take it.
 */
#ifndef HM_LINT_REPLACED_H
#define HM_LINT_REPLACED_H

#include "lint/world.h"

/*
 * What is different that may not be, as a clause; NULL when there is nothing,
 * or nothing can be told.
 */
extern char *hm_replaced_view_difference(HmRelation *view,
										 const ViewStmt *statement);
extern char *hm_replaced_function_difference(HmWorld *world,
											 const CreateFunctionStmt *statement);

#endif							/* HM_LINT_REPLACED_H */
