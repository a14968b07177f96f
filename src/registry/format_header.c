/*
 * src/registry/format_header.c
 *	  Header lines: what the author tells the registry in comments.
 *
 *		-- depends-on: 20250103000000-create-base-schema, other:1_name
 *		-- kind: data
 *		-- description: moves the paper records over
 *		-- transactional: no
 *		-- run-as: schema_owner
 *
 * They stand among the comments at the top; the first thing that is no
 * comment ends them.  Other comments are left alone.
 */
#include "postgres.h"

#include "registry/format_tool.h"
#include "registry/name_map.h"

typedef void (*Setter) (HmHeader *header, const char *path, int line,
						const char *value);

typedef struct Key
{
	const char *name;
	Setter		set;
	bool		prose;			/* a comment may well begin like this */
} Key;

static void
refuse_second(const char *before, const char *path, int line,
			  const char *key)
{
	if (before)
		hm_format_refuse(path, line, "\"%s\" is given twice", key);
}

static void
set_depends_on(HmHeader *header, const char *path, int line,
			   const char *value)
{
	header->depends_on = list_concat(header->depends_on,
									 hm_text_split(value, ","));
	header->path = path;
	header->depends_on_line = line;
}

static void
set_kind(HmHeader *header, const char *path, int line, const char *value)
{
	refuse_second(header->kind, path, line, "kind");
	if (strcmp(value, "schema") != 0 && strcmp(value, "data") != 0 &&
		strcmp(value, "repeatable") != 0)
		hm_format_refuse(path, line, "unrecognized kind \"%s\"; kinds are schema, data and repeatable",
						 value);
	header->kind = value;
	header->path = path;
	header->kind_line = line;
}

static void
set_description(HmHeader *header, const char *path, int line,
				const char *value)
{
	if (header->description)
		header->description = psprintf("%s %s", header->description, value);
	else
		header->description = value;
}

static void
set_transactional(HmHeader *header, const char *path, int line,
				  const char *value)
{
	refuse_second(header->transactional, path, line, "transactional");
	if (strcmp(value, "auto") != 0 && strcmp(value, "yes") != 0 &&
		strcmp(value, "no") != 0)
		hm_format_refuse(path, line, "unrecognized value \"%s\" of transactional; it is auto, yes or no",
						 value);
	header->transactional = value;
	header->path = path;
	header->transactional_line = line;
}

static void
set_run_as(HmHeader *header, const char *path, int line, const char *value)
{
	refuse_second(header->run_as, path, line, "run-as");
	header->run_as = value;
}

static const Key keys[] = {
	{"depends-on", set_depends_on, false},
	{"kind", set_kind, false},
	{"description", set_description, true},
	{"transactional", set_transactional, false},
	{"run-as", set_run_as, false},
};

/* The key that a comment line begins with, and its value. */
static const Key *
find_key(const HmLine *line, char **value)
{
	char	   *comment;
	char	   *colon;
	int			length;

	comment = hm_text_trim(line->text, line->length) + 2;
	comment += strspn(comment, " \t");
	colon = strchr(comment, ':');
	if (colon == NULL)
		return NULL;
	for (length = colon - comment;
		 length > 0 && strchr(" \t", comment[length - 1]); length--)
		;
	*value = hm_text_trim(colon + 1, strlen(colon + 1));
	for (int i = 0; i < lengthof(keys); i++)
	{
		if (strlen(keys[i].name) == length &&
			pg_strncasecmp(comment, keys[i].name, length) == 0)
			return &keys[i];
	}
	return NULL;
}

/*
 * Moves behind a block comment that begins in this line, to the line where
 * it ends.  False when it does not end, or something follows it there.
 */
static bool
skip_block_comment(HmLine *line)
{
	const char *c = line->text;
	int			depth = 0;

	do
	{
		const char *end = line->text + line->length;

		for (; c < end; c++)
		{
			if (strncmp(c, "/*", 2) == 0)
				depth++;
			else if (strncmp(c, "*/", 2) == 0)
				depth--;
			else
				continue;
			c++;
			if (depth == 0)
			{
				char	   *rest = hm_text_trim(c + 1, end - (c + 1));

				return *rest == '\0' || strncmp(rest, "--", 2) == 0;
			}
		}
		if (!hm_line_next(line))
			return false;
		c = line->text;
	} while (true);
}

