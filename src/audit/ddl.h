/*
 * src/audit/ddl.h
 *	  Puts on record every change of the schema that a migration makes.
 *
 * guard/hooks.c calls hm_ddl_begin() and hm_ddl_end() around each utility
 * command while a migration is executed (hm_scope_current()), nested ones
 * included.  Event triggers name the objects of the commands they see; for
 * the others the command and its text must do.
 *
 * The event is appended after the command, to the transaction that is then
 * current: no command gets a transaction identifier earlier than without us.
 * Of a command that commits by itself, start and failure go to the recorder
 * too.
 */
#ifndef HM_AUDIT_DDL_H
#define HM_AUDIT_DDL_H

#include "base/hash.h"
#include "nodes/plannodes.h"

/*
 * What is known of a command before it runs: afterwards its tree may be
 * changed or gone.
 */
typedef struct HmDdlFrame
{
	struct HmDdlFrame *outer;	/* the command that this one is part of */
	bool		recorded;		/* it is one to put on record, */
	bool		commits;		/* commits by itself, */
	bool		appended;		/* and is on record */
	const char *command;		/* tag */
	char	   *statement;
	uint8		statement_hash[HM_HASH_LENGTH];
	List	   *named;			/* of HmDdlObject *: what its text names */
	List	   *objects;		/* what event triggers say, in that order */
} HmDdlFrame;

/* A part of another command is on record with that one. */
extern void hm_ddl_begin(HmDdlFrame *frame, const PlannedStmt *statement,
						 const char *text, bool is_part);
extern void hm_ddl_end(HmDdlFrame *frame);

/* Instead of hm_ddl_end(), while the command's error is handled. */
extern void hm_ddl_fail(HmDdlFrame *frame);

#endif							/* HM_AUDIT_DDL_H */
