/*
 * src/registry/name.c
 *	  Names of migrations and projects.
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/settings.h"
#include "registry/name.h"

#define TIMESTAMP_DIGITS 14

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c);
}

/* Words of lower-case letters and digits, joined by single dashes. */
static bool
is_words(const char *string)
{
	char		before = '-';

	for (; *string; before = *string++)
	{
		if (!is_lower_or_digit(*string) && (*string != '-' || before == '-'))
			return false;
	}
	return before != '-';
}

bool
hm_name_is_strict(const char *name)
{
	for (int i = 0; i < TIMESTAMP_DIGITS; i++)
	{
		if (!is_digit(name[i]))
			return false;
	}
	return name[TIMESTAMP_DIGITS] == '-' &&
		is_words(name + TIMESTAMP_DIGITS + 1);
}

static bool
is_relaxed(const char *name)
{
	if (*name == '\0' || *name == '-')
		return false;
	for (; *name; name++)
	{
		if (!is_lower_or_digit(*name) && !(*name >= 'A' && *name <= 'Z') &&
			strchr("._-", *name) == NULL)
			return false;
	}
	return true;
}

void
hm_name_require_valid(const char *name)
{
	if (strlen(name) > HM_NAME_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("migration name \"%s\" is too long", name),
				 errdetail("It has %zu bytes, at most %d are allowed.",
						   strlen(name), HM_NAME_MAX_BYTES)));
	if (hm_setting_name_rule == HM_NAME_STRICT && !hm_name_is_strict(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("invalid migration name \"%s\"", name),
				 errdetail("A name is 14 digits, a dash, and lower-case words joined by dashes."),
				 errhint("Write it like 20250103000000-create-base-schema, or set hipaa_migrate.name_rule to relaxed for an adopted project.")));
	if (!hm_name_is_strict(name) && !is_relaxed(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("invalid migration name \"%s\"", name),
				 errdetail("A name is made of ASCII letters, digits, dots, dashes and underscores, and does not begin with a dash.")));
}

void
hm_name_require_valid_project(const char *project)
{
	if (strlen(project) > HM_NAME_MAX_BYTES || !is_relaxed(project))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("invalid project name \"%s\"", project),
				 errdetail("A project's name is made of at most %d ASCII letters, digits, dots, dashes and underscores, and does not begin with a dash.",
						   HM_NAME_MAX_BYTES)));
}

HmName
hm_name_split(const char *reference, const char *default_project)
{
	const char *colon = strchr(reference, ':');
	HmName		name;

	if (colon)
	{
		name.project = pnstrdup(reference, colon - reference);
		name.name = pstrdup(colon + 1);
	}
	else
	{
		name.project = default_project ? pstrdup(default_project) : NULL;
		name.name = pstrdup(reference);
	}
	return name;
}

char *
hm_name_display(const char *project, const char *name)
{
	if (strcmp(project, "default") == 0)
		return pstrdup(name);
	return psprintf("%s:%s", project, name);
}
