/*
 * src/audit/directory.h
 *	  The databases of the server, as the launcher knows them.
 */
#ifndef HM_AUDIT_DIRECTORY_H
#define HM_AUDIT_DIRECTORY_H

#include "nodes/pg_list.h"

typedef struct HmKnownDatabase
{
	Oid			oid;
	bool		connectable;
	bool		visit;			/* has still to be looked at, since the start */
} HmKnownDatabase;

/*
 * Reads pg_database, in a transaction; what was known of a database stays
 * known.  Frees the entries, in shared memory, of those that are gone.
 */
extern void hm_directory_load(void);

/* All of them, and one or NULL; valid until they are loaded again. */
extern List *hm_directory(void);
extern HmKnownDatabase *hm_directory_find(Oid oid);

#endif							/* HM_AUDIT_DIRECTORY_H */
