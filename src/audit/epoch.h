/*
 * src/audit/epoch.h
 *	  Epochs: which record this is, of which database on which server.
 *
 * An epoch is a random number that all events, leaves and blocks of one
 * unbroken record carry.  CREATE EXTENSION opens the first.  The sealer
 * opens another one when the record is found to have come from elsewhere:
 *
 *	another database	made with CREATE DATABASE ... TEMPLATE
 *	another cluster		after pg_upgrade (or pg_resetwal): the system
 *						identifier has changed
 *	transactions have gone back
 *						so their numbers would be used twice
 *
 * It then seals what the old epoch still has, closes it, and puts both on
 * record in the new one, with the last block's hash.  A closed epoch, and one
 * that COPY has loaded from a dump, is verified and marked adopted or failed.
 *
 * Another host or data directory may mean a copy of a server that is still
 * alive, or a standby that was promoted, or a server that was moved: nothing
 * in the files tells these apart.  Recording and sealing go on in the same
 * epoch, but no digest is handed out until somebody has said which it is.
 */
#ifndef HM_AUDIT_EPOCH_H
#define HM_AUDIT_EPOCH_H

#include "audit/state_row.h"

/* Does the record belong to this database of this cluster? */
extern bool hm_epoch_is_here(const HmState *state);

/*
 * What the sealer does when it comes, and before it seals.  With no
 * transaction open; leaves none.  Raises lock_not_available when an epoch
 * must be closed and transactions that have appended to it go on too long.
 */
extern void hm_epoch_visit(void);

/*
 * Verifies epochs that are closed or were restored; as hm_epoch_visit().
 * Returns after how many milliseconds it wants to be called again; 0: after
 * the next seal.
 */
extern int	hm_epoch_adopt(void);

#endif							/* HM_AUDIT_EPOCH_H */
