/*
 * src/registry/format.h
 *	  Migrations out of the files of other tools.
 *
 * Formats: pairs (x.up.sql, x.down.sql, x.verify.sql), folders (x/up.sql and
 * so on), dbmate, goose, flyway, liquibase (formatted SQL), sqitch.  Each
 * file belongs to the first tool that recognises it, so that a folder may
 * hold several kinds.
 *
 * Pure: no catalogs, no files, nothing but the strings handed in.  What
 * cannot be read rightly is refused with HM_ERRCODE_FILE, the message naming
 * file and line; what is left out is listed with the reason.  Whether the
 * SQL is acceptable is for the registry to say.
 */
#ifndef HM_REGISTRY_FORMAT_H
#define HM_REGISTRY_FORMAT_H

#include "nodes/pg_list.h"
#include "registry/draft.h"

typedef struct HmSourceFile
{
	const char *path;			/* relative to the folder, parted by '/' */

	/*
	 * In the server's encoding, without byte order mark, ended by a zero
	 * byte.  NULL for a file that is there but was not read: it can only be
	 * ignored.
	 */
	const char *content;
	int32		length;
	const char *unread;			/* when content is NULL: why */
} HmSourceFile;

typedef struct HmIgnoredFile
{
	const char *path;
	const char *format;			/* NULL: none was recognised */
	const char *reason;
} HmIgnoredFile;

typedef struct HmFolder
{
	List	   *drafts;			/* of HmDraft *, each tool's in its order */
	List	   *ignored;		/* of HmIgnoredFile * */
	List	   *sqitch_folders; /* of char *: folders with a sqitch.plan */
} HmFolder;

/* Is the content of a file of that name needed? */
extern bool hm_format_wants(const char *path);

/*
 * files is a list of HmSourceFile *, in any order.  The names of the drafts
 * are proven to be unique and to sort as each tool sorts its own.
 */
extern HmFolder *hm_format_read(List *files);

#endif							/* HM_REGISTRY_FORMAT_H */
