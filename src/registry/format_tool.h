/*
 * src/registry/format_tool.h
 *	  What the formats share: lines, slices of a file, header lines, and the
 *	  table by which format.c finds them.
 */
#ifndef HM_REGISTRY_FORMAT_TOOL_H
#define HM_REGISTRY_FORMAT_TOOL_H

#include "base/errors.h"
#include "registry/format.h"

typedef struct HmFormat
{
	const char *name;

	/* Is the file this tool's?  Looks at the path, then at the content. */
	bool		(*claims) (const HmFolder *folder, const HmSourceFile *file);

	/*
	 * Appends the drafts that the files make to folder->drafts, in the tool's
	 * own order, and what they do not make to folder->ignored.  files are
	 * those claimed, sorted by path.
	 */
	void		(*read) (HmFolder *folder, List *files);
} HmFormat;

extern const HmFormat hm_format_pairs;
extern const HmFormat hm_format_folders;
extern const HmFormat hm_format_dbmate;
extern const HmFormat hm_format_goose;
extern const HmFormat hm_format_flyway;
extern const HmFormat hm_format_liquibase;
extern const HmFormat hm_format_sqitch;

/* Refuses a file.  The rest is a format and its arguments. */
#define hm_format_refuse(path, line, ...) \
	ereport(ERROR, \
			(errcode(HM_ERRCODE_FILE), \
			 errmsg("file \"%s\", line %d: %s", (path), (line), \
					psprintf(__VA_ARGS__))))

#define hm_format_refuse_file(path, ...) \
	ereport(ERROR, \
			(errcode(HM_ERRCODE_FILE), \
			 errmsg("file \"%s\": %s", (path), psprintf(__VA_ARGS__))))

extern void hm_format_ignore(HmFolder *folder, const char *path,
							 const char *format, const char *reason);

/* A draft with everything at its default. */
extern HmDraft *hm_format_draft(const char *format);

/* Sets the names; refuses, naming the path, when name is NULL. */
extern void hm_format_set_name(HmDraft *draft, const char *path,
							   const char *name, const char *original,
							   const char *problem);

/* By the numbers that the tool's names begin with; what has none is last. */
extern void hm_format_sort_by_number(List *drafts);

/* As that, but a fraction of a second makes a time stamp no larger number. */
extern void hm_format_sort_by_time(List *drafts);

/* Refuses two drafts of a sorted list that begin with the same number. */
extern void hm_format_refuse_twins(List *drafts);

/*
 * Lines (format_line.c).  A line has no line end, be it LF or CRLF.
 */
typedef struct HmLine
{
	const HmSourceFile *file;
	const char *text;			/* not ended by a zero byte */
	int			length;
	int			number;			/* from 1 */
	const char *next;			/* where the next one begins */
} HmLine;

extern void hm_line_begin(HmLine *line, const HmSourceFile *file);
extern bool hm_line_next(HmLine *line);

/* Nothing but white space, or nothing but that and a comment to the end? */
extern bool hm_line_is_blank(const HmLine *line);
extern bool hm_line_is_comment(const HmLine *line);

/*
 * "-- keyword rest", whatever the case of the keyword and the spaces around
 * it: the rest, trimmed, or NULL for any other line.
 */
extern char *hm_line_directive(const HmLine *line, const char *keyword);

/* Is there such a line in the file? */
extern bool hm_line_find_directive(const HmSourceFile *file,
								   const char *keyword);

/* The text from one place of the file to another, which begins in line. */
extern HmDraftText hm_text_slice(const HmSourceFile *file, const char *from,
								 const char *to, int line);
extern HmDraftText hm_text_whole(const HmSourceFile *file);
extern char *hm_text_trim(const char *text, int length);

/* Splits at commas or white space; empty pieces are left out. */
extern List *hm_text_split(const char *text, const char *separators);

/* Paths: "a/b/x.up.sql" has the folder "a/b/" and the name "x.up.sql". */
extern char *hm_path_folder(const char *path);
extern const char *hm_path_name(const char *path);
extern bool hm_path_ends(const char *path, const char *suffix);

/* The path without a suffix that it is known to have. */
extern char *hm_path_strip(const char *path, const char *suffix);

/*
 * Header lines (format_header.c): "-- depends-on: a, b" and the like, among
 * the comments at the top of a file or of the section that goes up.
 */
typedef struct HmHeader
{
	List	   *depends_on;		/* of char *, as written */
	const char *path;
	int			depends_on_line;
	const char *kind;
	int			kind_line;
	const char *description;
	const char *transactional;
	int			transactional_line;
	const char *run_as;
} HmHeader;

/* From the tool's name of a migration to the registry's, or NULL. */
typedef char *(*HmNameMapper) (const char *reference, void *argument);

/* Reads the headers at the top of a text; may be called for several. */
extern void hm_header_read(HmHeader *header, const HmDraftText *text);

/* Refuses a text that goes down or verifies and has such lines. */
extern void hm_header_refuse(const HmDraftText *text);

/* Moves what was read to the draft. */
extern void hm_header_apply(const HmHeader *header, HmDraft *draft,
							HmNameMapper mapper, void *argument);

/* A mapper for tools whose names begin with a whole number. */
extern char *hm_header_map_stem(const char *reference, void *argument);

/* The tool says that the migration runs outside a transaction. */
extern void hm_format_set_untransactional(HmDraft *draft,
										  const HmHeader *header);

/*
 * Files with two sections, each begun by a marker line (format_sections.c).
 */
typedef struct HmSection
{
	int			line;			/* of the marker, 0: not seen */
	const char *start;			/* of that line */
	const char *end;			/* of that line, where the text begins */
} HmSection;

typedef struct HmSections
{
	HmSection	up;
	HmSection	down;
	bool		untransactional;
} HmSections;

extern void hm_section_begin(HmSection *section, const HmLine *line);

/* To be called for each line, after it was looked at for markers. */
extern void hm_sections_check_line(const HmSections *sections,
								   const HmLine *line);

/* The draft of a file whose name begins with a number. */
extern HmDraft *hm_sections_draft(const char *format,
								  const HmSourceFile *file,
								  const HmSections *sections);

#endif							/* HM_REGISTRY_FORMAT_TOOL_H */
