/*
 * src/base/toplevel.h
 *	  Which statements cannot run inside a transaction block, and which
 *	  matter to nobody but their session.
 */
#ifndef HM_BASE_TOPLEVEL_H
#define HM_BASE_TOPLEVEL_H

#include "nodes/nodes.h"

/* The command's name, or NULL for a statement that can. */
extern const char *hm_toplevel_command(Node *statement);

/*
 * Whether a command touches no object of the database: transaction control,
 * cursors, notifications.  What ends a failed transaction is among them.
 */
extern bool hm_toplevel_touches_nothing(const Node *command);

#endif							/* HM_BASE_TOPLEVEL_H */
