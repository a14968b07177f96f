/*
 * src/registry/name.h
 *	  Names of migrations and projects.
 */
#ifndef HM_REGISTRY_NAME_H
#define HM_REGISTRY_NAME_H

#define HM_NAME_MAX_BYTES 63

typedef struct HmName
{
	char	   *project;
	char	   *name;
} HmName;

/* Raise unless the name satisfies hipaa_migrate.name_rule. */
extern void hm_name_require_valid(const char *name);
extern void hm_name_require_valid_project(const char *project);

/* 14 digits, a dash, and lower-case words, whatever the rule is now. */
extern bool hm_name_is_strict(const char *name);

/* "project:name" or "name", which is in default_project (may be NULL). */
extern HmName hm_name_split(const char *reference,
							const char *default_project);

/* How a migration is shown: "name", or "project:name" outside "default". */
extern char *hm_name_display(const char *project, const char *name);

/* The same in a statement, of a row of table migration. */
#define HM_NAME_DISPLAY(row) \
	"CASE " row ".project WHEN 'default' THEN " row ".name" \
	" ELSE pg_catalog.concat(" row ".project, ':', " row ".name) END"

#endif							/* HM_REGISTRY_NAME_H */
