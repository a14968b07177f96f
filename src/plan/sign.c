/*
 * src/plan/sign.c
 *	  Signing: somebody approves what is submitted.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/client_words.h"
#include "audit/event.h"
#include "audit/own_words.h"
#include "base/actor.h"
#include "base/compat.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/settings.h"
#include "mb/pg_wchar.h"
#include "plan/members.h"
#include "plan/review.h"
#include "plan/sign.h"
#include "policy/assessment.h"
#include "policy/policy.h"
#include "policy/verdict.h"
#include "utils/builtins.h"

#define LEAST_DIGITS	12

/* What is signed: one member of a submission, as it stands now. */
typedef struct Signing
{
	const HmSignature *signature;
	const HmSubmission *submission;
	HmReview   *review;
	HmPolicyCase *c;
	const HmPerson *giver;
} Signing;

void
hm_sign_refuse(const char *display, const char *meaning, const char *detail,
			   const char *hint)
{
	HmEvent		event = {
		.kind = HM_EVENT_APPROVAL_REFUSED,
		.migration = display,
		.sqlstate = unpack_sql_state(HM_ERRCODE_NO_APPROVER)
	};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "meaning", meaning);
	hm_json_text(&json, "why", detail);
	event.details = hm_json_end(&json);
	(void) hm_event_record(&event, hm_event_fold_key(event.kind, display),
						   hm_setting_record_wait);
	ereport(ERROR,
			(errcode(HM_ERRCODE_NO_APPROVER),
			 errmsg("\"%s\" cannot be approved so", display),
			 detail ? errdetail("%s", detail) : 0,
			 hint ? errhint("%s", hint) : 0));
}

static char *
review_hint(const char *display)
{
	return psprintf("Look at it again: SELECT * FROM migrate_review(%s);",
					quote_literal_cstr(display));
}

/* What is refused is on record with all of this. */
static void
require_short(const HmSignature *signature, const char *argument,
			  const char *given, int most)
{
	int			meaning_length = pg_mbcliplen(signature->meaning,
											  strlen(signature->meaning),
											  HM_MEANING_MAX_BYTES);

	if (given == NULL || strlen(given) <= most)
		return;
	hm_sign_refuse(signature->name,
				   pnstrdup(signature->meaning, meaning_length),
				   psprintf("Argument \"%s\" has %zu bytes: at most %d.",
							argument, strlen(given), most),
				   review_hint(signature->name));
}

static void
require_all_short(const HmSignature *signature)
{
	require_short(signature, "meaning", signature->meaning,
				  HM_MEANING_MAX_BYTES);
	require_short(signature, "checksum", signature->checksum,
				  2 * HM_HASH_LENGTH);
	require_short(signature, "given_by", signature->given_by,
				  HM_PERSON_MAX_BYTES);
}

/* The checksum that the approver has seen. */

static bool
is_hexadecimal(const char *text)
{
	return text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

static void
require_checksum_given(const HmSignature *signature, const HmPolicy *policy)
{
	const char *given = signature->checksum;

	if (given == NULL && policy->preset &&
		strcmp(policy->preset, "development") == 0)
		return;
	if (given == NULL)
		hm_sign_refuse(signature->name, signature->meaning,
					   "An approval names the checksum that was reviewed; only policy development does without.",
					   review_hint(signature->name));
	if (strlen(given) < LEAST_DIGITS || !is_hexadecimal(given))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid checksum \"%s\"", given),
				 errdetail("It must be %d to %d hexadecimal digits.",
						   LEAST_DIGITS, 2 * HM_HASH_LENGTH),
				 errhint("%s", review_hint(signature->name))));
}

static void
require_checksum(const HmSignature *signature, const char *actual)
{
	const char *given = signature->checksum;

	if (given && pg_strncasecmp(given, actual, strlen(given)) != 0)
		hm_sign_refuse(signature->name, signature->meaning,
					   psprintf("Its checksum is %.12s, not %s: this is not what was reviewed.",
								actual, given),
					   review_hint(signature->name));
}

