/*
 * src/audit/client_words.h
 *	  Which functions of ours the statements of the client call.
 *
 * Told from the statement as it was analyzed, before views, rules, defaults
 * and policies are put into it: a call is the client's if the client wrote
 * it, and if the name meant our function then.  A function of the same name
 * in the search path, or an operator, is not ours, and what a function
 * executes is not the client's, not even the same text again.
 */
#ifndef HM_AUDIT_CLIENT_WORDS_H
#define HM_AUDIT_CLIENT_WORDS_H

#include "parser/parse_node.h"

/*
 * After a statement was analyzed.  64 different calls of what does more than
 * read are remembered, for statements that the protocol has prepared, until
 * others take their place or somebody else has the same text analyzed.
 */
extern void hm_client_words_note(const ParseState *pstate,
								 const Query *query);

/*
 * Whether the statement that the client has sent, and that is executed now,
 * calls our function of that name.  Needs a transaction that has not failed.
 */
extern bool hm_client_words_call(const char *function);

/*
 * A function of somebody else's with the name of ours in the search path, so
 * that it could be called in its place; NULL: there is none.
 */
extern char *hm_client_words_other(const char *function);

#endif							/* HM_AUDIT_CLIENT_WORDS_H */
