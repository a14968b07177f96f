/*
 * src/registry/format_flyway.c
 *	  Flyway: V<version>__<words>.sql, U (undo), R (repeatable), B (baseline).
 *
 * A baseline holds what the versioned migrations up to it make: it is left
 * out beside those, and is the first migration without them.  Placeholders
 * ${x} are refused wherever they stand, literals included, for Flyway would
 * have replaced them there as well.  Of the settings file of a migration
 * (.sql.conf) executeInTransaction and placeholderReplacement are known.
 */
#include "postgres.h"

#include "registry/format_tool.h"
#include "registry/name_map.h"

typedef struct Script
{
	const HmSourceFile *file;
	char	   *stem;
	char		prefix;			/* V, U, R or B */
	char	   *version;		/* 1.2.3 or 1_2_3; empty for R */
	char	   *description;	/* with spaces */
	bool		untransactional;
	bool		keeps_placeholders;
} Script;

/* Length of "1.2_3" at the beginning of a string. */
static int
version_length(const char *string)
{
	int			length = strspn(string, "0123456789");

	while (length > 0 && (string[length] == '.' || string[length] == '_') &&
		   string[length + 1] >= '0' && string[length + 1] <= '9')
		length += 1 + strspn(string + length + 1, "0123456789");
	return length;
}

/* NULL for a stem that is not Flyway's. */
static Script *
parse_stem(const char *stem)
{
	Script	   *script;
	int			length;
	const char *rest;

	if (*stem == '\0' || strchr("VURB", *stem) == NULL)
		return NULL;
	length = *stem == 'R' ? 0 : version_length(stem + 1);
	rest = stem + 1 + length;
	if (*stem == 'R' ? strncmp(rest, "__", 2) != 0 || rest[2] == '\0' :
		length == 0 || (*rest && strncmp(rest, "__", 2) != 0))
		return NULL;
	script = palloc0(sizeof(Script));
	script->stem = pstrdup(stem);
	script->prefix = *stem;
	script->version = pnstrdup(stem + 1, length);
	script->description = pstrdup(*rest ? rest + 2 : "");
	for (char *c = script->description; *c; c++)
	{
		if (*c == '_')
			*c = ' ';
	}
	return script;
}

static Script *
parse_path(const char *path)
{
	if (!hm_path_ends(path, ".sql"))
		return NULL;
	return parse_stem(hm_path_strip(hm_path_name(path), ".sql"));
}

static bool
is_settings_file(const HmSourceFile *file)
{
	return hm_path_ends(file->path, ".sql.conf");
}

static bool
claims(const HmFolder *folder, const HmSourceFile *file)
{
	if (is_settings_file(file))
		return parse_path(hm_path_strip(file->path, ".conf")) != NULL;
	return parse_path(file->path) != NULL;
}

/* Part by part, by number; a part that is missing is 0. */
static int
compare_versions(const char *a, const char *b)
{
	int			order = 0;

	while (order == 0 && (*a || *b))
	{
		int			a_length = strspn(a, "0123456789");
		int			b_length = strspn(b, "0123456789");

		order = hm_name_map_compare_digits(pnstrdup(a, a_length),
										   pnstrdup(b, b_length));
		a += a_length + (a[a_length] ? 1 : 0);
		b += b_length + (b[b_length] ? 1 : 0);
	}
	return order;
}

/* Repeatable ones last, an undo before what it undoes. */
static int
compare_scripts(const ListCell *a, const ListCell *b)
{
	const Script *a_script = lfirst(a);
	const Script *b_script = lfirst(b);
	int			order = (a_script->prefix == 'R') - (b_script->prefix == 'R');

	if (order == 0)
		order = compare_versions(a_script->version, b_script->version);
	if (order == 0)
		order = (int) a_script->prefix - (int) b_script->prefix;
	return order ? order : strcmp(a_script->description,
								  b_script->description);
}

/* A line "key=value" of a settings file. */
static void
read_setting(Script *script, const HmLine *line)
{
	char	   *setting = hm_text_trim(line->text, line->length);
	char	   *equals = strchr(setting, '=');
	char	   *value;

	if (*setting == '\0' || *setting == '#')
		return;
	if (equals == NULL)
		hm_format_refuse(line->file->path, line->number,
						 "expected \"setting=value\"");
	value = hm_text_trim(equals + 1, strlen(equals + 1));
	setting = hm_text_trim(setting, equals - setting);
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		hm_format_refuse(line->file->path, line->number,
						 "expected true or false for \"%s\"", setting);
	if (strcmp(setting, "executeInTransaction") == 0)
		script->untransactional = strcmp(value, "false") == 0;
	else if (strcmp(setting, "placeholderReplacement") == 0)
		script->keeps_placeholders = strcmp(value, "false") == 0;
	else
		hm_format_refuse(line->file->path, line->number,
						 "setting \"%s\" is not supported", setting);
}

static void
read_settings(HmFolder *folder, List *scripts, const HmSourceFile *file)
{
	char	   *path = hm_path_strip(file->path, ".conf");
	ListCell   *cell;

	foreach(cell, scripts)
	{
		Script	   *script = lfirst(cell);
		HmLine		line;

		if (strcmp(script->file->path, path) != 0)
			continue;
		hm_line_begin(&line, file);
		while (hm_line_next(&line))
			read_setting(script, &line);
		return;
	}
	hm_format_ignore(folder, file->path, hm_format_flyway.name,
					 "there is no migration that it belongs to");
}

