/*
 * src/registry/format_sqitch.c
 *	  sqitch: a plan, and a script in deploy/, revert/ and verify/ for each
 *	  change in it.
 *
 * A change is named after the time it was planned and depends on what the
 * plan says; a reworked one also on what it reworks, whose scripts are those
 * of change@tag.  References to another project are resolved when its plan
 * is in the folder as well.  Scripts that no plan mentions are ignored.
 */
#include "postgres.h"

#include "registry/format_tool.h"
#include "registry/name_map.h"
#include "registry/sqitch_plan.h"

#define PLAN "sqitch.plan"

static const char *const script_folders[] = {"deploy/", "revert/", "verify/"};

/* All that is known while the changes are turned into drafts. */
typedef struct Sqitch
{
	HmFolder   *folder;
	List	   *files;			/* of HmSourceFile *, sorted by path */
	bool	   *used;			/* for each of files */
	List	   *plans;			/* of HmSqitchPlan * */
	List	   *drafts;			/* what came of them */
} Sqitch;

/* A change, as seen from the place where it is referred to. */
typedef struct Place
{
	Sqitch	   *sqitch;
	const HmSqitchPlan *plan;
	int			index;
} Place;

static bool
begins_with(const char *string, const char *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

static bool
claims(const HmFolder *folder, const HmSourceFile *file)
{
	ListCell   *cell;

	foreach(cell, folder->sqitch_folders)
	{
		const char *rest = file->path + strlen(lfirst(cell));

		if (!begins_with(file->path, lfirst(cell)))
			continue;
		if (strcmp(rest, PLAN) == 0)
			return true;
		for (int i = 0; i < lengthof(script_folders); i++)
		{
			if (begins_with(rest, script_folders[i]))
				return true;
		}
	}
	return false;
}

/* The file of that path, by halves, or NULL; notes that it is used. */
static const HmSourceFile *
find_file(const Sqitch *sqitch, const char *path)
{
	int			low = 0;
	int			high = list_length(sqitch->files);

	while (low < high)
	{
		int			middle = (low + high) / 2;
		const HmSourceFile *file = list_nth(sqitch->files, middle);
		int			order = strcmp(file->path, path);

		if (order == 0)
		{
			sqitch->used[middle] = true;
			return file;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const HmPlanChange *
change_at(const HmSqitchPlan *plan, int index)
{
	return list_nth(plan->changes, index);
}

static char *
script_path(const HmSqitchPlan *plan, int which, const char *name,
			const char *tag)
{
	return psprintf("%s%s%s%s.sql", hm_path_folder(plan->path),
					script_folders[which], name, tag);
}

/*
 * What stands behind the name of a change's scripts: the first tag between
 * it and its rework for which there is a script, or nothing.
 */
static const char *
find_tag(const Sqitch *sqitch, const HmSqitchPlan *plan, int index)
{
	const HmPlanChange *change = change_at(plan, index);
	int			rework = hm_plan_find_rework(plan, index);
	const char *first = NULL;

	if (rework < 0)
		return "";
	for (int i = index; i < rework; i++)
	{
		ListCell   *cell;

		foreach(cell, change_at(plan, i)->tags)
		{
			const char *tag = lfirst(cell);

			if (find_file(sqitch, script_path(plan, 0, change->name, tag)))
				return tag;
			if (first == NULL)
				first = tag;
		}
	}
	if (first == NULL)
		hm_format_refuse(plan->path, change_at(plan, rework)->line,
						 "change \"%s\" is reworked without a tag before it",
						 change->name);
	return first;
}

static HmDraftText
read_script(const Sqitch *sqitch, const char *path)
{
	const HmSourceFile *file = find_file(sqitch, path);
	HmDraftText none = {0};

	return file ? hm_text_whole(file) : none;
}

static const HmSqitchPlan *
find_plan(const Sqitch *sqitch, const char *project)
{
	ListCell   *cell;

	foreach(cell, sqitch->plans)
	{
		const HmSqitchPlan *plan = lfirst(cell);

		if (strcmp(plan->project, project) == 0)
			return plan;
	}
	return NULL;
}

static char *
registry_name(const HmSqitchPlan *plan, int index)
{
	const HmPlanChange *change = change_at(plan, index);

	return hm_name_map_join(change->digits, change->name, change->name);
}

/* The registry's name of what a reference means at a place, or NULL. */
static char *
map_reference(const char *reference, void *argument)
{
	const Place *place = argument;
	const HmSqitchPlan *plan = place->plan;
	const char *colon = strchr(reference, ':');
	int			before = place->index;
	int			found;

	if (colon)
	{
		plan = find_plan(place->sqitch, pnstrdup(reference, colon - reference));
		reference = colon + 1;
	}
	if (plan == NULL)
		return NULL;
	if (plan != place->plan)
		before = list_length(plan->changes);
	found = hm_plan_find(plan, reference, before);
	return found >= 0 ? registry_name(plan, found) : NULL;
}

static void
add_dependencies(HmDraft *draft, const Place *place)
{
	const HmPlanChange *change = change_at(place->plan, place->index);
	int			reworked = hm_plan_find(place->plan, change->name,
										place->index);
	ListCell   *cell;

	foreach(cell, change->requires)
	{
		char	   *name = map_reference(lfirst(cell), unconstify(Place *, place));

		if (name == NULL)
			hm_format_refuse(place->plan->path, change->line,
							 "change \"%s\" requires \"%s\", which no plan in the folder has before it",
							 change->name, (char *) lfirst(cell));
		draft->depends_on = lappend(draft->depends_on, name);
	}
	if (reworked >= 0)
		draft->depends_on = lappend(draft->depends_on,
									registry_name(place->plan, reworked));
	foreach(cell, change->conflicts)
	{
		if (map_reference(lfirst(cell), unconstify(Place *, place)))
			hm_format_refuse(place->plan->path, change->line,
							 "change \"%s\" conflicts with \"%s\", which the plan has before it",
							 change->name, (char *) lfirst(cell));
	}
}

static void
add_draft(const Place *place)
{
	Sqitch	   *sqitch = place->sqitch;
	const HmSqitchPlan *plan = place->plan;
	const HmPlanChange *change = change_at(plan, place->index);
	const char *tag = find_tag(sqitch, plan, place->index);
	const char *deploy = script_path(plan, 0, change->name, tag);
	HmDraft    *draft = hm_format_draft(hm_format_sqitch.name);
	HmHeader	header = {0};

	draft->up = read_script(sqitch, deploy);
	if (draft->up.text == NULL)
		hm_format_refuse(plan->path, change->line,
						 "change \"%s\" has no script \"%s\"",
						 change->name, deploy);
	draft->down = read_script(sqitch, script_path(plan, 1, change->name, tag));
	draft->verify = read_script(sqitch,
								script_path(plan, 2, change->name, tag));
	hm_format_set_name(draft, deploy, registry_name(plan, place->index),
					   psprintf("%s%s", change->name, tag), NULL);
	draft->description = change->note;
	add_dependencies(draft, place);
	hm_header_read(&header, &draft->up);
	hm_header_refuse(&draft->down);
	hm_header_refuse(&draft->verify);
	hm_header_apply(&header, draft, map_reference, unconstify(Place *, place));
	sqitch->drafts = lappend(sqitch->drafts, draft);
}

static void
add_drafts(Sqitch *sqitch, const HmSqitchPlan *plan)
{
	Place		place = {sqitch, plan, 0};

	for (; place.index < list_length(plan->changes); place.index++)
		add_draft(&place);
}

static void
ignore_unused(const Sqitch *sqitch)
{
	for (int i = 0; i < list_length(sqitch->files); i++)
	{
		const HmSourceFile *file = list_nth(sqitch->files, i);

		if (!sqitch->used[i])
			hm_format_ignore(sqitch->folder, file->path, hm_format_sqitch.name,
							 "the plan does not mention it");
	}
}

/* The names follow each plan's order, and mix several plans by time. */
static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((HmDraft *) lfirst(a))->name,
				  ((HmDraft *) lfirst(b))->name);
}

static void
read(HmFolder *folder, List *files)
{
	Sqitch		sqitch = {folder, files};
	ListCell   *cell;

	sqitch.used = palloc0(sizeof(bool) * (list_length(files) + 1));
	foreach(cell, folder->sqitch_folders)
	{
		char	   *path = psprintf("%s%s", (char *) lfirst(cell), PLAN);

		sqitch.plans = lappend(sqitch.plans,
							   hm_plan_parse(find_file(&sqitch, path)));
	}
	foreach(cell, sqitch.plans)
		add_drafts(&sqitch, lfirst(cell));
	list_sort(sqitch.drafts, compare_names);
	folder->drafts = list_concat(folder->drafts, sqitch.drafts);
	ignore_unused(&sqitch);
}

const HmFormat hm_format_sqitch = {"sqitch", claims, read};
