/*
 * src/lint/forbidden.h
 *	  What no migration may do, whoever has approved it.
 *
 * A migration that switches off what judges and records it would be beyond
 * both.  So event triggers, this extension and the guarded settings are
 * changed by people, under their own names.
 *
 * By the parse tree alone, raw or analysed, so that the linter and the guard
 * agree.  Names that a text computes are met when it runs.
 */
#ifndef HM_LINT_FORBIDDEN_H
#define HM_LINT_FORBIDDEN_H

#include "base/compat.h"
#include "nodes/parsenodes.h"

typedef enum HmForbidden
{
	HM_FORBIDDEN_NOT,
	HM_FORBIDDEN_EXTENSION,		/* this one, and what is in its schema */
	HM_FORBIDDEN_EVENT_TRIGGER,
	HM_FORBIDDEN_SETTING
} HmForbidden;

/*
 * name: of what it touches, unless it is HM_FORBIDDEN_NOT.  Without suspicion,
 * which is that its text says hipaa_migrate or set_config somewhere, less has
 * to be looked at.
 */
extern HmForbidden hm_forbidden_in(Node *statement, bool suspicion,
								   char **name);
extern bool hm_forbidden_suspicion(const char *text, int length);

/* False for most texts, and for none that does it: whether to look further. */
extern bool hm_forbidden_named(const char *text);

/* Raises (SQLSTATE MG017). */
HM_NORETURN extern void hm_forbidden_refuse(HmForbidden what, const char *name);

#endif							/* HM_LINT_FORBIDDEN_H */
