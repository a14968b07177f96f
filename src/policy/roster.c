/*
 * src/policy/roster.c
 *	  Which logins are members of which roles, looked up once.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/capability.h"
#include "base/compat.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "policy/requirement_value.h"
#include "policy/roster.h"
#include "utils/acl.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct RosterKey
{
	Oid			login;
	char		role[NAMEDATALEN];
} RosterKey;

typedef struct RosterEntry
{
	RosterKey	key;
	bool		member;
} RosterEntry;

struct HmRoster
{
	HTAB	   *entries;
};

HmRoster *
hm_roster_begin(void)
{
	HmRoster   *roster = palloc(sizeof(HmRoster));
	HASHCTL		control = {
		.keysize = sizeof(RosterKey),
		.entrysize = sizeof(RosterEntry),
		.hcxt = CurrentMemoryContext
	};

	roster->entries = hash_create("hipaa_migrate roster", 64, &control,
								  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return roster;
}

static bool
is_member(Oid login, const char *role)
{
	Oid			oid;

	if (strcmp(role, HM_ANY_APPROVER) == 0)
		return hm_capability_held_by(HM_APPROVER, login);
	oid = get_role_oid(role, true);
	return OidIsValid(oid) && hm_compat_is_member(login, oid);
}

static bool
on_roster(HmRoster *roster, Oid login, const char *role)
{
	RosterKey	key = {.login = login};
	RosterEntry *entry;
	bool		found;

	if (!OidIsValid(login))
		return false;
	strlcpy(key.role, role, sizeof(key.role));
	entry = hash_search(roster->entries, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->member = false;
		entry->member = is_member(login, role);
	}
	return entry->member;
}

bool
hm_roster_is_approver(HmRoster *roster, Oid login)
{
	return on_roster(roster, login, HM_ANY_APPROVER);
}

bool
hm_roster_member_of_any(HmRoster *roster, Oid login, List *roles)
{
	ListCell   *cell;

	foreach(cell, roles)
	{
		if (on_roster(roster, login, lfirst(cell)))
			return true;
	}
	return false;
}

List *
hm_roster_logins(void)
{
	Relation	catalog = table_open(AuthIdRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, AuthIdRolnameIndexId, true,
										  NULL, 0, NULL);
	List	   *logins = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_authid role = (Form_pg_authid) GETSTRUCT(tuple);

		if (role->rolcanlogin)
			logins = lappend_oid(logins, role->oid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return logins;
}

List *
hm_roster_candidates(HmRoster *roster, List *roles)
{
	List	   *candidates = NIL;
	ListCell   *cell;

	foreach(cell, hm_roster_logins())
	{
		Oid			login = lfirst_oid(cell);
		char	   *name;

		CHECK_FOR_INTERRUPTS();
		if (hm_roster_member_of_any(roster, login, roles) &&
			hm_roster_is_approver(roster, login) &&
			(name = GetUserNameFromId(login, true)) != NULL)
			candidates = lappend(candidates, name);
	}
	return candidates;
}
