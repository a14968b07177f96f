/*
 * src/audit/ddl_object.h
 *	  Objects that a command touches.
 */
#ifndef HM_AUDIT_DDL_OBJECT_H
#define HM_AUDIT_DDL_OBJECT_H

#include "nodes/pg_list.h"

typedef struct HmDdlObject
{
	char	   *type;			/* as event triggers call it: "table" */
	char	   *identity;		/* quoted where need be, with its schema */
} HmDdlObject;

/* Copies both strings into the current memory context. */
extern List *hm_ddl_object_append(List *objects, const char *type,
								  const char *identity);

/*
 * What a command names that event triggers do not see: databases, roles,
 * tablespaces, and relations that are truncated, vacuumed or reindexed.
 * NIL for others.
 */
extern List *hm_ddl_objects_named(Node *command);

#endif							/* HM_AUDIT_DDL_OBJECT_H */
