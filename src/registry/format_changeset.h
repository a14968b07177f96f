/*
 * src/registry/format_changeset.h
 *	  One changeset of a Liquibase file: its first line, its attributes.
 */
#ifndef HM_REGISTRY_FORMAT_CHANGESET_H
#define HM_REGISTRY_FORMAT_CHANGESET_H

#include "lib/stringinfo.h"
#include "registry/format_tool.h"

typedef struct HmChangeset
{
	const HmSourceFile *file;
	int			line;			/* where it begins */
	const char *id;				/* "author:id" */
	const char *start;			/* of the text, behind the first line */
	const char *end;

	bool		untransactional;
	bool		repeatable;
	const char *delimiter;		/* ends statements; NULL: a semicolon */
	const char *ignored;		/* why it is left out, or NULL */

	const char *comment;
	StringInfo	rollback;		/* NULL: none is given */
	int			rollback_line;	/* where it begins */
	int			rollback_lines; /* how many lines it holds by now */
} HmChangeset;

/* Reads "author:id attributes", which stands in the given line. */
extern HmChangeset *hm_changeset_begin(const HmLine *line,
									   const char *definition,
									   const HmChangeset *defaults);

/* Reads "key:value key:"value"". */
extern void hm_changeset_read_attributes(HmChangeset *changeset,
										 const HmLine *line,
										 const char *attributes);

#endif							/* HM_REGISTRY_FORMAT_CHANGESET_H */
