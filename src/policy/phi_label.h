/*
 * src/policy/phi_label.h
 *	  SECURITY LABEL FOR hipaa_migrate on tables and columns.
 *
 * To the server we are a label provider like any other.  But one that it
 * knows of changes what SECURITY LABEL without FOR means, for good: with us
 * alone it would label in our name, and beside another provider it would not
 * choose that any more.  So where it can be avoided the server is not told:
 * guard/hooks.c has us execute the command.  It cannot where another library
 * looks at utility commands after us, for that must see all of them.  There
 * the provider is registered with the first command that names it.
 *
 * What a database without the extension does with the name is the server's
 * business, and so is all of it in pg_upgrade (guard/label.h).
 */
#ifndef HM_POLICY_PHI_LABEL_H
#define HM_POLICY_PHI_LABEL_H

#include "nodes/parsenodes.h"

/* Whether the command names us, in a database with the extension. */
extern bool hm_phi_label_is_ours(const SecLabelStmt *statement);

/* Does what standard_ProcessUtility() would, with event triggers. */
extern void hm_phi_label_execute(SecLabelStmt *statement);

/*
 * Before and after any SECURITY LABEL that others execute; the first returns
 * what the second needs, also on error.
 */
extern const SecLabelStmt *hm_phi_label_begin(const SecLabelStmt *statement);
extern void hm_phi_label_end(const SecLabelStmt *outer);

#endif							/* HM_POLICY_PHI_LABEL_H */
