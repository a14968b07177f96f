/*
 * src/policy/policy_check_approvers.c
 *	  Whether there are people enough to approve, with some of them away, or
 *	  among those who may not.
 *
 * All of it comes down to whom the sets of approvers cannot do without: a
 * person who stands for a set when as many sets as possible are filled, and
 * without whom fewer can be.
 */
#include "postgres.h"

#include "base/query.h"
#include "lib/stringinfo.h"
#include "policy/approvers_judge.h"
#include "policy/policy_check_parts.h"
#include "policy/requirement_value.h"
#include "policy/set_filling.h"
#include "registry/author.h"
#include "utils/builtins.h"

typedef struct Filling
{
	const HmStaff *staff;
	List	   *sets;			/* of List * of char * */
	int			away;			/* index of a person who is not there, or -1 */
} Filling;

static bool
can_fill(const void *arg, int person, int set)
{
	const Filling *filling = arg;

	return person != filling->away &&
		hm_staff_can_fill(filling->staff,
						  list_nth(filling->staff->approvers, person),
						  list_nth(filling->sets, set));
}

static int *
fill(Filling *filling, int away)
{
	filling->away = away;
	return hm_sets_fill(list_length(filling->staff->approvers),
						list_length(filling->sets), can_fill, filling);
}

static int
count_filled(const int *filled_by, int sets)
{
	int			count = 0;

	for (int set = 0; set < sets; set++)
		count += filled_by[set] >= 0;
	return count;
}

/* Of HmPerson *: those without whom not all sets can be filled. */
static List *
find_needed(Filling *filling, const int *filled_by)
{
	int			sets = list_length(filling->sets);
	List	   *needed = NIL;

	for (int set = 0; set < sets; set++)
	{
		if (count_filled(fill(filling, filled_by[set]), sets) < sets)
			needed = lappend(needed, list_nth(filling->staff->approvers,
											  filled_by[set]));
	}
	return needed;
}

static char *
join_names(List *persons)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, persons)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 ((HmPerson *) lfirst(cell))->name);
	return text.data;
}

/* The roles of all sets a person can fill, so that one is named to deputize. */
static char *
add_deputy(const Filling *filling, const HmPerson *person)
{
	ListCell   *cell;

	foreach(cell, filling->sets)
	{
		if (hm_staff_can_fill(filling->staff, person, lfirst(cell)))
			return hm_staff_add_member(lfirst(cell));
	}
	return hm_staff_add_member(linitial(filling->sets));
}

/* Each set by itself; whether somebody can fill each. */
static bool
check_sets(HmPolicyCheck *check, List *sets)
{
	bool		filled = true;
	ListCell   *cell;

	foreach(cell, sets)
	{
		bool		one = hm_staff_count(check->staff, lfirst(cell), NULL) > 0;

		hm_check_roles(check, "nobody can approve", lfirst(cell), one);
		filled = filled && one;
	}
	return filled;
}

/* Sets that can be filled, but not all at once. */
static void
report_crowd(HmPolicyCheck *check, const Filling *filling,
			 const int *filled_by, int count)
{
	List	   *people = NIL;
	List	   *unfilled = NIL;

	for (int set = 0; set < list_length(filling->sets); set++)
	{
		if (filled_by[set] >= 0)
			people = lappend(people, list_nth(filling->staff->approvers,
											  filled_by[set]));
		else
			unfilled = list_nth(filling->sets, set);
	}
	hm_check_add(check, HM_POLICY_CRITICAL,
				 psprintf("takes %d people, each for one set, and there are not more than %d: %s",
						  list_length(filling->sets), count,
						  join_names(people)),
				 hm_staff_add_member(unfilled));
}

/*
 * Authors.
 */

/* Who registered what is to run, or is said to have written it. */
static bool
has_pending(const HmPolicyCheck *check, const HmPerson *person)
{
	static HmStatement find = {
		HM_AUTHOR_SELECT
		"  FROM hipaa_migrate.migration AS m"
		"  JOIN hipaa_migrate.migration_revision AS r USING (migration_id)"
		" WHERE m.unregistered_at IS NULL"
		"   AND (m.state IN ('pending', 'reverted')"
		"        OR m.revision > m.applied_revision)"
		"   AND " HM_AUTHOR_IS_DUE
		HM_AUTHOR_END " GROUP BY 1, 2, 3, 4, 5"
	};
	const HmPersons *persons = check->staff->persons;
	HmBracket	bracket;
	bool		found = false;

	hm_query_begin(&bracket);
	hm_query_run(&find, NULL, NULL, true);
	for (uint64 row = 0; row < SPI_processed && !found; row++)
	{
		List	   *claims = NIL;
		ListCell   *claim;

		found = hm_person_same(hm_author_read(row, persons, &claims), person);
		foreach(claim, claims)
			found = found ||
			hm_person_claimed(persons, lfirst(claim), person);
	}
	hm_query_end(&bracket);
	return found;
}

static void
check_authors(HmPolicyCheck *check, const Filling *filling, List *needed)
{
	ListCell   *cell;

	if (hm_policy_flag(check->policy, "separation", "author",
					   check->row->risk, true))
		return;
	foreach(cell, needed)
	{
		HmPerson   *person = lfirst(cell);
		bool		pending = has_pending(check, person);

		if (pending || hm_staff_holds(check->staff, person, HM_AUTHOR))
			hm_check_add(check, HM_POLICY_WARNING,
						 psprintf("nobody else can approve what %s writes%s",
								  person->name, pending ?
								  ", of which something is pending" : ""),
						 add_deputy(filling, person));
	}
}

/*
 * Whoever runs it.
 */

/* Whether somebody who can be spared could run it. */
static bool
has_executor(const HmPolicyCheck *check, List *needed, bool superusers)
{
	ListCell   *cell;

	foreach(cell, check->staff->logins)
	{
		HmStaffLogin *login = lfirst(cell);

		if ((superusers || !login->superuser) &&
			!hm_person_among(needed, login->person) &&
			hm_capability_held_by(HM_OPERATOR, login->oid))
			return true;
	}
	return false;
}

static void
check_executor(HmPolicyCheck *check, List *needed)
{
	bool		superuser;

	if (hm_policy_flag(check->policy, "separation", "executor",
					   check->row->risk, true) ||
		has_executor(check, needed, false))
		return;
	superuser = has_executor(check, needed, true);
	hm_check_add(check, superuser ? HM_POLICY_WARNING : HM_POLICY_CRITICAL,
				 pstrdup(superuser ?
						 "nobody but superusers holds capability operator and can be spared from approving" :
						 "nobody holds capability operator and can be spared from approving"),
				 pstrdup("SELECT migrate_grant('operator', 'role')"));
}

void
hm_check_approvers(HmPolicyCheck *check)
{
	Filling		filling = {.staff = check->staff};
	List	   *needed;
	int		   *filled_by;
	int			count;

	filling.sets = hm_approvers_read(check->row->value);
	if (!check_sets(check, filling.sets))
		return;
	filled_by = fill(&filling, -1);
	count = count_filled(filled_by, list_length(filling.sets));
	if (count < list_length(filling.sets))
	{
		report_crowd(check, &filling, filled_by, count);
		return;
	}
	needed = find_needed(&filling, filled_by);
	if (needed)
		hm_check_add(check, HM_POLICY_WARNING,
					 psprintf("no deputy: nothing can be approved without %s",
							  join_names(needed)),
					 add_deputy(&filling, linitial(needed)));
	check_authors(check, &filling, needed);
	check_executor(check, needed);
}
