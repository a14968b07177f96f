/*
 * src/policy/approvers_judge.c
 *	  Whether each set of approvers has a member's approval.
 *
 * A person fills one set at most, so that two sets are two people.  Who is in
 * several sets is counted where that helps most.
 */
#include "postgres.h"

#include "base/errors.h"
#include "lib/stringinfo.h"
#include "policy/approval.h"
#include "policy/approvers_judge.h"
#include "policy/requirement_value.h"
#include "policy/set_filling.h"

typedef struct Matching
{
	const HmPolicyCase *c;
	List	   *sets;			/* of List * of char * */
	List	   *persons;		/* of HmPerson *, each once */
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
			known = known || hm_circles_same(matching->c->circles,
											 lfirst(other), approval->giver);
		if (!known)
			matching->persons = lappend(matching->persons,
										(void *) approval->giver);
	}
}

/* By whichever approval of the person. */
static bool
can_fill(const void *arg, int person, int set)
{
	const Matching *matching = arg;
	ListCell   *cell;

	foreach(cell, matching->c->approvals)
	{
		HmApproval *approval = lfirst(cell);

		if (strcmp(approval->meaning, HM_MEANING_APPROVAL) == 0 &&
			hm_circles_same(matching->c->circles, approval->giver,
							list_nth(matching->persons, person)) &&
			hm_approval_by_member(matching->c, approval,
								  list_nth(matching->sets, set)))
			return true;
	}
	return false;
}

char *
hm_roles_phrase(List *roles)
{
	StringInfoData text;
	ListCell   *cell;

	if (hm_roles_any(roles))
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
	int		   *filled_by;

	if (matching.sets == NIL)
		return gaps;
	collect_persons(&matching);
	filled_by = hm_sets_fill(list_length(matching.persons),
							 list_length(matching.sets), can_fill, &matching);
	for (int set = 0; set < list_length(matching.sets); set++)
	{
		if (filled_by[set] < 0)
			gaps = lappend(gaps, create_gap(list_nth(matching.sets, set)));
	}
	return gaps;
}
