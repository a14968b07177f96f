/*
 * src/policy/requirement_assessment.c
 *	  assessment: what must be written down and signed where a migration
 *	  touches health information.
 *
 * Both are bound to the text: an assessment of it, and an approval with
 * meaning "privacy" by a member of one of the roles, who did not write it.
 * That approves the assessment too, and does not count for a later one.
 */
#include "postgres.h"

#include "base/errors.h"
#include "lib/stringinfo.h"
#include "policy/approval.h"
#include "policy/approvers_judge.h"
#include "policy/assessment.h"
#include "policy/policy_value.h"
#include "policy/requirement_value.h"
#include "policy/verdict.h"
#include "utils/builtins.h"

typedef enum When
{
	WHEN_NEVER,
	WHEN_PHI,
	WHEN_ALWAYS,
	WHEN_UNKNOWN
} When;

static const char *const when_names[] = {
	[WHEN_NEVER] = "never",
	[WHEN_PHI] = "phi",
	[WHEN_ALWAYS] = "always",
};

static When
read_when(JsonbContainer *object)
{
	char	   *text = hm_value_text(hm_value_member(object, "when"));

	for (int i = 0; text && i < lengthof(when_names); i++)
	{
		if (strcmp(text, when_names[i]) == 0)
			return (When) i;
	}
	return WHEN_UNKNOWN;
}

static List *
read_roles(JsonbContainer *object)
{
	return hm_value_texts(hm_value_member(object, "roles"));
}

static char *
check(Jsonb *value)
{
	static const char *const keys[] = {"when", "roles", NULL};
	JsonbContainer *object = hm_value_object(value);
	char	   *fault = hm_requirement_check_keys(object, keys);
	When		when;

	if (fault)
		return fault;
	when = read_when(object);
	if (when == WHEN_UNKNOWN)
		return pstrdup("Its \"when\" must be never, phi or always.");
	if (when != WHEN_NEVER && read_roles(object) == NIL)
		return pstrdup("Its \"roles\" is not an array of names of roles.");
	return NULL;
}

static char *
describe(Jsonb *value)
{
	JsonbContainer *object = hm_value_object(value);
	When		when = read_when(object);

	if (when == WHEN_NEVER)
		return pstrdup("no privacy assessment");
	return psprintf("a privacy assessment%s, and the approval of %s",
					when == WHEN_PHI ?
					" where health information is touched" : "",
					hm_roles_phrase(read_roles(object)));
}

static bool
is_asked(const HmPolicyCase *c, JsonbContainer *object)
{
	When		when = read_when(object);

	return when == WHEN_ALWAYS || (when == WHEN_PHI && c->phi);
}

/* Whatever the separation of duties says: nobody judges the own text. */
static bool
is_signed(const HmPolicyCase *c, List *roles, int64 assessment_id)
{
	ListCell   *cell;

	foreach(cell, c->approvals)
	{
		HmApproval *approval = lfirst(cell);

		if (strcmp(approval->meaning, HM_MEANING_PRIVACY) == 0 &&
			approval->assessment_id == assessment_id &&
			!hm_case_by_author(c, approval->giver) &&
			hm_approval_by_member(c, approval, roles))
			return true;
	}
	return false;
}

static HmPolicyGap *
create_gap(char *what)
{
	return hm_gap_create(hm_requirement_assessment.name,
						 HM_ERRCODE_NOT_APPROVED, what);
}

static HmPolicyGap *
unsigned_gap(List *roles)
{
	HmPolicyGap *gap = create_gap(psprintf("needs the signature of %s for \"" HM_MEANING_PRIVACY "\"",
										   hm_roles_phrase(roles)));

	gap->roles = roles;
	gap->meaning = HM_MEANING_PRIVACY;
	return gap;
}

static List *
judge(const HmPolicyCase *c, Jsonb *value, List *gaps)
{
	JsonbContainer *object = hm_value_object(value);
	HmAssessment *assessment;
	HmPolicyGap *gap;
	List	   *roles;

	if (c->reverts || !is_asked(c, object))
		return gaps;
	roles = read_roles(object);
	assessment = hm_assessment_find(c->migration_id, c->checksum);
	if (assessment && is_signed(c, roles, assessment->assessment_id))
		return gaps;
	gap = unsigned_gap(roles);
	if (assessment == NULL)
	{
		gaps = lappend(gaps, create_gap(pstrdup("needs a privacy assessment, by migrate_assess()")));
		gap->first = psprintf("SELECT migrate_assess(%s, 'purpose', 'data', 'safeguards');",
							  quote_literal_cstr(c->display));
	}
	return lappend(gaps, gap);
}

const HmRequirement hm_requirement_assessment = {
	.name = "assessment",
	.by_signature = true,
	.example = "{\"when\": \"phi\", \"roles\": [\"privacy_officer\"]}",
	.check = check,
	.describe = describe,
	.judge = judge,
};
