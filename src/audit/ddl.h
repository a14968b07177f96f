/*
 * src/audit/ddl.h
 *	  Puts on record every change of the schema that a migration makes, and
 *	  what else the guard lets pass.
 *
 * guard/frame.c calls hm_ddl_begin() and hm_ddl_end() around each utility
 * command while a migration is executed (hm_scope_current()), nested ones
 * included, and around those for which it has another occasion.  Event
 * triggers name the objects of the commands they see; for the others the
 * command and its text must do.
 *
 * The event is appended after the command, to the transaction that is then
 * current: no command gets a transaction identifier earlier than without us.
 * Of a command that commits by itself, start and failure go to the recorder
 * too.
 */
#ifndef HM_AUDIT_DDL_H
#define HM_AUDIT_DDL_H

#include "audit/kind.h"
#include "base/hash.h"
#include "nodes/plannodes.h"

/* Why a command outside of migrations is put on record. */
typedef struct HmDdlOccasion
{
	HmEventKind kind;
	const char *rule;
	const char *details;		/* a JSON object */
	const char *ticket;			/* or NULL */
	const char *object_type;	/* unless event triggers name one */
	const char *object;
	const char *statement;		/* redacted */
	const uint8 *statement_hash;
} HmDdlOccasion;

/*
 * What is known of a command before it runs: afterwards its tree may be
 * changed or gone.
 */
typedef struct HmDdlFrame
{
	struct HmDdlFrame *outer;	/* the command that this one is part of */
	const HmDdlOccasion *occasion;	/* NULL: a migration executes it */
	bool		recorded;		/* it is one to put on record, */
	bool		idle;			/* finds nothing to do, */
	bool		compared;		/* what exists is as it asks for, */
	bool		commits;		/* commits by itself, */
	bool		appended;		/* and is on record */
	const char *command;		/* tag */
	const char *statement;		/* redacted */
	uint8		statement_hash[HM_HASH_LENGTH];
	List	   *named;			/* of HmDdlObject *: what its text names */
	List	   *objects;		/* what event triggers say, in that order */
} HmDdlFrame;

/*
 * A part of another command is on record with that one.  The occasion, if
 * there is one, must outlive the command.
 */
extern void hm_ddl_begin(HmDdlFrame *frame, const PlannedStmt *statement,
						 const char *text, bool is_part,
						 const HmDdlOccasion *occasion);

/*
 * What the command finds there already, and is as it asks for: it names the
 * event of a command that does nothing.
 */
extern void hm_ddl_note_existing(HmDdlFrame *frame, char *type,
								 char *identity);

/* A command that dropped the extension took the record along. */
extern void hm_ddl_end(HmDdlFrame *frame);

/* Instead of hm_ddl_end(), while the command's error is handled. */
extern void hm_ddl_fail(HmDdlFrame *frame);

#endif							/* HM_AUDIT_DDL_H */
