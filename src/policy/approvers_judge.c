/*
 * src/policy/approvers_judge.c
 *	  Whether each set of approvers has a member's approval.
 *
 * A person fills one set at most, so that two sets are two people.  Who is in
 * several sets is counted where that helps most: a maximum matching, found
 * along augmenting paths.
 */
#include "postgres.h"

#include "base/errors.h"
#include "lib/stringinfo.h"
#include "policy/approval.h"
#include "policy/approvers_judge.h"
#include "policy/requirement_value.h"

typedef struct Matching
{
	const HmPolicyCase *c;
	List	   *sets;			/* of List * of char * */
	int		   *filled_by;		/* for each set: index of a person, or -1 */
	List	   *persons;		/* of HmPerson *, each once */
	bool	   *visited;		/* sets, on the path that is being sought */
} Matching;

static void
collect_persons(Matching *matching)
{
	ListCell   *cell;

	foreach(cell, matching->c->approvals)
	{
		HmApproval *approval = lfirst(cell);
		bool		known = false;
		ListCell   *other;

		if (strcmp(approval->meaning, HM_MEANING_APPROVAL) != 0)
			continue;
		foreach(other, matching->persons)
			known = known || hm_person_same(lfirst(other), approval->giver);
		if (!known)
			matching->persons = lappend(matching->persons,
										(void *) approval->giver);
	}
}

/* By whichever approval of the person. */
static bool
can_fill(const Matching *matching, int person, int set)
{
	ListCell   *cell;

	foreach(cell, matching->c->approvals)
	{
		HmApproval *approval = lfirst(cell);

		if (strcmp(approval->meaning, HM_MEANING_APPROVAL) == 0 &&
			hm_person_same(approval->giver,
						   list_nth(matching->persons, person)) &&
			hm_approval_by_member(matching->c, approval,
								  list_nth(matching->sets, set)))
			return true;
	}
	return false;
}

/* Finds a place for the person, moving others if it must. */
static bool
place(Matching *matching, int person)
{
	for (int set = 0; set < list_length(matching->sets); set++)
	{
		if (matching->visited[set] || !can_fill(matching, person, set))
			continue;
		matching->visited[set] = true;
		if (matching->filled_by[set] < 0 ||
			place(matching, matching->filled_by[set]))
		{
			matching->filled_by[set] = person;
			return true;
		}
	}
	return false;
}

static void
match(Matching *matching)
{
	int			nsets = list_length(matching->sets);

	matching->filled_by = palloc(sizeof(int) * nsets);
	matching->visited = palloc(sizeof(bool) * nsets);
	for (int set = 0; set < nsets; set++)
		matching->filled_by[set] = -1;
	for (int person = 0; person < list_length(matching->persons); person++)
	{
		memset(matching->visited, 0, sizeof(bool) * nsets);
		(void) place(matching, person);
	}
}

char *
hm_roles_phrase(List *roles)
{
	StringInfoData text;
	ListCell   *cell;

	if (list_length(roles) == 1 && strcmp(linitial(roles), "*") == 0)
		return pstrdup("anybody with capability approver");
	initStringInfo(&text);
	appendStringInfoString(&text, "a member of ");
	foreach(cell, roles)
		appendStringInfo(&text, "%s%s",
						 foreach_current_index(cell) > 0 ? " or " : "",
						 (char *) lfirst(cell));
	return text.data;
}

static HmPolicyGap *
create_gap(List *roles)
{
	HmPolicyGap *gap = hm_gap_create("approvers", HM_ERRCODE_NOT_APPROVED,
									 psprintf("needs the approval of %s",
											  hm_roles_phrase(roles)));

	gap->roles = roles;
	gap->meaning = HM_MEANING_APPROVAL;
	return gap;
}

List *
hm_approvers_judge(const HmPolicyCase *c, Jsonb *value, List *gaps)
{
	Matching	matching = {.c = c,.sets = hm_approvers_read(value)};

	if (matching.sets == NIL)
		return gaps;
	collect_persons(&matching);
	match(&matching);
	for (int set = 0; set < list_length(matching.sets); set++)
	{
		if (matching.filled_by[set] < 0)
			gaps = lappend(gaps, create_gap(list_nth(matching.sets, set)));
	}
	return gaps;
}
