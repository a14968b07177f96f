/*
 * src/lint/harmless.h
 *	  Asking the server about a text without running what anybody wrote.
 *
 * The server's analysis calls the input functions of types: those of
 * composite types, arrays and ranges check the domains inside, and a domain
 * may call whatever its owner likes, as the user who is asking.
 */
#ifndef HM_LINT_HARMLESS_H
#define HM_LINT_HARMLESS_H

#include "nodes/parsenodes.h"

/* Does a value that is made of a literal run nobody's checks? */
extern bool hm_harmless_type(Oid type);

/* Can the server analyse a raw tree whose columns have harmless types? */
extern bool hm_harmless_tree(Node *raw);

/* Is there a literal at all that it could be made from? */
extern bool hm_harmless_is_free_of_literals(Node *raw);

/* The same of a query, by the relations that it names. */
extern bool hm_harmless_query(Node *raw);

/*
 * hm_attempt_quietly(), in which calls of functions in other languages than C
 * are errors: the server computes predicates of indexes and more.
 */
extern bool hm_harmless_attempt(void (*attempt) (void *argument),
								void *argument);

/* DomainHasConstraints(), which computes what is constant in them. */
extern bool hm_harmless_domain_is_checked(Oid type);

extern void hm_harmless_init(void);

#endif							/* HM_LINT_HARMLESS_H */
