/*
 * src/audit/redact.h
 *	  What a statement's text may hold when it goes on record.
 *
 * Secrets never go on record.  Literals and comments of statements that may
 * hold data go there only under hipaa_migrate.record_literals = keep; those
 * of schema definitions always.  docs/audit_redact.md has the list.
 *
 * Literals are found by lexer.c, so nothing depends on the parse: a parse
 * tree only tells that a statement's literals are schema.  Raises nothing but
 * "out of memory", so it may be called while an error is handled and in an
 * aborted transaction.  Time is linear in the statement's length.
 */
#ifndef HM_AUDIT_REDACT_H
#define HM_AUDIT_REDACT_H

#include "base/hash.h"
#include "base/settings.h"
#include "nodes/nodes.h"

/* No recorded text is longer, in bytes. */
#define HM_REDACTED_LIMIT 8192

/* What stands at the end of a text that was too long, or not understood. */
#define HM_REDACTED_CUT		" /* cut */"
#define HM_REDACTED_LEFT_OUT	" /* the rest is left out */"

/*
 * The statement that begins at byte location of text and is length bytes
 * long, as RawStmt and PlannedStmt tell it: length 0 is the rest of text,
 * location -1 its beginning.  tree is any node of the statement (RawStmt,
 * PlannedStmt, Query, or the bare statement), or NULL when it was not parsed:
 * then every literal is replaced, whatever the setting.
 *
 * Returns a palloc'd text.  If hash is not NULL, it gets the SHA-256 of the
 * whole statement, in the database's encoding, from its first token to its
 * last, without the semicolon; secrets (only they) are replaced in it too,
 * for a password could be guessed from its hash.
 */
extern char *hm_redact_statement(const char *text, int location, int length,
								 const Node *tree, uint8 *hash);

/* The same, under a given value of hipaa_migrate.record_literals. */
extern char *hm_redact_statement_as(HmRecordLiterals literals,
									const char *text, int location,
									int length, const Node *tree, uint8 *hash);

#endif							/* HM_AUDIT_REDACT_H */