/* To the next header line of the text, which line points into. */
static const Key *
next_key(HmLine *line, char **value)
{
	while (hm_line_next(line))
	{
		const Key  *key;

		if (hm_line_is_comment(line))
		{
			key = find_key(line, value);
			if (key)
				return key;
		}
		else if (!hm_line_is_blank(line))
		{
			char	   *start = hm_text_trim(line->text, line->length);

			if (strncmp(start, "/*", 2) != 0 || !skip_block_comment(line))
				return NULL;
		}
	}
	return NULL;
}

static void
begin_lines(HmLine *line, HmSourceFile *file, const HmDraftText *text)
{
	file->path = text->file;
	file->content = text->text;
	file->length = strlen(text->text);
	hm_line_begin(line, file);
	line->number = text->first_line - 1;
}

void
hm_header_read(HmHeader *header, const HmDraftText *text)
{
	HmSourceFile file = {0};
	HmLine		line;
	char	   *value;
	const Key  *key;

	begin_lines(&line, &file, text);
	while ((key = next_key(&line, &value)) != NULL)
	{
		if (*value)
			key->set(header, file.path, line.number, value);
		else if (!key->prose)
			hm_format_refuse(file.path, line.number, "\"%s\" has no value",
							 key->name);
	}
}

void
hm_header_refuse(const HmDraftText *text)
{
	HmSourceFile file = {0};
	HmLine		line;
	char	   *value;
	const Key  *key;

	if (text->text == NULL)
		return;
	begin_lines(&line, &file, text);
	while ((key = next_key(&line, &value)) != NULL)
	{
		if (!key->prose)
			hm_format_refuse(file.path, line.number, "\"%s\" belongs to the text that goes up",
							 key->name);
	}
}

/* A name of the tool, perhaps in another project, in the registry's form. */
static char *
map_reference(const char *reference, HmNameMapper mapper, void *argument)
{
	const char *colon = strchr(reference, ':');
	char	   *name;

	if (hm_name_map_is_strict(reference))
		return pstrdup(reference);
	name = mapper(reference, argument);
	if (name || colon == NULL)
		return name;
	name = map_reference(colon + 1, mapper, argument);
	return name ? psprintf("%.*s:%s", (int) (colon - reference), reference,
						   name) : NULL;
}

void
hm_header_apply(const HmHeader *header, HmDraft *draft, HmNameMapper mapper,
				void *argument)
{
	ListCell   *cell;

	foreach(cell, header->depends_on)
	{
		const char *reference = lfirst(cell);
		char	   *name = map_reference(reference, mapper, argument);

		if (name == NULL)
			hm_format_refuse(header->path, header->depends_on_line,
							 "\"%s\" names no migration", reference);
		draft->depends_on = lappend(draft->depends_on, name);
	}
	if (header->kind && strcmp(draft->kind, "repeatable") == 0 &&
		strcmp(header->kind, "repeatable") != 0)
		hm_format_refuse(header->path, header->kind_line,
						 "a repeatable migration cannot be of another kind");
	if (header->kind)
		draft->kind = header->kind;
	if (header->description)
		draft->description = header->description;
	if (header->transactional)
		draft->transactional = header->transactional;
	draft->run_as = header->run_as;
}

char *
hm_header_map_stem(const char *reference, void *argument)
{
	const char *problem;

	if (strchr(reference, ':'))
		return NULL;
	return hm_name_map_stem(reference, &problem);
}

void
hm_format_set_untransactional(HmDraft *draft, const HmHeader *header)
{
	if (header->transactional && strcmp(header->transactional, "no") != 0)
		hm_format_refuse(header->path, header->transactional_line,
						 "\"transactional: %s\" contradicts what the file says to %s",
						 header->transactional, draft->format);
	draft->transactional = "no";
}
