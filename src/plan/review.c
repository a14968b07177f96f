/*
 * src/plan/review.c
 *	  What an approver needs to see of a migration, on one screen.
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/hash.h"
#include "plan/docket.h"
#include "plan/review_parts.h"

/* What the walk collects, in a memory context that outlives it. */
typedef struct Build
{
	MemoryContext context;
	bool		up;
	List	   *reviews;		/* of HmReview * */
	HmRisk	   *risk;			/* of what is being looked at */
	HmLockRows	locks;			/* and this too */
} Build;

static HmReviewRow *
add_row(HmReview *review, const char *section, const char *item)
{
	HmReviewRow *row = palloc0(sizeof(HmReviewRow));

	row->section = section;
	row->item = item;
	review->rows = lappend(review->rows, row);
	return row;
}

void
hm_review_add_as(HmReview *review, const char *section, const char *item,
				 const char *value, const char *lasting)
{
	HmReviewRow *row = add_row(review, section, item);

	row->value = value;
	row->lasting = lasting;
}

/* The walk has a time zone of its own: the text is made after it. */
void
hm_review_add_moment(HmReview *review, const char *section, const char *item,
					 TimestampTz moment)
{
	add_row(review, section, item)->moment = moment;
}

void
hm_review_add(HmReview *review, const char *section, const char *item,
			  const char *value)
{
	hm_review_add_as(review, section, item, value, value);
}

static void
watch(HmWorld *world, Node *statement, List *locks, int line, void *argument)
{
	Build	   *build = argument;

	hm_risk_watch(world, statement, locks, line, build->risk);
	hm_lock_rows_watch(world, statement, locks, line, &build->locks);
}

static void
require_text(const HmOutlook *outlook, bool up)
{
	if (outlook->script == NULL)
		ereport(ERROR,
				(errcode(HM_ERRCODE_IRREVERSIBLE),
				 errmsg("migration \"%s\" is irreversible",
						outlook->stored->display),
				 errdetail("It has no down that can run."),
				 errhint("Register a new migration that undoes it.")));
}

static char *
hash_rows(List *rows)
{
	HmHash	   *hash = hm_hash_begin("hipaa_migrate review 1");
	uint8		digest[HM_HASH_LENGTH];
	ListCell   *cell;

	foreach(cell, rows)
	{
		const HmReviewRow *row = lfirst(cell);

		if (row->lasting == NULL)
			continue;
		hm_hash_append_text(hash, 1, row->section);
		hm_hash_append_text(hash, 2, row->item);
		hm_hash_append_text(hash, 3, row->lasting);
	}
	hm_hash_end(hash, digest);
	return hm_hash_to_hex(digest, sizeof(digest));
}

static void
begin_review(Build *build)
{
	HmLockRows	none = {.context = build->context};

	build->risk = hm_risk_begin();
	build->locks = none;
}

/* All that the outlook has ends with the visit: the sections copy it. */
static void
visit(const HmOutlook *outlook, void *argument)
{
	Build	   *build = argument;
	const HmStored *stored = outlook->stored;
	MemoryContext before = MemoryContextSwitchTo(build->context);
	HmReview   *review = palloc0(sizeof(HmReview));

	require_text(outlook, build->up);
	review->up = build->up;
	hm_risk_end(build->risk, outlook->findings,
				hm_direction_name(review->up ? HM_UP : HM_DOWN));
	review->migration_id = stored->migration_id;
	review->display = pstrdup(stored->display);
	review->checksum = pstrdup(stored->checksum);
	review->risk = build->risk->total;
	review->phi = build->risk->phi;
	hm_review_add(review, "checksum", review->display, review->checksum);
	hm_review_add_facts(review, outlook);
	hm_review_add_texts(review, stored);
	hm_review_add_findings(review, stored, outlook->findings);
	hm_review_add_locks(review, &build->locks);
	hm_review_add_risk(review, build->risk);
	hm_review_add_assessment(review, stored);
	review->hash = hash_rows(review->rows);
	build->reviews = lappend(build->reviews, review);
	begin_review(build);
	MemoryContextSwitchTo(before);
}

static HmReview *
find_review(List *reviews, const char *display)
{
	ListCell   *cell;

	foreach(cell, reviews)
	{
		if (strcmp(((HmReview *) lfirst(cell))->display, display) == 0)
			return lfirst(cell);
	}
	elog(ERROR, "migration \"%s\" was not looked at", display);
}

/* As they are visited. */
static List *
build_all(const HmGraph *graph, List *names, bool up)
{
	Build		build = {.context = CurrentMemoryContext,.up = up};
	HmOutlookWish wish = {
		.graph = graph,
		.names = names,
		.direction = hm_direction_name(up ? HM_UP : HM_DOWN),
		.catalogs = true,
		.visit = visit,
		.watch = watch,
		.argument = &build
	};

	begin_review(&build);
	hm_outlook_walk_as(&wish);
	return build.reviews;
}

HmReview *
hm_review_build(const HmGraph *graph, const char *name, bool up)
{
	return linitial(build_all(graph, list_make1((char *) name), up));
}

List *
hm_review_build_each(const HmGraph *graph, List *names, bool up)
{
	List	   *all = build_all(graph, names, up);
	List	   *ordered = NIL;
	ListCell   *cell;

	foreach(cell, names)
		ordered = lappend(ordered, find_review(all, lfirst(cell)));
	return ordered;
}

List *
hm_review_cases(List *reviews, bool fresh, List **voided)
{
	List	   *subjects = NIL;
	ListCell   *cell;

	foreach(cell, reviews)
	{
		const HmReview *review = lfirst(cell);
		HmSubject  *subject = palloc0(sizeof(HmSubject));

		subject->migration_id = review->migration_id;
		subject->display = review->display;
		subject->up = review->up;
		subject->risk = review->risk;
		subject->phi = review->phi;
		subjects = lappend(subjects, subject);
	}
	return hm_docket_cases(subjects, ((HmReview *) linitial(reviews))->up,
						   fresh, voided);
}
