/*
 * src/audit/person.c
 *	  Persons: who is behind a login.
 */
#include "postgres.h"

#include "audit/person.h"
#include "audit/relations.h"
#include "base/actor.h"
#include "base/compat.h"
#include "base/latest.h"
#include "base/resolve.h"
#include "catalog/pg_collation.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/syscache.h"

/* A row of person_login. */
typedef struct Login
{
	const char *login;
	bool		of_role;		/* not another name of the person */
	Oid			role;			/* on this server, dropped or not */
	const char *person;			/* NULL: shared */
} Login;

struct HmPersons
{
	List	   *logins;			/* of Login * */
};

static Login *
read_row(uint64 row)
{
	Login	   *login = palloc(sizeof(Login));
	Oid			role = hm_query_oid(row, 2);

	login->login = hm_query_text(row, 1);
	login->of_role = OidIsValid(role);
	if (login->of_role)
		role = hm_resolve_actor(login->login, role, hm_query_int64(row, 3));
	login->role = role;
	login->person = hm_query_text(row, 4);
	return login;
}

/*
 * As they are now: somebody may have been found to be two meanwhile.  The
 * table of a version before this one is not there until it is updated.
 */
HmPersons *
hm_persons_load(void)
{
	static HmStatement find = {
		"SELECT p.login, p.login_oid, p.server, p.person"
		"  FROM hipaa_migrate.person_login AS p ORDER BY p.login"
	};
	HmPersons  *persons = palloc0(sizeof(HmPersons));
	HmBracket	bracket;
	MemoryContext spi_context;

	if (!OidIsValid(hm_relation_find(HM_RELATION_PERSON_LOGIN)))
		return persons;
	hm_query_begin(&bracket);
	hm_query_run_latest(&find, NULL, NULL);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
		persons->logins = lappend(persons->logins, read_row(row));
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return persons;
}

/*
 * A row about a role is that role's, under whatever name; without a role to
 * ask for, the name that acted then decides.
 */
static bool
is_of_login(const Login *row, const char *login, Oid role)
{
	if (OidIsValid(role))
		return row->of_role && row->role == role;
	return strcmp(row->login, login) == 0;
}

/*
 * What a client proved, such as the user of its operating system, is often
 * called as a role of the person: it counts while the role is still called so.
 */
static bool
is_of_identity(const Login *row, const char *authn_id)
{
	return authn_id && strcmp(row->login, authn_id) == 0 &&
		(!row->of_role ||
		 (OidIsValid(row->role) && hm_resolve_role(authn_id) == row->role));
}

static bool
role_exists(Oid role)
{
	return SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role));
}

static const Login *
find_login(const HmPersons *persons, const char *login, Oid role)
{
	ListCell   *cell;

	foreach(cell, persons->logins)
	{
		if (is_of_login(lfirst(cell), login, role))
			return lfirst(cell);
	}
	return OidIsValid(role) && !role_exists(role) ?
		find_login(persons, login, InvalidOid) : NULL;
}

static const Login *
find_identity(const HmPersons *persons, const char *authn_id)
{
	ListCell   *cell;

	foreach(cell, persons->logins)
	{
		if (is_of_identity(lfirst(cell), authn_id))
			return lfirst(cell);
	}
	return NULL;
}

HmPerson *
hm_person_of(const HmPersons *persons, const char *login, Oid login_oid,
			 const char *authn_id)
{
	const Login *own = find_login(persons, login, login_oid);
	const Login *proven = find_identity(persons, authn_id);
	const Login *row = own ? own : proven;
	HmPerson   *person = palloc0(sizeof(HmPerson));

	person->login = login;
	person->login_oid = login_oid;
	person->authn_id = authn_id;
	person->registered = row && row->person;
	person->shared = row && !row->person;
	person->name = person->registered ? row->person : login;
	if (proven && proven->person && strcmp(proven->person, person->name) != 0)
		person->proven = proven->person;
	return person;
}

HmPerson *
hm_person_acting(const HmPersons *persons)
{
	const char *authn_id = hm_compat_authn_id();

	return hm_person_of(persons, hm_actor_authenticated_name(),
						hm_actor_authenticated(),
						authn_id ? pstrdup(authn_id) : NULL);
}

