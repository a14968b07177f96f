/*
 * src/lint/guarded_form.h
 *	  Guarded forms: how a statement is written so that running it again does
 *	  no harm, and whether it is.
 *
 * Pure functions over parse trees, raw or as they reach ProcessUtility: no
 * catalogs, nothing allocated, nothing raised.
 */
#ifndef HM_LINT_GUARDED_FORM_H
#define HM_LINT_GUARDED_FORM_H

#include "nodes/parsenodes.h"

typedef enum HmFormKind
{
	HM_FORM_IF_NOT_EXISTS,
	HM_FORM_IF_EXISTS,
	HM_FORM_OR_REPLACE,
	HM_FORM_ON_CONFLICT,
	HM_FORM_BLOCK				/* has no syntax: hipaa_migrate.guarded(), or
								 * a block with an exception handler */
} HmFormKind;

typedef struct HmGuardedForm
{
	HmFormKind	kind;
	bool		used;
	const char *rule;			/* its slug, such as create-not-guarded */
	const char *anchor;			/* key word behind which the form stands */
	const char *impossible;		/* why this one cannot have it, or NULL */
} HmGuardedForm;

/* How many parts a statement has: the actions of ALTER TABLE; else one. */
extern int	hm_guarded_form_parts(const Node *tree);

/* False for a part that may be run again as it is. */
extern bool hm_guarded_form_find(Node *tree, int part, HmGuardedForm *form);

/* The first part that has a guarded form and does not use it. */
extern bool hm_guarded_form_missing(Node *tree, HmGuardedForm *form);

/* The same, but for the rules of these bits. */
extern bool hm_guarded_form_missing_but(Node *tree, int waived,
										HmGuardedForm *form);

/* A bit for each rule, 0 for a slug that is none of them. */
extern int	hm_guarded_form_bit(const char *rule);

/* "IF NOT EXISTS" and so on. */
extern const char *hm_guarded_form_name(HmFormKind kind);

#endif							/* HM_LINT_GUARDED_FORM_H */
