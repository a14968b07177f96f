/*
 * src/policy/staff.c
 *	  The logins of this cluster, and what they could do.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "policy/requirement_value.h"
#include "policy/roster.h"
#include "policy/staff.h"
#include "utils/acl.h"
#include "utils/builtins.h"

/* NULL: it was dropped just now. */
static HmStaffLogin *
create_login(const HmStaff *staff, Oid role, bool registered)
{
	HmStaffLogin *login = palloc0(sizeof(HmStaffLogin));

	login->oid = role;
	login->name = GetUserNameFromId(role, true);
	if (login->name == NULL)
		return NULL;
	login->person = hm_person_of(staff->persons, login->name, role, NULL);
	login->superuser = superuser_arg(role);
	login->approver = hm_roster_is_approver(staff->roster, role);
	login->fit = !login->person->shared &&
		(login->person->registered || !registered);
	return login;
}

/* Appends the person unless it is, by another login, in the list. */
static List *
add_person(List *persons, const HmPerson *person)
{
	return hm_person_among(persons, person) ? persons :
		lappend(persons, (void *) person);
}

static void
load_logins(HmStaff *staff, bool registered)
{
	ListCell   *cell;

	foreach(cell, hm_roster_logins())
	{
		HmStaffLogin *login = create_login(staff, lfirst_oid(cell),
										   registered);

		CHECK_FOR_INTERRUPTS();
		if (login)
			staff->logins = lappend(staff->logins, login);
	}
}

HmStaff *
hm_staff_load(const HmPolicy *policy)
{
	HmStaff    *staff = palloc0(sizeof(HmStaff));
	ListCell   *cell;

	staff->persons = hm_persons_load();
	staff->roster = hm_roster_begin();
	load_logins(staff, hm_policy_wants_registered(policy));
	foreach(cell, staff->logins)
	{
		HmStaffLogin *login = lfirst(cell);

		if (login->approver && login->fit)
			staff->approvers = add_person(staff->approvers, login->person);
	}
	return staff;
}

bool
hm_staff_can_fill(const HmStaff *staff, const HmPerson *person, List *roles)
{
	ListCell   *cell;

	foreach(cell, staff->logins)
	{
		HmStaffLogin *login = lfirst(cell);

		if (login->approver && login->fit &&
			hm_person_same(login->person, person) &&
			hm_roster_member_of_any(staff->roster, login->oid, roles))
			return true;
	}
	return false;
}

int
hm_staff_count(const HmStaff *staff, List *roles, const HmPerson **first)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, staff->approvers)
	{
		if (!hm_staff_can_fill(staff, lfirst(cell), roles))
			continue;
		if (count++ == 0 && first)
			*first = lfirst(cell);
	}
	return count;
}

bool
hm_staff_holds(const HmStaff *staff, const HmPerson *person,
			   HmCapability capability)
{
	ListCell   *cell;

	foreach(cell, hm_person_logins(staff->persons, person))
	{
		if (hm_capability_held_by(capability, lfirst_oid(cell)))
			return true;
	}
	return false;
}

/* Why nobody. */

static char *
within_guard(char *command, const char *class)
{
	if (!hm_policy_guards_roles(class))
		return command;
	return psprintf("%s -- in a migration, or after migrate_break_glass(): the guard enforces class %s",
					command, class);
}

char *
hm_staff_create_role(const char *role)
{
	return within_guard(psprintf("CREATE ROLE %s", quote_identifier(role)),
						"accounts");
}

char *
hm_staff_grant_role(const char *role)
{
	return within_guard(psprintf("GRANT %s TO login", quote_identifier(role)),
						"privilege");
}

char *
hm_staff_add_member(List *roles)
{
	return hm_roles_any(roles) ?
		pstrdup("SELECT migrate_grant('approver', 'role')") :
		hm_staff_grant_role(linitial(roles));
}

static bool
exists_one(List *roles)
{
	ListCell   *cell;

	foreach(cell, roles)
	{
		if (OidIsValid(get_role_oid(lfirst(cell), true)))
			return true;
	}
	return false;
}

static const HmStaffLogin *
find_member(const HmStaff *staff, List *roles, bool approver)
{
	ListCell   *cell;

	foreach(cell, staff->logins)
	{
		const HmStaffLogin *login = lfirst(cell);

		if ((login->approver || !approver) &&
			hm_roster_member_of_any(staff->roster, login->oid, roles))
			return login;
	}
	return NULL;
}

char *
hm_staff_why_nobody(const HmStaff *staff, List *roles, char **remedy)
{
	const HmStaffLogin *approver = find_member(staff, roles, true);

	if (approver)
	{
		*remedy = psprintf("SELECT migrate_person('name', ARRAY[%s], 'reason')",
						   quote_literal_cstr(approver->name));
		return psprintf("login \"%s\" is %s", approver->name,
						approver->person->shared ? "shared" :
						"registered as nobody's");
	}
	*remedy = hm_staff_add_member(roles);
	if (hm_roles_any(roles))
		return pstrdup("nobody who can log in holds capability approver");
	if (!exists_one(roles))
	{
		*remedy = hm_staff_create_role(linitial(roles));
		return psprintf("role \"%s\" does not exist",
						(char *) linitial(roles));
	}
	if (find_member(staff, roles, false) == NULL)
		return pstrdup("nobody who can log in is a member");
	*remedy = psprintf("SELECT migrate_grant('approver', %s)",
					   quote_literal_cstr(linitial(roles)));
	return pstrdup("no member holds capability approver");
}