/* The first login of that name is the one that people know the person by. */
HmPerson *
hm_person_named(const HmPersons *persons, const char *name)
{
	const Login *found = NULL;
	HmPerson   *person;
	ListCell   *cell;

	foreach(cell, persons->logins)
	{
		const Login *row = lfirst(cell);

		if (row->person && (strcmp(row->person, name) == 0 ||
							strcmp(row->login, name) == 0) &&
			(found == NULL || strcmp(row->person, name) == 0))
			found = row;
		if (found && strcmp(found->person, name) == 0)
			break;
	}
	if (found == NULL)
		return NULL;
	person = palloc0(sizeof(HmPerson));
	person->name = found->person;
	person->login = found->login;
	person->login_oid = role_exists(found->role) ? found->role : InvalidOid;
	person->registered = true;
	return person;
}

static bool
same_text(const char *one, const char *other)
{
	return one && other && strcmp(one, other) == 0;
}

static bool
is_called(const HmPerson *person, const char *name)
{
	return same_text(person->name, name) || same_text(person->proven, name) ||
		same_text(person->was, name);
}

bool
hm_person_same(const HmPerson *one, const HmPerson *other)
{
	return is_called(one, other->name) || is_called(one, other->proven) ||
		is_called(one, other->was) ||
		same_text(one->login, other->login) ||
		(OidIsValid(one->login_oid) && one->login_oid == other->login_oid) ||
		same_text(one->authn_id, other->authn_id);
}

bool
hm_person_among(List *persons, const HmPerson *person)
{
	ListCell   *cell;

	foreach(cell, persons)
	{
		if (hm_person_same(lfirst(cell), person))
			return true;
	}
	return false;
}

List *
hm_circles_add(List *circles, const HmPerson *person)
{
	List	   *own = list_make1((void *) person);
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, circles)
	{
		if (hm_person_among(lfirst(cell), person))
			own = list_concat(own, lfirst(cell));
		else
			result = lappend(result, lfirst(cell));
	}
	return lappend(result, own);
}

bool
hm_circles_same(List *circles, const HmPerson *one, const HmPerson *other)
{
	ListCell   *cell;

	if (hm_person_same(one, other))
		return true;
	foreach(cell, circles)
	{
		if (hm_person_among(lfirst(cell), one) && hm_person_among(lfirst(cell), other))
			return true;
	}
	return false;
}

static char *
fold(const char *text, int length)
{
	while (length > 0 && strchr(" \t\r\n\"'<>", text[0]))
		text++, length--;
	while (length > 0 && strchr(" \t\r\n\"'<>", text[length - 1]))
		length--;
	return str_tolower(text, length, DEFAULT_COLLATION_OID);
}

/* Of "Ada Lovelace <ada@example.org>": the whole, the name, the address. */
static List *
add_names(List *names, const char *claim, int length)
{
	const char *open = memchr(claim, '<', length);
	const char *end = claim + length;

	names = lappend(names, fold(claim, length));
	if (open == NULL)
		return names;
	names = lappend(names, fold(claim, open - claim));
	return lappend(names, fold(open, end - open));
}

/* "Lovelace, Ada" is a name too, and so are its parts. */
static List *
claimed_names(const char *claim)
{
	List	   *names = list_make1(fold(claim, strlen(claim)));

	while (*claim != '\0')
	{
		int			length = strcspn(claim, ",;\n");

		names = add_names(names, claim, length);
		claim += length + (claim[length] != '\0' ? 1 : 0);
	}
	return names;
}

static bool
is_among(List *folded, const char *name)
{
	char	   *wanted;
	ListCell   *cell;

	if (name == NULL)
		return false;
	wanted = fold(name, strlen(name));
	foreach(cell, folded)
	{
		if (*wanted != '\0' && strcmp(lfirst(cell), wanted) == 0)
			return true;
	}
	return false;
}

static bool
is_row_of(const Login *row, const HmPerson *person)
{
	return same_text(row->person, person->proven) ||
		(person->registered && same_text(row->person, person->name));
}

bool
hm_person_claimed(const HmPersons *persons, const char *claim,
				  const HmPerson *person)
{
	List	   *names = claimed_names(claim);
	ListCell   *cell;

	if (is_among(names, person->name) || is_among(names, person->login) ||
		is_among(names, person->authn_id) || is_among(names, person->proven))
		return true;
	foreach(cell, persons->logins)
	{
		const Login *row = lfirst(cell);

		if (is_row_of(row, person) && is_among(names, row->login))
			return true;
	}
	return false;
}

List *
hm_person_logins(const HmPersons *persons, const HmPerson *person)
{
	List	   *roles = NIL;
	ListCell   *cell;

	if (OidIsValid(person->login_oid))
		roles = list_make1_oid(person->login_oid);
	foreach(cell, persons->logins)
	{
		const Login *row = lfirst(cell);

		if (person->registered && same_text(row->person, person->name) &&
			role_exists(row->role))
			roles = list_append_unique_oid(roles, row->role);
	}
	return roles;
}
