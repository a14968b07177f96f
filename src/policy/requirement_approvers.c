/*
 * src/policy/requirement_approvers.c
 *	  approvers: sets of roles; one member of each must approve.
 */
#include "postgres.h"

#include "base/names.h"
#include "lib/stringinfo.h"
#include "policy/approvers_judge.h"
#include "policy/policy_value.h"
#include "policy/requirement_value.h"

bool
hm_roles_any(List *roles)
{
	return hm_names_have(roles, HM_ANY_APPROVER);
}

List *
hm_approvers_read(Jsonb *value)
{
	JsonbContainer *array = value ? hm_value_array(value) : NULL;
	List	   *sets = NIL;
	ListCell   *cell;

	if (array == NULL)
		return NIL;
	foreach(cell, hm_value_elements(array))
		sets = lappend(sets, hm_value_texts(lfirst(cell)));
	return sets;
}

static char *
check(Jsonb *value)
{
	ListCell   *cell;

	if (hm_value_array(value) == NULL)
		return pstrdup("It is an array of sets of roles; an empty one asks for no approval.");
	foreach(cell, hm_approvers_read(value))
	{
		List	   *roles = lfirst(cell);

		if (roles == NIL)
			return psprintf("Set %d is not an array of names of roles.",
							foreach_current_index(cell) + 1);
		if (list_length(roles) > 1 && hm_roles_any(roles))
			return psprintf("Set %d has roles beside \"*\", which means whoever holds capability approver.",
							foreach_current_index(cell) + 1);
	}
	return NULL;
}

/* "one of cto, ceo + one of dba" is read better as "cto or ceo, and dba". */
static char *
describe(Jsonb *value)
{
	StringInfoData text;
	ListCell   *cell;
	ListCell   *role;

	initStringInfo(&text);
	foreach(cell, hm_approvers_read(value))
	{
		if (text.len > 0)
			appendStringInfoString(&text, ", and ");
		foreach(role, (List *) lfirst(cell))
			appendStringInfo(&text, "%s%s",
							 foreach_current_index(role) > 0 ? " or " : "",
							 strcmp(lfirst(role), HM_ANY_APPROVER) == 0 ?
							 "any approver" : (char *) lfirst(role));
	}
	return text.len > 0 ? text.data : pstrdup("nobody needs to approve");
}

const HmRequirement hm_requirement_approvers = {
	.name = "approvers",
	.by_signature = true,
	.example = "[[\"cto\"], [\"dba\", \"dba_on_call\"]]",
	.check = check,
	.describe = describe,
	.judge = hm_approvers_judge,
};
