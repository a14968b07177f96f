/*
 * src/base/names.h
 *	  Lists of names (char *).
 */
#ifndef HM_BASE_NAMES_H
#define HM_BASE_NAMES_H

#include "nodes/pg_list.h"

/* Elements may be NULL, and are no name then. */
extern bool hm_names_have(List *names, const char *name);

/* Copies of what is in String nodes. */
extern List *hm_names_of(List *strings);

/* "a, b"; empty for NIL. */
extern char *hm_names_join(List *names);

/* "a, b and 3 more", where there are more than most. */
extern char *hm_names_join_first(List *names, int most);

#endif							/* HM_BASE_NAMES_H */
