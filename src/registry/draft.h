/*
 * src/registry/draft.h
 *	  A migration as somebody hands it in, before the registry has judged it.
 *
 * migrate_register() fills a draft from its arguments, the file formats fill
 * drafts from files; hm_registry_register() is the only consumer.  All
 * pointers live in the memory context that was current when the draft was
 * made, strings are in the server's encoding.
 */
#ifndef HM_REGISTRY_DRAFT_H
#define HM_REGISTRY_DRAFT_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/*
 * One of a migration's texts.  file and first_line say where the text begins
 * in what the author wrote, so that every error can name that line; file is
 * NULL for text that came as a function argument.
 */
typedef struct HmDraftText
{
	const char *text;			/* NULL: there is none */
	const char *file;			/* path relative to the folder, or NULL */
	int			first_line;		/* line of file where text begins, from 1 */
} HmDraftText;

typedef struct HmDraft
{
	const char *name;			/* the registry's name */
	const char *original_name;	/* the tool's own name, or NULL if the same */
	const char *format;			/* "sql" for arguments, else e.g. "flyway" */
	HmDraftText up;
	HmDraftText down;
	HmDraftText verify;
	List	   *depends_on;		/* of char *, "name" or "project:name" */
	const char *kind;			/* schema | data | repeatable */
	const char *description;	/* or NULL */
	const char *transactional;	/* auto | yes | no */
	const char *run_as;			/* role name, or NULL: who runs it */
	Jsonb	   *settings;		/* object of setting names to values, or NULL */

	/*
	 * The tool's scripts carry their own BEGIN ... COMMIT, some with more
	 * after it: such pairs are taken out, for the runner gives every
	 * migration its own transaction.  Anything else that controls
	 * transactions is refused.
	 */
	bool		sheds_transactions;

	/*
	 * A tool reads a down only when it reverts.  One that cannot be parsed is
	 * kept, with a warning.
	 */
	bool		tolerates_bad_down;
} HmDraft;

#endif							/* HM_REGISTRY_DRAFT_H */
