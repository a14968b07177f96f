/*
 * src/guard/command_option.h
 *	  Private to command*.c: what makes one command two.
 */
#ifndef HM_GUARD_COMMAND_OPTION_H
#define HM_GUARD_COMMAND_OPTION_H

#include "guard/command_row.h"
#include "nodes/nodes.h"

extern HmCommandVariant hm_command_variant(Node *tree);

/* The database that the command changes or drops, or InvalidOid. */
extern Oid	hm_command_database(Node *tree);

/* EXPLAIN that executes what it explains. */
extern bool hm_command_analyzes(Node *explain);

#endif							/* HM_GUARD_COMMAND_OPTION_H */
