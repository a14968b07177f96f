/*
 * src/lint/guarded_rewrite.h
 *	  Writes statements in their guarded forms.
 *
 * At registration, under hipaa_migrate.idempotency = rewrite: what is made
 * here is stored, covered by the checksum, shown and executed.  Words are put
 * in between the tokens of the text, so that comments, names and lines stay
 * as they are; what has no syntax becomes the argument of
 * hipaa_migrate.guarded().
 */
#ifndef HM_LINT_GUARDED_REWRITE_H
#define HM_LINT_GUARDED_REWRITE_H

#include "lint/guarded_form.h"
#include "registry/script.h"

/*
 * The statement in its guarded form, palloc'd, or NULL when it has none or
 * uses it.  *problem is set, in the form of an error detail without its
 * period, when it has one that cannot be written for it.
 */
extern char *hm_guarded_rewrite(const HmScript *script, int statement,
								const char **problem);

/*
 * Raises HM_ERRCODE_NOT_GUARDED for the first statement without its form, but
 * for the rules of these bits.
 */
extern void hm_guarded_require(const HmScript *script, int waived);

/* For ereport(): how to write it. */
extern int	hm_guarded_hint(const HmGuardedForm *form);

/* Has the registry ask here. */
extern void hm_guarded_init(void);

#endif							/* HM_LINT_GUARDED_REWRITE_H */
