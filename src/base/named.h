/*
 * src/base/named.h
 *	  What a command names: the objects it makes, changes or drops, and those
 *	  that what it makes is attached to.
 *
 * Attached is more than used: the parent of a table, the table that a foreign
 * key refers to.  What is only read is not named here: the tables of a
 * view's query, the types of columns, the function that a trigger calls.
 */
#ifndef HM_BASE_NAMED_H
#define HM_BASE_NAMED_H

#include "nodes/parsenodes.h"

typedef struct HmNamed
{
	ObjectType	kind;
	Oid			object;			/* InvalidOid: it is not there */
	Oid			relation;		/* that it is a part of; or as object */
	Oid			schema;			/* that holds or will hold it, or InvalidOid */
	bool		temporary;
	bool		made;			/* by this command */
	char	   *schema_name;	/* as written, or NULL */
	char	   *name;			/* of a part: that of its relation */
	char	   *part;			/* and its own, or NULL */
	List	   *arguments;		/* TypeName nodes of functions, operators */
	bool		any_arguments;	/* they were left out */
	bool		whole_schema;	/* all of a kind in the schema */
} HmNamed;

/* Where a SELECT that was only parsed puts its rows, or NULL. */
extern IntoClause *hm_named_into(const SelectStmt *select);

/* NIL for commands that name nothing, or nothing that can be told. */
extern List *hm_named_by(Node *tree);

/* One object, as DROP, COMMENT and GRANT name it. */
extern HmNamed *hm_named_object(ObjectType kind, Node *name);

#endif							/* HM_BASE_NAMED_H */
