/*
 * src/guard/asked.h
 *	  What a command asks for, beside what is there already.
 */
#ifndef HM_GUARD_ASKED_H
#define HM_GUARD_ASKED_H

#include "catalog/objectaddress.h"
#include "nodes/parsenodes.h"

typedef enum HmAskedState
{
	HM_ASKED_ABSENT,			/* nothing of that name is there */
	HM_ASKED_EXISTS,			/* something is, to be compared */
	HM_ASKED_DONE,				/* it is as asked for: nothing to compare */
	HM_ASKED_UNNAMED			/* a constraint to be found by its definition */
} HmAskedState;

typedef struct HmAsked
{
	HmAskedState state;
	ObjectType	kind;
	Oid			object;			/* of a column, its relation */
	Oid			relation;		/* that it is part of, or InvalidOid */
	Oid			schema;			/* that holds it, or InvalidOid */
	const char *part;			/* of a column, its name */
	bool		bound_only;		/* of a partition, nothing else is compared */
} HmAsked;

/* Where the command stands; as in PlannedStmt. */
typedef struct HmAskedText
{
	const char *query;
	int			location;
	int			length;
} HmAskedText;

/*
 * What a command (of ALTER TABLE, one action of it) makes.  Raises nothing
 * and takes no lock.
 */
extern HmAsked hm_asked_find(Node *tree, int part);

/*
 * Compares what exists with what is asked for; for that, what is asked for is
 * made in a schema of its own and a subtransaction that is rolled back.
 *
 * Of HM_ASKED_EXISTS: raises HM_ERRCODE_DIFFERS with both definitions, unless
 * a migration has made the object by this very statement and others have
 * changed it since.  Of HM_ASKED_UNNAMED: whether it is there.
 */
extern bool hm_asked_compare(Node *tree, int part, const HmAskedText *text,
							 const HmAsked *asked);

/* What the record calls it: the object, or the table that it is part of. */
extern ObjectAddress hm_asked_address(const HmAsked *asked);

/* 'table "x"' and so on. */
extern char *hm_asked_display(const HmAsked *asked);

#endif							/* HM_GUARD_ASKED_H */
