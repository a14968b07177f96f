/*
 * src/registry/format_liquibase.c
 *	  Liquibase's formatted SQL: changesets, each with its rollback.
 *
 * Files run in the order of their paths, the changesets of a file in the
 * order in which they stand there; the name is made of the number that the
 * file's name begins with and of that position.  A changeset that runs on
 * change is a repeatable migration.  Preconditions and properties are
 * refused: Liquibase decides about them when it runs.
 */
#include "postgres.h"

#include "registry/format_changeset.h"
#include "registry/name_map.h"

#define FIRST_LINE "liquibase formatted sql"

/* Going down does nothing, and that is meant: not the same as no down. */
#define EMPTY_ROLLBACK "SELECT WHERE false"

static const char *const refused[] = {
	"preconditions", "property", "ignoreLines:start", "ignoreLines:end",
	"ignoreLines",
};

static bool
claims(const HmFolder *folder, const HmSourceFile *file)
{
	HmLine		line;

	if (!hm_path_ends(file->path, ".sql"))
		return false;
	hm_line_begin(&line, file);
	while (hm_line_next(&line))
	{
		if (!hm_line_is_blank(&line))
			return hm_line_directive(&line, FIRST_LINE) != NULL;
	}
	return false;
}

/*
 * Adds a line to the rollback.  Lines that stand between are added as empty
 * ones, so that the line numbers in errors are the file's.
 */
static void
append_rollback(HmChangeset *changeset, const HmLine *line, const char *text)
{
	int			line_number = line->number;

	if (changeset->rollback == NULL)
	{
		changeset->rollback = makeStringInfo();
		changeset->rollback_line = line_number;
	}
	else
	{
		while (changeset->rollback_line + changeset->rollback_lines < line_number)
		{
			appendStringInfoChar(changeset->rollback, '\n');
			changeset->rollback_lines++;
		}
	}
	appendStringInfoString(changeset->rollback, text);
}

static void
read_rollback(HmChangeset *changeset, const HmLine *line, const char *text)
{
	if (pg_strcasecmp(text, "empty") == 0 ||
		pg_strcasecmp(text, "not required") == 0)
		text = EMPTY_ROLLBACK;
	else if (pg_strncasecmp(text, "changeSetId:", 12) == 0 ||
			 pg_strncasecmp(text, "changeSetAuthor:", 16) == 0)
		hm_format_refuse(line->file->path, line->number,
						 "a rollback cannot refer to another changeset");
	append_rollback(changeset, line, text);
}

static bool
begins_rollback_block(const HmLine *line)
{
	List	   *words = hm_text_split(hm_text_trim(line->text, line->length),
									  " \t");

	return list_length(words) == 3 &&
		strcmp(linitial(words), "/*") == 0 &&
		pg_strcasecmp(lsecond(words), "liquibase") == 0 &&
		pg_strcasecmp(lthird(words), "rollback") == 0;
}

static void
read_rollback_block(HmChangeset *changeset, HmLine *line)
{
	int			start = line->number;

	while (hm_line_next(line))
	{
		if (strcmp(hm_text_trim(line->text, line->length), "*/") == 0)
			return;
		append_rollback(changeset, line,
						pnstrdup(line->text, line->length));
	}
	hm_format_refuse(line->file->path, start, "the rollback does not end");
}

/* A line inside a changeset. */
static void
read_line(HmChangeset *changeset, HmLine *line)
{
	char	   *rest;

	rest = hm_line_directive(line, "rollback");
	if (rest)
		read_rollback(changeset, line, rest);
	else if (begins_rollback_block(line))
		read_rollback_block(changeset, line);
	rest = hm_line_directive(line, "comment");
	if (rest == NULL)
		rest = hm_line_directive(line, "comment:");
	if (rest && *rest)
		changeset->comment = rest;
}

static void
refuse_line(const HmLine *line)
{
	for (int i = 0; i < lengthof(refused); i++)
	{
		if (hm_line_directive(line, refused[i]))
			hm_format_refuse(line->file->path, line->number,
							 "\"--%s\" is not supported", refused[i]);
	}
}

/* Header lines above the first changeset would belong to none. */
static void
refuse_headers_before(const HmSourceFile *file, List *changesets)
{
	HmDraftText before = hm_text_whole(file);

	if (changesets != NIL)
		before = hm_text_slice(file, file->content,
							   ((HmChangeset *) linitial(changesets))->start,
							   1);
	hm_header_refuse(&before);
}

static List *
parse_changesets(const HmSourceFile *file)
{
	HmChangeset defaults = {0};
	HmChangeset *changeset = NULL;
	List	   *changesets = NIL;
	HmLine		line;

	defaults.id = "";
	hm_line_begin(&line, file);
	while (hm_line_next(&line))
	{
		char	   *definition = hm_line_directive(&line, "changeset");
		char	   *first = hm_line_directive(&line, FIRST_LINE);

		refuse_line(&line);
		if (definition)
		{
			if (changeset)
				changeset->end = line.text;
			changeset = hm_changeset_begin(&line, definition, &defaults);
			changesets = lappend(changesets, changeset);
		}
		else if (changeset)
			read_line(changeset, &line);
		else if (first)
			hm_changeset_read_attributes(&defaults, &line, first);
		else if (!hm_line_is_blank(&line) && !hm_line_is_comment(&line))
			hm_format_refuse(file->path, line.number,
							 "only comments may stand before the first changeset");
	}
	if (changeset)
		changeset->end = file->content + file->length;
	refuse_headers_before(file, changesets);
	return changesets;
}