static List *
parse_files(HmFolder *folder, List *files)
{
	List	   *scripts = NIL;
	ListCell   *cell;

	foreach(cell, files)
	{
		const HmSourceFile *file = lfirst(cell);

		if (!is_settings_file(file))
		{
			Script	   *script = parse_path(file->path);

			script->file = file;
			scripts = lappend(scripts, script);
		}
	}
	foreach(cell, files)
	{
		if (is_settings_file(lfirst(cell)))
			read_settings(folder, scripts, lfirst(cell));
	}
	list_sort(scripts, compare_scripts);
	return scripts;
}

/* Length of "${name}" at the beginning of a string, or 0. */
static int
placeholder_length(const char *string)
{
	int			length;

	if (strncmp(string, "${", 2) != 0)
		return 0;
	length = 2 + strspn(string + 2, "abcdefghijklmnopqrstuvwxyz"
						"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-");
	return length > 2 && string[length] == '}' ? length + 1 : 0;
}

static void
refuse_placeholders(const Script *script)
{
	int			line = 1;

	if (script->keeps_placeholders)
		return;
	for (const char *c = script->file->content; *c; c++)
	{
		int			length = placeholder_length(c);

		if (length > 0)
			hm_format_refuse(script->file->path, line,
							 "unresolved placeholder \"%.*s\"", length, c);
		if (*c == '\n')
			line++;
	}
}

static char *
map_script(const Script *script, const char **problem)
{
	if (script->prefix == 'R')
		return hm_name_map_repeatable(script->description, script->stem);
	return hm_name_map_dotted(script->version, script->description,
							  script->stem, problem);
}

static char *
map_reference(const char *reference, void *argument)
{
	Script	   *script = parse_stem(hm_path_ends(reference, ".sql") ?
									hm_path_strip(reference, ".sql") :
									reference);
	const char *problem;

	return script ? map_script(script, &problem) : NULL;
}

static void
add_draft(HmFolder *folder, const Script *script, const Script *undo)
{
	HmDraft    *draft = hm_format_draft(hm_format_flyway.name);
	HmHeader	header = {0};
	const char *problem = NULL;
	char	   *name = map_script(script, &problem);

	refuse_placeholders(script);
	draft->up = hm_text_whole(script->file);
	if (undo)
	{
		refuse_placeholders(undo);
		draft->down = hm_text_whole(undo->file);
		hm_header_refuse(&draft->down);
	}
	hm_format_set_name(draft, script->file->path, name, script->stem,
					   problem);
	if (*script->description)
		draft->description = script->description;
	if (script->prefix == 'R')
		draft->kind = "repeatable";
	hm_header_read(&header, &draft->up);
	hm_header_apply(&header, draft, map_reference, NULL);
	if (script->untransactional || (undo && undo->untransactional))
		hm_format_set_untransactional(draft, &header);
	folder->drafts = lappend(folder->drafts, draft);
}

/*
 * The baseline that stands for the versions up to it: the last one, unless
 * one of those is in the folder.
 */
static const Script *
find_baseline(List *scripts)
{
	const Script *baseline = NULL;
	ListCell   *cell;

	foreach(cell, scripts)
	{
		const Script *script = lfirst(cell);

		if (script->prefix == 'B')
			baseline = script;
	}
	foreach(cell, scripts)
	{
		const Script *script = lfirst(cell);

		if (baseline && script->prefix == 'V' &&
			compare_versions(script->version, baseline->version) <= 0)
			return NULL;
	}
	return baseline;
}

static bool
is_same_version(const Script *a, const Script *b)
{
	return a && b && *a->version && *b->version &&
		compare_versions(a->version, b->version) == 0;
}

static void
refuse_twins(const Script *a, const Script *b)
{
	if (is_same_version(a, b) && a->prefix == b->prefix)
		ereport(ERROR,
				(errcode(HM_ERRCODE_FILE),
				 errmsg("files \"%s\" and \"%s\" have the same version %s",
						a->file->path, b->file->path, a->version),
				 errhint("Give one of them another version.")));
}

/* The scripts are sorted: an undo stands right before what it undoes. */
static void
read(HmFolder *folder, List *files)
{
	List	   *scripts = parse_files(folder, files);
	const Script *baseline = find_baseline(scripts);

	for (int i = 0; i < list_length(scripts); i++)
	{
		const Script *script = list_nth(scripts, i);
		const Script *before = i > 0 ? list_nth(scripts, i - 1) : NULL;
		const Script *after = i + 1 < list_length(scripts) ?
		list_nth(scripts, i + 1) : NULL;

		refuse_twins(before, script);
		if (script->prefix == 'V' && is_same_version(before, script) &&
			before->prefix == 'U')
			add_draft(folder, script, before);
		else if (strchr("VR", script->prefix) || script == baseline)
			add_draft(folder, script, NULL);
		else if (script->prefix == 'B')
			hm_format_ignore(folder, script->file->path, hm_format_flyway.name,
							 "the versioned migrations in the folder make what this baseline holds");
		else if (!is_same_version(script, after))
			hm_format_ignore(folder, script->file->path, hm_format_flyway.name,
							 "there is no versioned migration that it undoes");
	}
}

const HmFormat hm_format_flyway = {"flyway", claims, read};
