/*
 * src/base/option.h
 *	  Options in parentheses, WITH or the like, of a parse tree.
 */
#ifndef HM_BASE_OPTION_H
#define HM_BASE_OPTION_H

#include "nodes/parsenodes.h"

/* The last option of that name, which is the one that counts, or NULL. */
extern DefElem *hm_option_find(List *options, const char *name);

/*
 * It is there and does not say no.  Raises nothing: what the server would not
 * accept counts as yes, and it will say so.
 */
extern bool hm_option_is_on(List *options, const char *name);

#endif							/* HM_BASE_OPTION_H */
