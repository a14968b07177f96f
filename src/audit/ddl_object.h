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

typedef enum HmDdlReport
{
	HM_DDL_TOUCHED,				/* in event ddl_command_end */
	HM_DDL_DROPPED				/* in event sql_drop */
} HmDdlReport;

/*
 * Appends what the event trigger that is being executed can be told; the
 * objects are in that memory context.
 */
extern List *hm_ddl_objects_reported(List *objects, HmDdlReport report,
									 MemoryContext context);

/*
 * What a command names that event triggers do not see: databases, roles,
 * tablespaces, and relations that are truncated, vacuumed or reindexed.
 * NIL for others.
 */
extern List *hm_ddl_objects_named(Node *command);

#endif							/* HM_AUDIT_DDL_OBJECT_H */