/* What was called as the review may have been another's. */
static void
require_true_review(const HmSignature *signature)
{
	char	   *other = signature->given_by ? NULL :
	hm_client_words_other("migrate_review");

	if (other)
		hm_sign_refuse(signature->name, signature->meaning,
					   psprintf("Function %s of somebody else is found in the search path: what it shows is no review.",
								other),
					   "Take its schema out of the search_path, and look again: SELECT * FROM migrate_review('name');");
}

/* What is signed as a part of a release is signed beside the others. */
static void
require_whole(const HmSignature *signature, const HmSubmission *submission)
{
	if (submission->gone == NULL)
		return;
	hm_sign_refuse(signature->name, signature->meaning,
				   psprintf("%s, a member of %s, is not registered any more.",
							submission->gone->display,
							hm_submission_display(submission->submission_id)),
				   hm_members_gone_hint(submission));
}

static void
require_unchanged(const Signing *signing, const HmMember *member)
{
	const HmReview *review = signing->review;
	const char *shown = hm_review_shown(review->display, review->up);

	if (strcmp(member->checksum, review->checksum) != 0)
		hm_sign_refuse(review->display, signing->signature->meaning,
					   "It was changed after it was submitted.",
					   psprintf("Its author submits it again: %s",
								hm_members_submit_call(list_make1((void *) review->display),
													   review->up)));
	if (shown && strcmp(shown, review->hash) != 0)
		hm_sign_refuse(review->display, signing->signature->meaning,
					   "What migrate_review() showed in this session has changed since.",
					   review_hint(review->display));
}

/* Who signs. */

static const HmPerson *
require_giver(const HmSignature *signature, const HmPersons *persons)
{
	const HmPerson *giver = signature->given_by == NULL ?
	hm_person_acting(persons) :
	hm_person_named(persons, signature->given_by);

	if (giver == NULL)
		hm_sign_refuse(signature->name, signature->meaning,
					   psprintf("Nobody is registered as \"%s\".",
								signature->given_by),
					   psprintf("Register the person: SELECT migrate_person(%s, ARRAY['login'], 'reason');",
								quote_literal_cstr(signature->given_by)));
	if (giver->shared)
		hm_sign_refuse(signature->name, signature->meaning,
					   psprintf("Login \"%s\" is shared: it stands for no person.",
								giver->login),
					   "Log in as yourself.");
	return giver;
}

static void
require_separate(const Signing *signing)
{
	char	   *unidentified = hm_case_unidentified(signing->c,
													signing->giver);

	if (hm_case_excludes_author(signing->c, signing->giver))
		hm_sign_refuse(signing->review->display, signing->signature->meaning,
					   psprintf("%s is among its authors, and the policy wants another person; SET ROLE and SET SESSION AUTHORIZATION do not make one.",
								signing->giver->name), NULL);
	if (unidentified)
		hm_sign_refuse(signing->review->display, signing->signature->meaning,
					   psprintf("The policy wants to know who approves: %s.",
								unidentified),
					   psprintf("Register the person behind it: SELECT migrate_person('name', ARRAY[%s], 'reason');",
								quote_literal_cstr(signing->giver->login)));
	if (signing->signature->given_by && !hm_case_accepts_relayed(signing->c))
		hm_sign_refuse(signing->review->display, signing->signature->meaning,
					   psprintf("The policy takes no relayed approvals at risk %s.",
								hm_severity_name(signing->c->risk)),
					   psprintf("Whoever gives it logs in here, and looks at it: SELECT * FROM migrate_review(%s);",
								quote_literal_cstr(signing->review->display)));
}

/*
 * Whoever can sign, or has written it alone, could sign for others too, and
 * nobody else would have seen it.
 */
