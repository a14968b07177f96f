/*
 * src/base/toplevel.h
 *	  Which statements cannot run inside a transaction block.
 */
#ifndef HM_BASE_TOPLEVEL_H
#define HM_BASE_TOPLEVEL_H

#include "nodes/nodes.h"

/* The command's name, or NULL for a statement that can. */
extern const char *hm_toplevel_command(Node *statement);

#endif							/* HM_BASE_TOPLEVEL_H */
