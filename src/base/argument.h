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

/* Raise null_value_not_allowed, naming the argument, when it is null. */
extern void hm_arg_require(FunctionCallInfo fcinfo, int number,
						   const char *name);
extern int64 hm_arg_require_int64(FunctionCallInfo fcinfo, int number,
								  const char *name);
extern char *hm_arg_require_text(FunctionCallInfo fcinfo, int number,
								 const char *name);

/*
 * What people write, and is kept on record forever, has a bound: whoever may
 * write a reason could fill the record's disk otherwise.
 */
#define HM_ARG_PROSE_BYTES	(64 * 1024)

/* Raises string_data_right_truncation, naming the argument, beyond that. */
extern char *hm_arg_bounded(char *text, const char *name);

/* As hm_arg_text(), bounded. */
extern char *hm_arg_prose(FunctionCallInfo fcinfo, int number,
						  const char *name);

/* The same; raises too when the text is null or blank. */
extern char *hm_arg_require_reason(FunctionCallInfo fcinfo, int number);

/*
 * A text[] as a list of char *, without nulls inside; empty when the array
 * is null and name is NULL, else null is an error.
 */
extern List *hm_arg_text_list(FunctionCallInfo fcinfo, int number,
							  const char *name);

#endif							/* HM_BASE_ARGUMENT_H */