static void
require_bridge(const Signing *signing)
{
	const HmSignature *signature = signing->signature;
	const HmPerson *bridge = hm_person_acting(signing->c->persons);
	bool		wrote_alone = signing->c->authors == NIL;
	ListCell   *cell;

	if (signature->given_by == NULL)
		return;
	foreach(cell, signing->c->author_persons)
		wrote_alone = wrote_alone && hm_person_same(lfirst(cell), bridge);
	if (hm_capability_held(HM_APPROVER))
		hm_sign_refuse(signing->review->display, signature->meaning,
					   psprintf("User \"%s\" holds capability approver: who approves does not hand in what others approve.",
								bridge->login),
					   "A bridge has a login of its own, with capability relay only.");
	if (wrote_alone)
		hm_sign_refuse(signing->review->display, signature->meaning,
					   psprintf("User \"%s\" registered it, and its source names no author.",
								bridge->login),
					   "Register it with the author in source: {\"author\": \"ada@example.org\"}.");
}

/* What it is for. */

/* How many signatures of that meaning are missing. */
static int
count_missing(List *gaps, const char *meaning)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, gaps)
	{
		const HmPolicyGap *gap = lfirst(cell);

		if (gap->roles != NIL && gap->meaning &&
			strcmp(gap->meaning, meaning) == 0)
			count++;
	}
	return count;
}

/* What would be signed must be there. */
static void
require_ready(const Signing *signing, List *gaps)
{
	ListCell   *cell;

	foreach(cell, gaps)
	{
		const HmPolicyGap *gap = lfirst(cell);

		if (gap->first &&
			strcmp(gap->meaning, signing->signature->meaning) == 0)
			hm_sign_refuse(signing->review->display, gap->meaning,
						   "What it would sign is not there yet.",
						   psprintf("It comes first: %s", gap->first));
	}
}

static char *
list_meanings(List *gaps)
{
	StringInfoData list;
	ListCell   *cell;

	initStringInfo(&list);
	foreach(cell, gaps)
	{
		const HmPolicyGap *gap = lfirst(cell);

		if (gap->roles != NIL && gap->meaning)
			appendStringInfo(&list, "%s%s", list.len > 0 ? "; " : "",
							 gap->what);
	}
	return list.len > 0 ? list.data : NULL;
}

/*
 * Whether the approval closes a gap; if so *missing lists those that are left,
 * else *why says what it would be good for.
 */
static bool
is_of_use(const Signing *signing, HmApproval *approval, char **missing,
		  char **why)
{
	HmPolicyCase *c = signing->c;
	List	   *before = hm_case_judge(c);
	int			count = count_missing(before, approval->meaning);
	char	   *meanings = list_meanings(before);
	List	   *after;

	require_ready(signing, before);
	c->approvals = lappend(c->approvals, approval);
	hm_case_meet(c, approval->giver);
	after = hm_case_judge(c);
	*missing = hm_gaps_list(after);
	if (count > 0 && count_missing(after, approval->meaning) < count)
		return true;
	if (meanings == NULL)
		*why = *missing ? psprintf("No signature is missing; it %s.", *missing) :
			pstrdup("No signature is missing.");
	else if (count == 0)
		*why = psprintf("No signature of meaning \"%s\" is missing; it %s.",
						approval->meaning, meanings);
	else
		*why = psprintf("An approval of %s would not count: it %s.",
						signing->giver->name, meanings);
	return false;
}

/* 0: there is none. */
static int64
find_assessment(const HmPolicyCase *c)
{
	const HmAssessment *assessment = hm_assessment_find(c->migration_id,
														c->checksum);

	return assessment ? assessment->assessment_id : 0;
}

