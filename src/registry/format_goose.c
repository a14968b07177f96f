/*
 * src/registry/format_goose.c
 *	  goose: <number>_<words>.sql with "-- +goose Up" and "-- +goose Down".
 *
 * StatementBegin and StatementEnd are comments here: the server's own parser
 * finds the statements.  NO TRANSACTION takes the file out of its
 * transaction.  ENVSUB ON is refused, for only the shell that ran goose knew
 * the values.  goose runs in the order of the numbers.
 */
#include "postgres.h"

#include "registry/format_tool.h"

#define MARKER "+goose"

static bool
claims(const HmFolder *folder, const HmSourceFile *file)
{
	return hm_path_ends(file->path, ".sql") &&
		hm_line_find_directive(file, MARKER);
}

static bool
has_no_effect(const char *marker)
{
	return pg_strcasecmp(marker, "StatementBegin") == 0 ||
		pg_strcasecmp(marker, "StatementEnd") == 0 ||
		pg_strcasecmp(marker, "ENVSUB OFF") == 0;
}

static void
read_marker(HmSections *sections, const HmLine *line, const char *marker)
{
	const char *path = line->file->path;

	if (pg_strcasecmp(marker, "Up") == 0)
		hm_section_begin(&sections->up, line);
	else if (pg_strcasecmp(marker, "Down") == 0)
		hm_section_begin(&sections->down, line);
	else if (pg_strcasecmp(marker, "NO TRANSACTION") == 0)
		sections->untransactional = true;
	else if (pg_strcasecmp(marker, "ENVSUB ON") == 0)
		hm_format_refuse(path, line->number,
						 "environment variables are not substituted");
	else if (!has_no_effect(marker))
		hm_format_refuse(path, line->number, "unrecognized marker \"%s %s\"",
						 MARKER, marker);
}

static HmDraft *
read_file(const HmSourceFile *file)
{
	HmSections	sections = {{0}};
	HmLine		line;

	hm_line_begin(&line, file);
	while (hm_line_next(&line))
	{
		char	   *marker = hm_line_directive(&line, MARKER);

		if (marker)
			read_marker(&sections, &line, marker);
		hm_sections_check_line(&sections, &line);
	}
	return hm_sections_draft(hm_format_goose.name, file, &sections);
}

static void
read(HmFolder *folder, List *files)
{
	List	   *drafts = NIL;
	ListCell   *cell;

	foreach(cell, files)
		drafts = lappend(drafts, read_file(lfirst(cell)));
	hm_format_sort_by_number(drafts);
	hm_format_refuse_twins(drafts);
	folder->drafts = list_concat(folder->drafts, drafts);
}

const HmFormat hm_format_goose = {"goose", claims, read};