/*
 * Statements that end in another delimiter than a semicolon: it must have a
 * line to itself, where a semicolon takes its place.
 */
static void
replace_delimiters(HmDraftText *text, const char *delimiter)
{
	HmSourceFile file = {0};
	StringInfoData replaced;
	HmLine		line;

	if (text->text == NULL || delimiter == NULL)
		return;
	file.content = text->text;
	file.length = strlen(text->text);
	initStringInfo(&replaced);
	hm_line_begin(&line, &file);
	while (hm_line_next(&line))
	{
		if (pg_strcasecmp(hm_text_trim(line.text, line.length),
						  delimiter) == 0)
			appendStringInfoString(&replaced, ";\n");
		else
			appendBinaryStringInfo(&replaced, line.text,
								   line.next - line.text);
	}
	text->text = replaced.data;
}

/*
 * Where a changeset's text ends: blank lines and comments in front of the
 * next changeset are left out, so that adding one changes no other.
 */
static const char *
find_end(const HmChangeset *changeset)
{
	HmSourceFile text = *changeset->file;
	const char *end = changeset->start;
	HmLine		line;

	text.content = changeset->start;
	text.length = changeset->end - changeset->start;
	hm_line_begin(&line, &text);
	while (hm_line_next(&line))
	{
		if (!hm_line_is_blank(&line) && !hm_line_is_comment(&line))
			end = line.text + line.length;
	}
	return end;
}

static void
set_texts(HmDraft *draft, const HmChangeset *changeset)
{
	draft->up = hm_text_slice(changeset->file, changeset->start,
							  find_end(changeset), changeset->line + 1);
	if (changeset->rollback)
	{
		draft->down.text = changeset->rollback->data;
		draft->down.file = changeset->file->path;
		draft->down.first_line = changeset->rollback_line;
	}
	replace_delimiters(&draft->up, changeset->delimiter);
	replace_delimiters(&draft->down, changeset->delimiter);
}

/* From author:id to the name of a changeset that was read before. */
static char *
map_reference(const char *reference, void *argument)
{
	const HmFolder *folder = argument;
	char	   *name = NULL;
	ListCell   *cell;

	foreach(cell, folder->drafts)
	{
		const HmDraft *draft = lfirst(cell);

		if (draft->format == hm_format_liquibase.name &&
			strcmp(draft->original_name, reference) == 0)
			name = pstrdup(draft->name);
	}
	return name;
}

static void
add_draft(HmFolder *folder, const HmChangeset *changeset, int nth)
{
	HmDraft    *draft = hm_format_draft(hm_format_liquibase.name);
	const char *path = changeset->file->path;
	const char *stem = hm_path_strip(hm_path_name(path), ".sql");
	const char *problem = NULL;
	HmHeader	header = {0};
	char	   *name;

	if (changeset->repeatable)
		name = hm_name_map_repeatable(psprintf("%s-%04d-%s", stem, nth,
											   changeset->id),
									  psprintf("%s:%s", stem, changeset->id));
	else
		name = hm_name_map_nth(stem, nth, changeset->id, &problem);
	set_texts(draft, changeset);
	hm_format_set_name(draft, path, name, changeset->id, problem);
	if (changeset->repeatable)
		draft->kind = "repeatable";
	draft->description = changeset->comment;
	hm_header_read(&header, &draft->up);
	hm_header_apply(&header, draft, map_reference, folder);
	if (changeset->untransactional)
		hm_format_set_untransactional(draft, &header);
	folder->drafts = lappend(folder->drafts, draft);
}

static void
refuse_twin(List *changesets, int nth)
{
	const HmChangeset *changeset = list_nth(changesets, nth);

	for (int i = 0; i < nth; i++)
	{
		const HmChangeset *before = list_nth(changesets, i);

		if (strcmp(before->id, changeset->id) == 0)
			hm_format_refuse(changeset->file->path, changeset->line,
							 "changeset \"%s\" already stands in line %d",
							 changeset->id, before->line);
	}
}

static void
read_file(HmFolder *folder, const HmSourceFile *file)
{
	List	   *changesets = parse_changesets(file);

	if (changesets == NIL)
		hm_format_ignore(folder, file->path, hm_format_liquibase.name,
						 "it holds no changeset");
	for (int i = 0; i < list_length(changesets); i++)
	{
		const HmChangeset *changeset = list_nth(changesets, i);

		refuse_twin(changesets, i);
		if (changeset->ignored)
			hm_format_ignore(folder, file->path, hm_format_liquibase.name,
							 changeset->ignored);
		else
			add_draft(folder, changeset, i + 1);
	}
}

static void
read(HmFolder *folder, List *files)
{
	ListCell   *cell;

	foreach(cell, files)
		read_file(folder, lfirst(cell));
}

const HmFormat hm_format_liquibase = {"liquibase", claims, read};
