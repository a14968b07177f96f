/*
 * src/guard/databases.h
 *	  Commands that want a database for themselves.
 */
#ifndef HM_GUARD_DATABASES_H
#define HM_GUARD_DATABASES_H

#include "nodes/nodes.h"

/*
 * The database that nobody else may be connected to while this command runs,
 * provided that the user may execute it; else InvalidOid.  Cheap for all other
 * commands.
 */
extern Oid	hm_guard_wanted_database(Node *command);

#endif							/* HM_GUARD_DATABASES_H */
