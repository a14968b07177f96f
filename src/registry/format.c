/*
 * src/registry/format.c
 *	  Finds each file's format, and proves what the formats return.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "registry/format_tool.h"
#include "registry/name_map.h"

/*
 * The first that claims a file has it: names that no other tool uses come
 * before what a file says, which comes before looser names.
 */
static const HmFormat *const formats[] = {
	&hm_format_sqitch,
	&hm_format_pairs,
	&hm_format_folders,
	&hm_format_liquibase,
	&hm_format_dbmate,
	&hm_format_goose,
	&hm_format_flyway,
};

#define UNRECOGNIZED \
	"not a migration of a known format: neither its name nor a line in it says so"

bool
hm_format_wants(const char *path)
{
	return hm_path_ends(path, ".sql") || hm_path_ends(path, ".sql.conf") ||
		strcmp(hm_path_name(path), "sqitch.plan") == 0;
}

void
hm_format_ignore(HmFolder *folder, const char *path, const char *format,
				 const char *reason)
{
	HmIgnoredFile *ignored = palloc(sizeof(HmIgnoredFile));

	ignored->path = path;
	ignored->format = format;
	ignored->reason = reason;
	folder->ignored = lappend(folder->ignored, ignored);
}

HmDraft *
hm_format_draft(const char *format)
{
	HmDraft    *draft = palloc0(sizeof(HmDraft));

	draft->format = format;
	draft->kind = "schema";
	draft->transactional = "auto";
	draft->sheds_transactions = true;
	draft->tolerates_bad_down = true;
	return draft;
}

void
hm_format_set_name(HmDraft *draft, const char *path, const char *name,
				   const char *original, const char *problem)
{
	if (name == NULL)
		ereport(ERROR,
				(errcode(HM_ERRCODE_FILE),
				 errmsg("file \"%s\": the version of \"%s\" does not fit into a name of the registry",
						path, original),
				 errdetail_internal("%s", problem),
				 errhint("Rename the file, or register it under a name of your own with migrate_register().")));
	draft->name = name;
	draft->original_name = strcmp(name, original) == 0 ? NULL : original;
}

/* What the tool calls it. */
static const char *
tool_name(const HmDraft *draft)
{
	return draft->original_name ? draft->original_name : draft->name;
}

/* By the number in front; what has none comes last, by name. */
static int
compare_by_number(const ListCell *a, const ListCell *b)
{
	const char *a_name = tool_name(lfirst(a));
	const char *b_name = tool_name(lfirst(b));
	char	   *a_version = hm_name_map_version(a_name);
	char	   *b_version = hm_name_map_version(b_name);
	int			order = 0;

	if (a_version && b_version)
		order = hm_name_map_compare_digits(a_version, b_version);
	else if (a_version || b_version)
		order = a_version ? -1 : 1;
	return order ? order : strcmp(a_name, b_name);
}

static bool
is_time_stamp(const char *version)
{
	return version && strlen(version) >= strlen(HM_NAME_REPEATABLE);
}

/* The same, but two time stamps by their digits, from the left. */
static int
compare_by_time(const ListCell *a, const ListCell *b)
{
	char	   *a_version = hm_name_map_version(tool_name(lfirst(a)));
	char	   *b_version = hm_name_map_version(tool_name(lfirst(b)));
	int			order = 0;

	if (is_time_stamp(a_version) && is_time_stamp(b_version))
		order = strcmp(a_version, b_version);
	return order ? order : compare_by_number(a, b);
}

void
hm_format_sort_by_number(List *drafts)
{
	list_sort(drafts, compare_by_number);
}

void
hm_format_sort_by_time(List *drafts)
{
	list_sort(drafts, compare_by_time);
}

void
hm_format_refuse_twins(List *drafts)
{
	const HmDraft *before = NULL;
	const char *version_before = NULL;
	ListCell   *cell;

	foreach(cell, drafts)
	{
		const HmDraft *draft = lfirst(cell);
		const char *version = hm_name_map_version(tool_name(draft));

		if (before && hm_name_map_compare_digits(version_before, version) == 0)
			ereport(ERROR,
					(errcode(HM_ERRCODE_FILE),
					 errmsg("files \"%s\" and \"%s\" have the same version %s",
							before->up.file, draft->up.file, version),
					 errhint("Give one of them another version.")));
		before = draft;
		version_before = version;
	}
}

