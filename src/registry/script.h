/*
 * src/registry/script.h
 *	  The text of a migration, split into statements by the server's parser.
 *
 * hm_script_parse() refuses, with the line, what cannot run inside the
 * server: psql meta-commands, COPY from or to the client, transaction
 * control, placeholders.  Parsing does not depend on the session: the
 * settings that the lexer heeds are pinned.
 */
#ifndef HM_REGISTRY_SCRIPT_H
#define HM_REGISTRY_SCRIPT_H

#include "nodes/parsenodes.h"
#include "registry/draft.h"

/* Which text of which migration: what errors and contexts say. */
typedef struct HmScriptOrigin
{
	const char *migration;		/* as displayed; NULL: of none */
	const char *original_name;	/* in the tool it comes from, or NULL */
	const char *direction;		/* "up", "down" or "verify" */
	const char *file;			/* or NULL */
	int			first_line;		/* line of file where the text begins */
} HmScriptOrigin;

typedef struct HmScriptStatement
{
	RawStmt    *raw;
	int			start;			/* byte offset of the first token */
	int			length;			/* without the semicolon */
	int			line;			/* of the file */
} HmScriptStatement;

typedef struct HmScript
{
	HmScriptOrigin origin;
	char	   *text;			/* what was taken out is blank, lines stay */
	int			nstatements;
	HmScriptStatement *statements;

	/*
	 * The first statement that cannot run inside a transaction block, and its
	 * name; -1 when there is none.
	 */
	int			top_level_index;
	const char *top_level_command;
} HmScript;

/*
 * Everything is allocated in the current memory context.  With
 * sheds_transactions, pairs of BEGIN and COMMIT are blanked.
 */
extern HmScript *hm_script_parse(const char *text, HmScriptOrigin origin,
								 bool sheds_transactions);

/*
 * The same of a text that nobody is going to run: refuses syntax errors only.
 */
extern HmScript *hm_script_read(const char *text, HmScriptOrigin origin);

/* On the GUC level that the caller has opened. */
extern void hm_script_pin_settings(void);

/* The text of one statement, palloc'd. */
extern char *hm_script_statement_text(const HmScript *script, int index);

/*
 * The same of the text as it was handed in (NULL: it was not rewritten), where
 * that is not what runs; NULL where it is.
 */
extern char *hm_script_original_text(const HmScript *original,
									 const HmScript *script, int index);

/*
 * For error context callbacks: turns a cursor position inside text into a
 * position inside the part of it from start to start + length, which the
 * client sees as the query.  Returns the line of the file where the error
 * is, or 0 when the error has no position in text.
 */
extern int	hm_script_move_error_position(const char *text, int start,
										  int length, int first_line);

/*
 * 'migration "x" (file "f")', 'down of migration "x"', palloc'd.  The
 * original name is shown where the file's name does not tell it.
 */
extern char *hm_script_origin_display(const HmScriptOrigin *origin);

#endif							/* HM_REGISTRY_SCRIPT_H */
