/*
 * src/lint/dependents.h
 *	  What depends on a relation, a column, or any other object: as the
 *	  catalogs have it and the plan changes it.
 *
 * Only objects that a person made are there: not the rule behind a view, the
 * triggers behind a foreign key, the toast table or the row type.  What the
 * plan has dropped is not there; views and foreign keys that it has made are.
 * No lock is taken.  Results are in the current memory context.
 */
#ifndef HM_LINT_DEPENDENTS_H
#define HM_LINT_DEPENDENTS_H

#include "lint/world.h"

typedef struct HmDependent
{
	Oid			class;			/* catalog and number in it; InvalidOid: made
								 * by the plan */
	Oid			object;
	int32		part;			/* number of a column, or 0 */
	const char *kind;			/* "view", "foreign key", "policy", ... */
	char	   *name;			/* as shown, with its schema: "public.v", "fk
								 * on public.t" */
	bool		own;			/* a part of what it depends on: dropped with
								 * it, without CASCADE and without a word */
	HmRelation *relation;		/* that it is, or is a part of; or NULL */
	char		relkind;		/* of a relation */
	char		contype;		/* of a constraint */
} HmDependent;

/*
 * Of HmDependent *, sorted by kind and name: what depends on it directly.  Of
 * a relation: on it or any of its columns.
 */
extern List *hm_dependents_of(HmRelation *relation);
extern List *hm_dependents_of_column(HmRelation *relation,
									 const HmColumn *column);

/* Any other object of the catalogs: a type, a function, a schema, ... */
extern List *hm_dependents_of_object(HmWorld *world, Oid class, Oid object);

/*
 * All that DROP ... CASCADE would take with it, whatever depends on what
 * depends on it.  column may be NULL.
 */
extern List *hm_dependents_cascade(HmRelation *relation,
								   const HmColumn *column);
extern List *hm_dependents_cascade_of_object(HmWorld *world, Oid class,
											 Oid object);

/* dependents_made.c: those that the plan makes; column may be NULL. */
extern List *hm_dependents_made(HmRelation *relation, const char *column);

/* The table of a rule, a default, a trigger or a policy, or InvalidOid. */
extern Oid	hm_part_table(Oid class, Oid object);

/* "view", "index", ... */
extern const char *hm_kind_of_relation(char relkind);

/* Those that are not own: what makes DROP without CASCADE fail. */
extern List *hm_dependents_foreign(List *dependents);

/*
 * "view public.v, foreign key fk on public.t and 3 more"; NULL when there is
 * none.
 */
extern char *hm_dependents_text(List *dependents);

/* The same, with up to 50 of them. */
extern char *hm_dependents_list(List *dependents);

#endif							/* HM_LINT_DEPENDENTS_H */
