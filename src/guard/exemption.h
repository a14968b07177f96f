/*
 * src/guard/exemption.h
 *	  Exemptions: what may be changed without a migration, by whom.
 *
 * An exemption covers a role and its members, a schema, a command, or several
 * of these together.  It never covers what concerns the guard itself, and
 * dangerous commands only if it names them.
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
 * valid until the next command.  Without a tree, only one for all schemas
 * does.  Of a command that acts on the cluster, those of every database that
 * enforces its class count.
 */
extern const HmExemption *hm_exemption_find(const HmGuardedCommand *command,
											Node *tree);

/* Those in the table of this database that are live; for hm_guard_publish(). */
extern List *hm_exemption_load(void);

/*
 * Raises unless it can be made, and makes it, which fills in its id; false:
 * another person has to confirm it.
 */
extern bool hm_exemption_request(HmExemption *exemption, const char *reason);

/*
 * In the current transaction, with event and label.  The first fills in the
 * id, the second raises undefined_object unless it has not ended.
 */
extern void hm_exemption_create(HmExemption *exemption, const char *reason,
								const char *created_by);
extern void hm_exemption_end(int64 id, const char *reason);

/* In _PG_init(). */
extern void hm_exemption_init(void);

#endif							/* HM_GUARD_EXEMPTION_H */
