/*
 * src/guard/exemption.h
 *	  Exemptions: what may be changed without a migration, by whom.
 *
 * Live ones travel in the security label of their database (label.h), so that
 * every backend of the cluster has them at hand.
 */
#ifndef HM_GUARD_EXEMPTION_H
#define HM_GUARD_EXEMPTION_H

#include "guard/command.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

typedef struct HmExemption
{
	int64		id;
	Oid			role;			/* and its members; InvalidOid: everybody */
	const char *schema;			/* NULL: everywhere */
	const char *command;		/* as HmGuardedCommand.name; NULL: all, but
								 * those of class danger */
	TimestampTz expires_at;		/* 0: never */
} HmExemption;

/*
 * The exemption that covers the command for the user who logged in, or NULL;
 * valid until the next command.
 */
extern const HmExemption *hm_exemption_find(const HmGuardedCommand *command,
											Node *tree);

/* Those in the table of this database that are live; for hm_guard_publish(). */
extern List *hm_exemption_load(void);

#endif							/* HM_GUARD_EXEMPTION_H */