static int
compare_paths(const ListCell *a, const ListCell *b)
{
	return strcmp(((HmSourceFile *) lfirst(a))->path,
				  ((HmSourceFile *) lfirst(b))->path);
}

static List *
sort_files(List *files)
{
	List	   *sorted = list_copy(files);
	const char *before = NULL;
	ListCell   *cell;

	list_sort(sorted, compare_paths);
	foreach(cell, sorted)
	{
		HmSourceFile *file = lfirst(cell);

		if (before && strcmp(before, file->path) == 0)
			hm_format_refuse_file(file->path, "given twice");
		before = file->path;
	}
	return sorted;
}

static void
note_sqitch_folders(HmFolder *folder, List *files)
{
	ListCell   *cell;

	foreach(cell, files)
	{
		HmSourceFile *file = lfirst(cell);

		if (strcmp(hm_path_name(file->path), "sqitch.plan") == 0)
			folder->sqitch_folders = lappend(folder->sqitch_folders,
											 hm_path_folder(file->path));
	}
}

/* Index of the format that has the file, or -1. */
static int
find_format(const HmFolder *folder, const HmSourceFile *file)
{
	for (int i = 0; i < lengthof(formats); i++)
	{
		if (formats[i]->claims(folder, file))
			return i;
	}
	return -1;
}

static void
refuse_names(const HmDraft *a, const HmDraft *b, const char *problem)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_FILE),
			 errmsg("files \"%s\" and \"%s\": %s",
					a->up.file, b->up.file, problem),
			 errdetail("%s runs \"%s\" before \"%s\"; the registry's names are \"%s\" and \"%s\".",
					   a->format, tool_name(a), tool_name(b),
					   a->name, b->name),
			 errhint("Rename one of them, so that both sort alike.")));
}

/*
 * The registry orders by name, byte by byte, what does not depend on each
 * other, repeatable ones last.  That must be the order in which the tool
 * would have run it.
 */
static void
prove_order(List *drafts)
{
	const HmDraft *before[2] = {NULL, NULL};
	ListCell   *cell;

	foreach(cell, drafts)
	{
		const HmDraft *draft = lfirst(cell);
		bool		last = strcmp(draft->kind, "repeatable") == 0;

		if (before[last] && before[last]->format == draft->format &&
			strcmp(before[last]->name, draft->name) > 0)
			refuse_names(before[last], draft,
						 "sorting by the registry's names would not keep their order");
		before[last] = draft;
	}
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((HmDraft *) lfirst(a))->name,
				  ((HmDraft *) lfirst(b))->name);
}

static void
prove_unique(List *drafts)
{
	List	   *sorted = list_copy(drafts);
	const HmDraft *before = NULL;
	ListCell   *cell;

	list_sort(sorted, compare_names);
	foreach(cell, sorted)
	{
		const HmDraft *draft = lfirst(cell);

		if (before && strcmp(before->name, draft->name) == 0)
			ereport(ERROR,
					(errcode(HM_ERRCODE_FILE),
					 errmsg("files \"%s\" and \"%s\" would have the same name \"%s\" in the registry",
							before->up.file, draft->up.file, draft->name),
					 errhint("Rename one of them.")));
		before = draft;
	}
}

HmFolder *
hm_format_read(List *files)
{
	HmFolder   *folder = palloc0(sizeof(HmFolder));
	List	   *claimed[lengthof(formats)] = {NIL};
	List	   *sorted = sort_files(files);
	ListCell   *cell;

	note_sqitch_folders(folder, sorted);
	foreach(cell, sorted)
	{
		HmSourceFile *file = lfirst(cell);
		int			format = file->content ? find_format(folder, file) : -1;

		CHECK_FOR_INTERRUPTS();
		if (format >= 0)
			claimed[format] = lappend(claimed[format], file);
		else
			hm_format_ignore(folder, file->path, NULL,
							 file->content ? UNRECOGNIZED : file->unread);
	}
	for (int i = 0; i < lengthof(formats); i++)
		formats[i]->read(folder, claimed[i]);
	prove_order(folder->drafts);
	prove_unique(folder->drafts);
	return folder;
}
