/*
 * src/audit/person.h
 *	  Persons: who is behind a login.
 *
 * Table person_login gives logins, and other names of a person (what an
 * authentication method proves, the address in a commit), to persons.  A
 * login that is in no row is a person of its own name.  A shared login, which
 * a row gives to nobody, is no person at all.
 *
 * A row about a role holds for that role, not for another that was given its
 * name later on the same server.
 */
#ifndef HM_AUDIT_PERSON_H
#define HM_AUDIT_PERSON_H

#include "nodes/pg_list.h"

#define HM_PERSON_MAX_BYTES 512 /* of each of its names */

typedef struct HmPerson
{
	const char *name;			/* of the person; without one: of the login */
	const char *login;
	Oid			login_oid;		/* InvalidOid: no role of this server */
	const char *authn_id;		/* what the client proved, or NULL */
	bool		registered;		/* migrate_person() has named it */
	bool		shared;			/* of nobody */
	const char *proven;			/* another registered person, whose identity
								 * was proven at this login; or NULL */
	const char *was;			/* the person's name when it acted, if the
								 * caller has filled it in; else NULL */
} HmPerson;

/* All rows, in the memory context that was current. */
typedef struct HmPersons HmPersons;

/* Works on a standby. */
extern HmPersons *hm_persons_load(void);

/*
 * Whoever is behind that login, role (or InvalidOid) and proven identity (or
 * NULL).  The login's own row goes first, then that of the identity.  A role
 * that is gone is whose it was; if nobody says whose, whose its name is.
 */
extern HmPerson *hm_person_of(const HmPersons *persons, const char *login,
							  Oid login_oid, const char *authn_id);

/* Whoever is acting: the authenticated user. */
extern HmPerson *hm_person_acting(const HmPersons *persons);

/*
 * The registered person of that name, or of which it is a login or another
 * name; NULL: there is none.
 */
extern HmPerson *hm_person_named(const HmPersons *persons, const char *name);

/*
 * Same name, same login (renamed or not), or same proven identity.  Where a
 * login is of one person and the identity of another, both are meant, and so
 * are whoever it was and whoever it is now.  Two who are the same as a third
 * need not be the same by this: whoever counts people asks a circle.
 */
extern bool hm_person_same(const HmPerson *one, const HmPerson *other);

/* Whether it is the same as one of these (of HmPerson *). */
extern bool hm_person_among(List *persons, const HmPerson *person);

/*
 * Circles, Lists of Lists of HmPerson *, say who is one person of all who
 * were added: a circle's are, by way of others in it.  Adding returns the new
 * circles; none of the persons is copied.
 */
extern List *hm_circles_add(List *circles, const HmPerson *person);
extern bool hm_circles_same(List *circles, const HmPerson *one,
							const HmPerson *other);

/*
 * Whether a claim such as "Ada Lovelace <ada@example.org>" means the person,
 * or one of several means it that are listed with commas between: by its
 * name, a login, another name of it, in any case of letters.
 */
extern bool hm_person_claimed(const HmPersons *persons, const char *claim,
							  const HmPerson *person);

/* Oids of the roles by which the person logs in, its present login first. */
extern List *hm_person_logins(const HmPersons *persons,
							  const HmPerson *person);

#endif							/* HM_AUDIT_PERSON_H */
