/*
 * src/plan/review_found.c
 *	  What a review shows of what was found: findings, locks, risk, health
 *	  information.
 *
 * Numbers of rows change from hour to hour, and are shown but not hashed.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "lint/waiver_comment.h"
#include "plan/review_parts.h"
#include "policy/assessment.h"
#include "utils/builtins.h"
#include "utils/date.h"

/* "statement 2, line 7"; "the text as a whole". */
static char *
shown_place(int statement_no, int line)
{
	return statement_no == 0 ? pstrdup("the migration as a whole") :
		psprintf("statement %d, line %d", statement_no, line);
}

/* Findings. */

/* On a line of its own: "waived by anna, the author: it is small". */
static char *
shown_waiver(const HmStored *stored, const HmFinding *finding)
{
	const char *because = finding->waived_because ?
	finding->waived_because : "no reason given";

	if (finding->waived_by == NULL)
		return pstrdup("");
	if (strcmp(finding->waived_by, HM_WAIVED_IN_FILE) == 0)
		return psprintf("\nwaived in the text itself: %s", because);
	return psprintf("\nwaived by %s%s: %s", finding->waived_by,
					strcmp(finding->waived_by, stored->author) == 0 ?
					", the author" : "", because);
}

static void
add_finding(HmReview *review, const HmStored *stored,
			const HmFinding *finding)
{
	bool		other = (strcmp(finding->direction, "up") == 0) != review->up;
	char	   *item = psprintf("%s %s%s%s",
								hm_severity_name(finding->severity),
								finding->rule->slug, other ? ", of the " : "",
								other ? finding->direction : "");
	char	   *place = shown_place(finding->statement_no, finding->line);
	const char *object = finding->object ? finding->object : "";
	bool		named = strstr(finding->message, object) != NULL;
	char	   *waiver = shown_waiver(stored, finding);

	hm_review_add_as(review, "finding", item,
					 psprintf("%s: %s%s%s%s%s%s", place, named ? "" : object,
							  named ? "" : ": ", finding->message, waiver,
							  finding->safe_way ? "\nbetter: " : "",
							  finding->safe_way ? finding->safe_way : ""),
					 psprintf("%s: %s%s", place, object, waiver));
}

void
hm_review_add_findings(HmReview *review, const HmStored *stored,
					   List *findings)
{
	ListCell   *cell;

	if (findings == NIL)
		hm_review_add(review, "finding", NULL, "none");
	foreach(cell, findings)
		add_finding(review, stored, lfirst(cell));
}

/* Locks. */

static char *
shown_rows(const HmLockRow *row)
{
	double		rows = hm_lock_row_rows(row);

	return row->made || rows < 0 ? pstrdup("") :
		psprintf("; about %.0f rows", rows);
}

static void
add_lock(HmReview *review, const HmLockRow *row)
{
	char	   *what = psprintf("%s, blocks %s, held %s: %s (%s)",
								hm_lock_name(row->taken.mode),
								hm_lock_row_blocks(row),
								hm_lock_row_lasts(row),
								hm_lock_row_reason(row),
								shown_place(row->statement_no, row->line));

	hm_review_add_as(review, "lock", row->relation,
					 psprintf("%s%s", what, shown_rows(row)), what);
}

void
hm_review_add_locks(HmReview *review, const HmLockRows *locks)
{
	ListCell   *cell;

	if (locks->rows == NIL)
		hm_review_add(review, "lock", NULL, "none");
	foreach(cell, locks->rows)
		add_lock(review, lfirst(cell));
}

/* Risk. */

/* What sizes and rules say may hold numbers of rows. */
static bool
reason_lasts(const HmRiskReason *reason)
{
	return strcmp(reason->source, "matrix") == 0 ||
		strcmp(reason->source, "phi") == 0;
}

static void
add_reason(HmReview *review, const HmRiskReason *reason)
{
	char	   *item = psprintf("%s %s%s", hm_severity_name(reason->adds),
								reason->source,
								reason->counts ? "" : ", not counted");
	char	   *rest = psprintf("%s%s%s%s%s", reason->object ? " (" : "",
								reason->object ? reason->object : "",
								reason->object ? ")" : "",
								reason->forgiven_because ? "; " : "",
								reason->forgiven_because ?
								reason->forgiven_because : "");

	hm_review_add_as(review, "risk", item,
					 psprintf("%s%s", reason->reason, rest),
					 psprintf("%d: %s%s", reason->statement_no,
							  reason_lasts(reason) ? reason->reason : "",
							  rest));
}

static void
add_health(HmReview *review, const HmRisk *risk)
{
	ListCell   *cell;

	if (risk->health == NIL)
		hm_review_add(review, "health information", NULL,
					  "none that a label or a name tells of");
	foreach(cell, risk->health)
	{
		const HmRiskHealth *health = lfirst(cell);

		hm_review_add(review, "health information", health->object,
					  health->why);
	}
}

void
hm_review_add_risk(HmReview *review, const HmRisk *risk)
{
	ListCell   *cell;

	foreach(cell, risk->rewritten)
		hm_review_add(review, "rewrite", lfirst(cell),
					  "every row is written anew");
	hm_review_add(review, "risk", NULL, hm_severity_name(risk->total));
	foreach(cell, risk->reasons)
		add_reason(review, lfirst(cell));
	add_health(review, risk);
}

/* The day is shown in the session's style, and hashed in none. */
void
hm_review_add_assessment(HmReview *review, const HmStored *stored)
{
	const HmAssessment *assessment = hm_assessment_find(stored->migration_id,
														stored->checksum);
	char	   *day;

	if (assessment == NULL)
		return;
	day = DatumGetCString(DirectFunctionCall1(date_out,
											  DateADTGetDatum(assessment->assessed_on)));
	hm_review_add(review, "assessment", "purpose", assessment->purpose);
	hm_review_add(review, "assessment", "data", assessment->data);
	hm_review_add(review, "assessment", "safeguards", assessment->safeguards);
	hm_review_add_as(review, "assessment", "assessed by",
					 psprintf("%s on %s, put in by %s", assessment->assessor,
							  day, assessment->recorded_by),
					 assessment->assessor);
}
