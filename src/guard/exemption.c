/*
 * src/guard/exemption.c
 *	  Exemptions: which one covers a command.
 */
#include "postgres.h"

#include "base/compat.h"
#include "catalog/namespace.h"
#include "guard/exemption.h"
#include "guard/guard_state.h"
#include "guard/target.h"

static bool
covers_user(const HmExemption *exemption)
{
	return !OidIsValid(exemption->role) ||
		hm_compat_is_member(GetAuthenticatedUserId(), exemption->role);
}

static bool
covers_command(const HmExemption *exemption, const HmGuardedCommand *command)
{
	if (exemption->command == NULL)
		return command->class != HM_CLASS_DANGER;
	return pg_strcasecmp(exemption->command, command->name) == 0;
}

static bool
covers_objects(const HmExemption *exemption, Node *tree)
{
	Oid			schema;

	if (exemption->schema == NULL)
		return true;
	schema = get_namespace_oid(exemption->schema, true);
	return tree != NULL && OidIsValid(schema) &&
		hm_guard_within_schema(tree, schema);
}

/* What costs least is looked at first. */
static const HmExemption *
find_in(const HmGuardedDatabase *database, const HmGuardedCommand *command,
		Node *tree)
{
	TimestampTz now = GetCurrentTimestamp();
	ListCell   *cell;

	foreach(cell, database->exemptions)
	{
		const HmExemption *exemption = lfirst(cell);

		if ((exemption->expires_at == 0 || exemption->expires_at > now) &&
			covers_command(exemption, command) && covers_user(exemption) &&
			covers_objects(exemption, tree))
			return exemption;
	}
	return NULL;
}

const HmExemption *
hm_exemption_find(const HmGuardedCommand *command, Node *tree)
{
	HmGuardClass class = command->class;
	const HmExemption *found = NULL;
	bool		enforcing;
	ListCell   *cell;

	if (class == HM_CLASS_FREE || class == HM_CLASS_OWN)
		return NULL;
	enforcing = command->shared &&
		hm_guard_mode(class, true) == HM_GUARD_ENFORCE;
	foreach(cell, hm_guard_databases())
	{
		const HmGuardedDatabase *database = lfirst(cell);
		bool		has_say = enforcing ?
		database->modes[class] == HM_GUARD_ENFORCE :
		database->oid == MyDatabaseId;

		if (has_say)
			found = find_in(database, command, tree);
		if (found)
			break;
	}
	return found;
}
