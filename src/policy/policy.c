/*
 * src/policy/policy.c
 *	  The approval policy of this database.
 */
#include "postgres.h"

#include "audit/relations.h"
#include "base/latest.h"
#include "policy/policy.h"
#include "policy/policy_change.h"
#include "policy/policy_people.h"
#include "policy/freeze.h"
#include "policy/policy_value.h"
#include "policy/requirement_value.h"

/* Set in _PG_init() and never changed after it. */
static const HmPolicyGround *ground = NULL;

void
hm_policy_set_ground(const HmPolicyGround *given)
{
	ground = given;
}

static const char *
find_fault(const HmPolicyRow *row)
{
	const HmRequirement *requirement = row->requirement;

	if (requirement == NULL)
		return "This version of the extension does not know it.";
	if (requirement->everywhere != row->everywhere)
		return requirement->everywhere ?
			"It is set for all risks together." :
			"It is set for each risk by itself.";
	return requirement->check(row->value);
}

static HmPolicyRow *
copy_row(uint64 row)
{
	HmPolicyRow *copy = palloc0(sizeof(HmPolicyRow));
	char	   *risk = hm_query_text(row, 1);
	bool		isnull;

	copy->everywhere = strcmp(risk, "ALL") == 0;
	if (!copy->everywhere)
		copy->risk = hm_severity_require(risk);
	copy->name = hm_query_text(row, 2);
	copy->requirement = hm_requirement_find(copy->name);
	copy->value = DatumGetJsonbPCopy(hm_query_datum(row, 3, &isnull));
	copy->fault = find_fault(copy);
	copy->changed_by = hm_query_text(row, 4);
	copy->changed_at = hm_query_int64(row, 5);
	copy->reason = hm_query_text(row, 6);
	return copy;
}

static void
load_rows(HmPolicy *policy)
{
	static HmStatement find = {
		"SELECT p.risk, p.requirement, p.value, p.changed_by, p.changed_at, p.reason"
		"  FROM hipaa_migrate.policy_requirement AS p"
		" ORDER BY p.risk, p.requirement"
	};
	HmBracket	bracket;
	MemoryContext before;

	hm_query_begin(&bracket);
	hm_query_run_latest(&find, NULL, NULL);
	before = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
		policy->rows = lappend(policy->rows, copy_row(row));
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
}

/* Tables of a version before this one are not there until it is updated. */
HmPolicy *
hm_policy_load(void)
{
	HmPolicy   *policy = palloc0(sizeof(HmPolicy));
	Jsonb	   *preset;

	if (OidIsValid(hm_relation_find(HM_RELATION_POLICY_REQUIREMENT)))
		load_rows(policy);
	preset = hm_policy_value(policy, "preset", HM_LOW);
	if (preset)
		policy->preset = hm_value_read_text(preset);
	policy->freezes = hm_freezes_load();
	return policy;
}

bool
hm_policy_asks(const HmPolicy *policy)
{
	return policy->rows != NIL || policy->freezes != NIL;
}

bool
hm_policy_binds(void)
{
	return ground && ground->armed();
}

bool
hm_policy_guards_roles(const char *class)
{
	return ground && ground->enforces(class);
}

int64
hm_policy_break_glass(void)
{
	return ground ? ground->break_glass() : 0;
}

char *
hm_policy_describe(const HmPolicyRow *row)
{
	return row->fault ? psprintf("nothing meets it: %s", row->fault) :
		row->requirement->describe(row->value);
}

const HmPolicyRow *
hm_policy_row(const HmPolicy *policy, const char *requirement,
			  HmSeverity risk)
{
	ListCell   *cell;

	foreach(cell, policy->rows)
	{
		const HmPolicyRow *row = lfirst(cell);

		if (strcmp(row->name, requirement) == 0 &&
			(row->everywhere || row->risk == risk))
			return row;
	}
	return NULL;
}

Jsonb *
hm_policy_value(const HmPolicy *policy, const char *requirement,
				HmSeverity risk)
{
	const HmPolicyRow *row = hm_policy_row(policy, requirement, risk);

	return row ? row->value : NULL;
}

bool
hm_policy_flag(const HmPolicy *policy, const char *requirement,
			   const char *key, HmSeverity risk, bool absent)
{
	const HmPolicyRow *row = hm_policy_row(policy, requirement, risk);

	if (row == NULL)
		return absent;
	return row->fault ? !absent : hm_value_flag(row->value, key, absent);
}

bool
hm_policy_separates_authors(const HmPolicy *policy)
{
	for (int risk = HM_LOW; risk <= HM_CRITICAL; risk++)
	{
		if (!hm_policy_flag(policy, "separation", "author",
							(HmSeverity) risk, true))
			return true;
	}
	return false;
}

bool
hm_policy_wants_registered(const HmPolicy *policy)
{
	return hm_policy_flag(policy, "identity", "registered", HM_LOW, false);
}

bool
hm_policy_wants_proof(const HmPolicy *policy)
{
	return hm_policy_flag(policy, "identity", "authn_id", HM_LOW, false);
}

TimestampTz
hm_policy_expiry(const HmPolicy *policy, HmSeverity risk, TimestampTz now)
{
	return hm_validity_ends(hm_policy_value(policy, "validity", risk), now);
}

void
hm_policy_init(void)
{
	hm_policy_people_init();
	hm_policy_change_init();
}
