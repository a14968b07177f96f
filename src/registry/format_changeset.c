/*
 * src/registry/format_changeset.c
 *	  One changeset of a Liquibase file: its first line, its attributes.
 *
 * Attributes that say how Liquibase splits and shows the text have no effect
 * here.  Those that let it decide at run time whether the changeset runs are
 * refused: an applied migration must mean the same everywhere.
 */
#include "postgres.h"

#include "registry/format_changeset.h"

typedef void (*Reader) (HmChangeset *changeset, const HmLine *line,
						const char *name, const char *value);

typedef struct Attribute
{
	const char *name;
	Reader		read;			/* NULL: no effect */
} Attribute;

static bool
read_boolean(const HmLine *line, const char *name, const char *value)
{
	if (pg_strcasecmp(value, "true") != 0 && pg_strcasecmp(value, "false") != 0)
		hm_format_refuse(line->file->path, line->number,
						 "expected true or false for \"%s\"", name);
	return pg_strcasecmp(value, "true") == 0;
}

static void
read_run_in_transaction(HmChangeset *changeset, const HmLine *line,
						const char *name, const char *value)
{
	changeset->untransactional = !read_boolean(line, name, value);
}

static void
read_run_on_change(HmChangeset *changeset, const HmLine *line,
				   const char *name, const char *value)
{
	changeset->repeatable = read_boolean(line, name, value);
}

static void
read_ignore(HmChangeset *changeset, const HmLine *line,
			const char *name, const char *value)
{
	if (read_boolean(line, name, value))
		changeset->ignored = psprintf("changeset \"%s\" says ignore:true",
									  changeset->id);
}

static void
read_delimiter(HmChangeset *changeset, const HmLine *line,
			   const char *name, const char *value)
{
	/* "\n" before it says that it has a line to itself, which it needs. */
	if (strncmp(value, "\\n", 2) == 0)
		value += 2;
	changeset->delimiter = strcmp(value, ";") == 0 ? NULL : pstrdup(value);
}

/* A list like "postgresql,h2" or "!oracle". */
static void
read_dbms(HmChangeset *changeset, const HmLine *line,
		  const char *name, const char *value)
{
	bool		ours = false;
	bool		only_exclusions = true;
	bool		excluded = false;
	ListCell   *cell;

	foreach(cell, hm_text_split(value, ","))
	{
		const char *dbms = lfirst(cell);

		if (*dbms != '!')
			only_exclusions = false;
		if (pg_strcasecmp(dbms, "postgresql") == 0 ||
			pg_strcasecmp(dbms, "all") == 0)
			ours = true;
		if (pg_strcasecmp(dbms, "!postgresql") == 0)
			excluded = true;
	}
	if (excluded || (!ours && !only_exclusions))
		changeset->ignored = psprintf("changeset \"%s\" is for dbms:%s",
									  changeset->id, value);
}

/* Attributes with one value that changes nothing. */
static void
require_default(HmChangeset *changeset, const HmLine *line,
				const char *name, const char *value)
{
	static const char *const defaults[][2] = {
		{"runAlways", "false"}, {"failOnError", "true"}, {"runWith", "jdbc"},
	};

	for (int i = 0; i < lengthof(defaults); i++)
	{
		if (pg_strcasecmp(name, defaults[i][0]) == 0 &&
			pg_strcasecmp(value, defaults[i][1]) == 0)
			return;
	}
	hm_format_refuse(line->file->path, line->number,
					 "\"%s:%s\" of changeset \"%s\" is not supported",
					 name, value, changeset->id);
}

static const Attribute attributes[] = {
	{"changeLogId", NULL},
	{"context", require_default},
	{"contextFilter", require_default},
	{"created", NULL},
	{"dbms", read_dbms},
	{"endDelimiter", read_delimiter},
	{"failOnError", require_default},
	{"ignore", read_ignore},
	{"labels", NULL},
	{"logicalFilePath", NULL},
	{"objectQuotingStrategy", NULL},
	{"onValidationFail", NULL},
	{"rollbackEndDelimiter", read_delimiter},
	{"rollbackSplitStatements", NULL},
	{"runAlways", require_default},
	{"runInTransaction", read_run_in_transaction},
	{"runOnChange", read_run_on_change},
	{"runOrder", require_default},
	{"runWith", require_default},
	{"splitStatements", NULL},
	{"stripComments", NULL},
};

static void
set_attribute(HmChangeset *changeset, const HmLine *line, const char *name,
			  const char *value)
{
	for (int i = 0; i < lengthof(attributes); i++)
	{
		if (pg_strcasecmp(attributes[i].name, name) == 0)
		{
			if (attributes[i].read)
				attributes[i].read(changeset, line, attributes[i].name, value);
			return;
		}
	}
	hm_format_refuse(line->file->path, line->number,
					 "unrecognized attribute \"%s\"", name);
}

/*
 * Takes a word off the front of *rest: in double quotes, or up to one of
 * the terminators.
 */
static char *
take_word(const char **rest, const char *terminators)
{
	const char *start = *rest;
	size_t		length;

	if (*start == '"' && strchr(start + 1, '"'))
	{
		length = strcspn(start + 1, "\"");
		*rest = start + length + 2;
		return pnstrdup(start + 1, length);
	}
	length = strcspn(start, terminators);
	*rest = start + length;
	return hm_text_trim(start, length);
}

static const char *
skip_spaces(const char *string)
{
	return string + strspn(string, " \t");
}

void
hm_changeset_read_attributes(HmChangeset *changeset, const HmLine *line,
							 const char *rest)
{
	rest = skip_spaces(rest);
	while (*rest)
	{
		const char *name = take_word(&rest, ": \t");
		const char *value;

		rest = skip_spaces(rest);
		if (*rest != ':')
			hm_format_refuse(line->file->path, line->number,
							 "attribute \"%s\" has no value", name);
		rest = skip_spaces(rest + 1);
		value = take_word(&rest, " \t");
		set_attribute(changeset, line, name, value);
		rest = skip_spaces(rest);
	}
}

HmChangeset *
hm_changeset_begin(const HmLine *line, const char *definition,
				   const HmChangeset *defaults)
{
	HmChangeset *changeset = palloc(sizeof(HmChangeset));
	const char *rest = definition;
	const char *author = take_word(&rest, ":");
	const char *id = "";

	*changeset = *defaults;
	if (*rest == ':')
	{
		rest = skip_spaces(rest + 1);
		id = take_word(&rest, " \t");
	}
	if (*author == '\0' || *id == '\0')
		hm_format_refuse(line->file->path, line->number,
						 "expected \"changeset author:id\"");
	changeset->file = line->file;
	changeset->line = line->number;
	changeset->id = psprintf("%s:%s", author, id);
	changeset->start = line->next;
	hm_changeset_read_attributes(changeset, line, rest);
	return changeset;
}
