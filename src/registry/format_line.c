/*
 * src/registry/format_line.c
 *	  Lines and slices of a file, and the parts of its path.
 */
#include "postgres.h"

#include "registry/format_tool.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
		c == '\v';
}

void
hm_line_begin(HmLine *line, const HmSourceFile *file)
{
	memset(line, 0, sizeof(HmLine));
	line->file = file;
	line->next = file->content;
}

bool
hm_line_next(HmLine *line)
{
	const char *end = line->file->content + line->file->length;
	const char *newline;

	if (line->next >= end)
		return false;
	newline = memchr(line->next, '\n', end - line->next);
	line->text = line->next;
	line->length = (newline ? newline : end) - line->text;
	if (line->length > 0 && line->text[line->length - 1] == '\r')
		line->length--;
	line->next = newline ? newline + 1 : end;
	line->number++;
	return true;
}

/* The first character that is no white space, or the line's length. */
static int
indentation(const HmLine *line)
{
	int			column = 0;

	while (column < line->length && is_space(line->text[column]))
		column++;
	return column;
}

bool
hm_line_is_blank(const HmLine *line)
{
	return indentation(line) == line->length;
}

bool
hm_line_is_comment(const HmLine *line)
{
	int			column = indentation(line);

	return line->length >= column + 2 &&
		strncmp(line->text + column, "--", 2) == 0;
}

char *
hm_line_directive(const HmLine *line, const char *keyword)
{
	int			column = indentation(line) + 2;
	int			length = strlen(keyword);

	if (!hm_line_is_comment(line))
		return NULL;
	while (column < line->length && is_space(line->text[column]))
		column++;
	if (line->length < column + length ||
		pg_strncasecmp(line->text + column, keyword, length) != 0)
		return NULL;
	column += length;
	if (column < line->length && !is_space(line->text[column]))
		return NULL;
	return hm_text_trim(line->text + column, line->length - column);
}

bool
hm_line_find_directive(const HmSourceFile *file, const char *keyword)
{
	HmLine		line;

	hm_line_begin(&line, file);
	while (hm_line_next(&line))
	{
		if (hm_line_directive(&line, keyword))
			return true;
	}
	return false;
}

HmDraftText
hm_text_slice(const HmSourceFile *file, const char *from, const char *to,
			  int line)
{
	HmDraftText text = {0};

	text.text = pnstrdup(from, to - from);
	text.file = file->path;
	text.first_line = line;
	return text;
}

HmDraftText
hm_text_whole(const HmSourceFile *file)
{
	return hm_text_slice(file, file->content, file->content + file->length, 1);
}

char *
hm_text_trim(const char *text, int length)
{
	while (length > 0 && is_space(text[length - 1]))
		length--;
	while (length > 0 && is_space(*text))
	{
		text++;
		length--;
	}
	return pnstrdup(text, length);
}

List *
hm_text_split(const char *text, const char *separators)
{
	List	   *pieces = NIL;

	while (*text)
	{
		size_t		length = strcspn(text, separators);
		char	   *piece = hm_text_trim(text, length);

		if (*piece)
			pieces = lappend(pieces, piece);
		text += length;
		text += strspn(text, separators);
	}
	return pieces;
}

const char *
hm_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *
hm_path_folder(const char *path)
{
	return pnstrdup(path, hm_path_name(path) - path);
}

bool
hm_path_ends(const char *path, const char *suffix)
{
	size_t		length = strlen(path);
	size_t		suffix_length = strlen(suffix);

	return length >= suffix_length &&
		strcmp(path + length - suffix_length, suffix) == 0;
}

char *
hm_path_strip(const char *path, const char *suffix)
{
	Assert(hm_path_ends(path, suffix));
	return pnstrdup(path, strlen(path) - strlen(suffix));
}
