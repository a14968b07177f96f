/*
 * src/registry/format_pairs.c
 *	  One file for each direction: x.up.sql, x.down.sql, x.verify.sql, or
 *	  x/up.sql, x/down.sql, x/verify.sql.
 *
 * golang-migrate, umzug, diesel and many others.  The down and the verify
 * may be missing.  Versions are numbers where the name begins with one:
 * 9_x runs before 10_y.  Those of folders, if they are time stamps, run in
 * the order of time, also when only some have fractions of a second.
 */
#include "postgres.h"

#include "registry/format_tool.h"
#include "registry/name_map.h"

typedef enum Role
{
	UP,
	DOWN,
	VERIFY,
	NROLES
} Role;

static const char *const suffixes[NROLES] = {
	".up.sql", ".down.sql", ".verify.sql"
};

static const char *const names[NROLES] = {
	"up.sql", "down.sql", "verify.sql"
};

/* A file, and what it shares with the others of its migration. */
typedef struct Part
{
	const HmSourceFile *file;
	char	   *key;
	Role		role;
} Part;

static int
role_by_suffix(const char *path)
{
	for (int role = 0; role < NROLES; role++)
	{
		if (hm_path_ends(path, suffixes[role]) &&
			strlen(hm_path_name(path)) > strlen(suffixes[role]))
			return role;
	}
	return -1;
}

static int
role_by_name(const char *path)
{
	for (int role = 0; role < NROLES; role++)
	{
		if (strchr(path, '/') && strcmp(hm_path_name(path), names[role]) == 0)
			return role;
	}
	return -1;
}

static int
compare_parts(const ListCell *a, const ListCell *b)
{
	const Part *a_part = lfirst(a);
	const Part *b_part = lfirst(b);
	int			order = strcmp(a_part->key, b_part->key);

	return order ? order : (int) a_part->role - (int) b_part->role;
}

/* Adds one migration, whose files are given by role. */
static List *
add_migration(HmFolder *folder, List *drafts, const char *format,
			  const char *key, const HmSourceFile *const *files)
{
	HmDraft    *draft = hm_format_draft(format);
	HmHeader	header = {0};
	const char *stem = hm_path_name(key);
	const char *problem = NULL;
	char	   *name;

	if (files[UP] == NULL)
	{
		for (int role = 0; role < NROLES; role++)
		{
			if (files[role])
				hm_format_ignore(folder, files[role]->path, format,
								 "there is no file beside it that goes up");
		}
		return drafts;
	}
	draft->up = hm_text_whole(files[UP]);
	if (files[DOWN])
		draft->down = hm_text_whole(files[DOWN]);
	if (files[VERIFY])
		draft->verify = hm_text_whole(files[VERIFY]);
	name = hm_name_map_stem(stem, &problem);
	hm_format_set_name(draft, files[UP]->path, name, stem, problem);
	hm_header_read(&header, &draft->up);
	hm_header_refuse(&draft->down);
	hm_header_refuse(&draft->verify);
	hm_header_apply(&header, draft, hm_header_map_stem, NULL);
	return lappend(drafts, draft);
}

static void
read_parts(HmFolder *folder, const char *format, List *parts,
		   void (*sort) (List *drafts))
{
	const HmSourceFile *files[NROLES] = {NULL};
	List	   *drafts = NIL;
	const char *key = NULL;
	ListCell   *cell;

	list_sort(parts, compare_parts);
	foreach(cell, parts)
	{
		const Part *part = lfirst(cell);

		if (key && strcmp(key, part->key) != 0)
		{
			drafts = add_migration(folder, drafts, format, key, files);
			memset(files, 0, sizeof(files));
		}
		key = part->key;
		files[part->role] = part->file;
	}
	if (key)
		drafts = add_migration(folder, drafts, format, key, files);
	sort(drafts);
	folder->drafts = list_concat(folder->drafts, drafts);
}

static List *
add_part(List *parts, const HmSourceFile *file, Role role, char *key)
{
	Part	   *part = palloc(sizeof(Part));

	part->file = file;
	part->role = role;
	part->key = key;
	return lappend(parts, part);
}

static bool
claims_pairs(const HmFolder *folder, const HmSourceFile *file)
{
	return role_by_suffix(file->path) >= 0;
}

static void
read_pairs(HmFolder *folder, List *files)
{
	List	   *parts = NIL;
	ListCell   *cell;

	foreach(cell, files)
	{
		const HmSourceFile *file = lfirst(cell);
		Role		role = role_by_suffix(file->path);

		parts = add_part(parts, file, role,
						 hm_path_strip(file->path, suffixes[role]));
	}
	read_parts(folder, hm_format_pairs.name, parts, hm_format_sort_by_number);
}

const HmFormat hm_format_pairs = {"pairs", claims_pairs, read_pairs};

static bool
claims_folders(const HmFolder *folder, const HmSourceFile *file)
{
	return role_by_name(file->path) >= 0;
}

static void
read_folders(HmFolder *folder, List *files)
{
	List	   *parts = NIL;
	ListCell   *cell;

	foreach(cell, files)
	{
		const HmSourceFile *file = lfirst(cell);
		char	   *key = hm_path_folder(file->path);

		key[strlen(key) - 1] = '\0';
		parts = add_part(parts, file, role_by_name(file->path), key);
	}
	read_parts(folder, hm_format_folders.name, parts, hm_format_sort_by_time);
}

const HmFormat hm_format_folders = {"folders", claims_folders, read_folders};
