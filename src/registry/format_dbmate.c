/*
 * src/registry/format_dbmate.c
 *	  dbmate: <digits>_<words>.sql with "-- migrate:up" and "-- migrate:down".
 *
 * The option transaction:false behind either marker takes the migration out
 * of its transaction.  dbmate runs in the order of the file names.
 */
#include "postgres.h"

#include "registry/format_tool.h"

#define UP "migrate:up"
#define DOWN "migrate:down"

static bool
claims(const HmFolder *folder, const HmSourceFile *file)
{
	return hm_path_ends(file->path, ".sql") &&
		(hm_line_find_directive(file, UP) ||
		 hm_line_find_directive(file, DOWN));
}

static void
read_options(HmSections *sections, const HmLine *line, const char *options)
{
	ListCell   *cell;

	foreach(cell, hm_text_split(options, " \t"))
	{
		const char *option = lfirst(cell);

		if (strcmp(option, "transaction:false") == 0)
			sections->untransactional = true;
		else if (strcmp(option, "transaction:true") != 0)
			hm_format_refuse(line->file->path, line->number,
							 "unrecognized option \"%s\"", option);
	}
}

static void
read_line(HmSections *sections, const HmLine *line)
{
	char	   *up = hm_line_directive(line, UP);
	char	   *down = hm_line_directive(line, DOWN);

	if (up)
	{
		hm_section_begin(&sections->up, line);
		read_options(sections, line, up);
	}
	else if (down)
	{
		hm_section_begin(&sections->down, line);
		read_options(sections, line, down);
	}
	hm_sections_check_line(sections, line);
}

static HmDraft *
read_file(const HmSourceFile *file)
{
	HmSections	sections = {{0}};
	HmLine		line;

	hm_line_begin(&line, file);
	while (hm_line_next(&line))
		read_line(&sections, &line);
	return hm_sections_draft(hm_format_dbmate.name, file, &sections);
}

static int
compare_file_names(const ListCell *a, const ListCell *b)
{
	return strcmp(hm_path_name(((HmSourceFile *) lfirst(a))->path),
				  hm_path_name(((HmSourceFile *) lfirst(b))->path));
}

static void
read(HmFolder *folder, List *files)
{
	List	   *drafts = NIL;
	ListCell   *cell;

	list_sort(files, compare_file_names);
	foreach(cell, files)
		drafts = lappend(drafts, read_file(lfirst(cell)));
	hm_format_refuse_twins(drafts);
	folder->drafts = list_concat(folder->drafts, drafts);
}

const HmFormat hm_format_dbmate = {"dbmate", claims, read};
