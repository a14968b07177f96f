/*
 * src/plan/review_shown.c
 *	  What this session was shown last of each migration.
 *
 * It ends with the session, and no abort takes it back: what somebody has
 * seen, it has seen.
 */
#include "postgres.h"

#include "plan/review.h"
#include "utils/memutils.h"

typedef struct Shown
{
	char	   *display;
	bool		up;
	char	   *hash;
} Shown;

static List *shown = NIL;		/* of Shown *, in TopMemoryContext */

static Shown *
find(const char *display, bool up)
{
	ListCell   *cell;

	foreach(cell, shown)
	{
		Shown	   *entry = lfirst(cell);

		if (entry->up == up && strcmp(entry->display, display) == 0)
			return entry;
	}
	return NULL;
}

void
hm_review_note_shown(const HmReview *review)
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
	Shown	   *entry = find(review->display, review->up);
	char	   *hash = pstrdup(review->hash);

	if (entry == NULL)
	{
		entry = palloc(sizeof(Shown));
		entry->display = pstrdup(review->display);
		entry->up = review->up;
		shown = lappend(shown, entry);
	}
	else
		pfree(entry->hash);
	entry->hash = hash;
	MemoryContextSwitchTo(before);
}

const char *
hm_review_shown(const char *display, bool up)
{
	const Shown *entry = find(display, up);

	return entry ? entry->hash : NULL;
}
