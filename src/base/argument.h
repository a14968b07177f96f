/*
 * src/base/argument.h
 *	  Arguments of SQL functions, checked; for the *_sql.c files.
 */
#ifndef HM_BASE_ARGUMENT_H
#define HM_BASE_ARGUMENT_H

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/* NULL when the argument is null. */
extern char *hm_arg_text(FunctionCallInfo fcinfo, int number);
extern Jsonb *hm_arg_jsonb(FunctionCallInfo fcinfo, int number);

/* Raise null_value_not_allowed, naming the argument. */
extern char *hm_arg_require_text(FunctionCallInfo fcinfo, int number,
								 const char *name);

/* As hm_arg_require_text(); raises too when the text is blank. */
extern char *hm_arg_require_reason(FunctionCallInfo fcinfo, int number);

/*
 * A text[] as a list of char *, without nulls inside; empty when the array
 * is null and name is NULL, else null is an error.
 */
extern List *hm_arg_text_list(FunctionCallInfo fcinfo, int number,
							  const char *name);

#endif							/* HM_BASE_ARGUMENT_H */
