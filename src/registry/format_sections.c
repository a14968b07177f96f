/*
 * src/registry/format_sections.c
 *	  Files whose sections begin with marker lines: one goes up, one down.
 */
#include "postgres.h"

#include "registry/format_tool.h"
#include "registry/name_map.h"

void
hm_section_begin(HmSection *section, const HmLine *line)
{
	if (section->line)
		hm_format_refuse(line->file->path, line->number,
						 "the section that began in line %d begins again",
						 section->line);
	section->line = line->number;
	section->start = line->text;
	section->end = line->next;
}

void
hm_sections_check_line(const HmSections *sections, const HmLine *line)
{
	if (sections->up.line)
		return;
	if (sections->down.line)
		hm_format_refuse(line->file->path, line->number,
						 "the section that goes down stands before the one that goes up");
	if (!hm_line_is_comment(line) && !hm_line_is_blank(line))
		hm_format_refuse(line->file->path, line->number,
						 "only comments may stand before the section that goes up");
}

static void
set_texts(HmDraft *draft, const HmSourceFile *file, const HmSections *sections)
{
	const char *end = file->content + file->length;
	const HmSection *up = &sections->up;
	const HmSection *down = &sections->down;

	draft->up = hm_text_slice(file, up->end, down->line ? down->start : end,
							  up->line + 1);
	if (down->line)
		draft->down = hm_text_slice(file, down->end, end, down->line + 1);
}

HmDraft *
hm_sections_draft(const char *format, const HmSourceFile *file,
				  const HmSections *sections)
{
	HmDraft    *draft = hm_format_draft(format);
	const char *stem = hm_path_strip(hm_path_name(file->path), ".sql");
	const char *problem = NULL;
	char	   *name = hm_name_map_stem(stem, &problem);
	HmDraftText before;
	HmHeader	header = {0};

	if (sections->up.line == 0)
		hm_format_refuse_file(file->path, "there is no section that goes up");
	if (hm_name_map_version(stem) == NULL)
		hm_format_refuse_file(file->path, "its name does not begin with a version");
	set_texts(draft, file, sections);
	hm_format_set_name(draft, file->path, name, stem, problem);
	before = hm_text_slice(file, file->content, sections->up.start, 1);
	hm_header_read(&header, &before);
	hm_header_read(&header, &draft->up);
	hm_header_refuse(&draft->down);
	hm_header_apply(&header, draft, hm_header_map_stem, NULL);
	if (sections->untransactional)
		hm_format_set_untransactional(draft, &header);
	return draft;
}
