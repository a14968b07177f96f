/*
 * src/audit/own_words.h
 *	  Signatures are given in words of one's own, and so is what takes two
 *	  people asked for.
 *
 * A view, a trigger or a function of somebody else's could sign for whoever
 * happens to use it, as that user: the statement that the client sent has to
 * call the function that signs (client_words.h).
 */
#ifndef HM_AUDIT_OWN_WORDS_H
#define HM_AUDIT_OWN_WORDS_H

/*
 * Raises insufficient_privilege, after access.refused, unless it does.  The
 * transaction must then not be prepared, for another could commit it.
 */
extern void hm_own_words_require(const char *function);

/*
 * The same for who registers and submits, so that nobody makes another the
 * author of what he has written himself: where authors may not approve, and
 * nowhere else, for pipelines may have functions of their own.
 */
extern void hm_own_words_require_author(const char *function);

/* What the policy, which is above this room, says of that; in _PG_init(). */
extern void hm_own_words_set_rule(bool (*authors_kept_out) (void));

/* In _PG_init(). */
extern void hm_own_words_init(void);

#endif							/* HM_AUDIT_OWN_WORDS_H */