static HmApproval *
fill(const Signing *signing)
{
	HmApproval *approval = palloc0(sizeof(HmApproval));
	const HmSignature *signature = signing->signature;

	approval->submission_id = signing->submission->submission_id;
	approval->migration_id = signing->c->migration_id;
	approval->checksum = signing->review->checksum;
	approval->up = signing->submission->up;
	approval->risk = signing->c->risk;
	approval->meaning = signature->meaning;
	approval->comment = signature->comment;
	approval->login = signing->giver->login;
	approval->person = signing->giver->name;
	approval->giver = signing->giver;
	approval->review_hash = signing->review->hash;
	if (strcmp(signature->meaning, HM_MEANING_PRIVACY) == 0)
		approval->assessment_id = find_assessment(signing->c);
	approval->given_at = signing->c->now;
	approval->expires_at = hm_policy_expiry(signing->c->policy,
											signing->c->risk,
											signing->c->now);
	if (signature->given_by)
	{
		approval->relayed_by = hm_actor_authenticated_name();
		approval->evidence = signature->evidence;
	}
	else
	{
		approval->login_oid = hm_actor_authenticated();
		approval->authn_id = hm_compat_authn_id();
	}
	return approval;
}

/* NULL: the member needs no such signature, *why says which. */
static HmSigned *
sign_member(Signing *signing, const HmMember *member, char **why)
{
	const HmSubmission *submission = signing->submission;
	HmSigned   *result = palloc0(sizeof(HmSigned));

	signing->giver = require_giver(signing->signature, signing->c->persons);
	require_separate(signing);
	require_bridge(signing);
	result->display = member->display;
	result->approval = fill(signing);
	result->approval->revision = member->revision;
	if (!is_of_use(signing, result->approval, &result->missing, why))
		return NULL;
	hm_own_words_require(signing->signature->given_by ? "migrate_relay" :
						 "migrate_approve");
	hm_approval_give(result->approval, member->display,
					 submission->submitted_by, submission->ticket,
					 result->missing);
	return result;
}

static List *
sign_members(const HmSignature *signature, const HmGraph *graph,
			 const HmSubmission *submission, List *members, char **why)
{
	List	   *reviews = hm_review_build_each(graph,
											   hm_members_displays(members),
											   submission->up);
	List	   *cases = hm_review_cases(reviews, true, NULL);
	List	   *done = NIL;

	for (int i = 0; i < list_length(members); i++)
	{
		Signing		signing = {
			.signature = signature,
			.submission = submission,
			.review = list_nth(reviews, i),
			.c = list_nth(cases, i)
		};
		HmSigned   *one;

		CHECK_FOR_INTERRUPTS();
		require_unchanged(&signing, list_nth(members, i));
		one = sign_member(&signing, list_nth(members, i), why);
		if (one)
			done = lappend(done, one);
	}
	return done;
}

/* Those that have not run, of the release or by that name. */
static List *
choose_members(const HmSubmission *submission, const HmGraph *graph, int node)
{
	List	   *chosen = NIL;
	ListCell   *cell;

	foreach(cell, submission->members)
	{
		HmMember   *member = lfirst(cell);

		if (member->done_at == 0 &&
			(node < 0 ||
			 member->migration_id == graph->nodes[node].migration_id))
			chosen = lappend(chosen, member);
	}
	return chosen;
}

List *
hm_sign(const HmSignature *signature)
{
	HmGraph    *graph = hm_graph_load_fresh();
	int			node;
	HmSubmission *submission;
	List	   *members;
	List	   *done;
	char	   *why = NULL;

	require_all_short(signature);
	require_true_review(signature);
	require_checksum_given(signature, hm_policy_load());
	submission = hm_members_require(graph, signature->name, signature->up,
									&node);
	submission = hm_submission_lock(submission->submission_id);
	require_whole(signature, submission);
	members = choose_members(submission, graph, node);
	if (members == NIL)
		hm_sign_refuse(signature->name, signature->meaning,
					   "It has just run.", NULL);
	require_checksum(signature, node < 0 ? submission->checksum :
					 ((HmMember *) linitial(members))->checksum);
	done = sign_members(signature, graph, submission, members, &why);
	if (done == NIL)
		hm_sign_refuse(signature->name, signature->meaning, why,
					   psprintf("Who can is said by SELECT * FROM migrate_review(%s);",
								quote_literal_cstr(signature->name)));
	return done;
}
