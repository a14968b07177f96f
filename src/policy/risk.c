/*
 * src/policy/risk.c
 *	  How risky a text is, and why.
 */
#include "postgres.h"

#include "base/names.h"
#include "base/settings.h"
#include "catalog/namespace.h"
#include "lint/lock_level.h"
#include "lint/phi.h"
#include "lint/rewrite.h"
#include "lint/waiver_comment.h"
#include "policy/matrix.h"
#include "policy/phi_label.h"
#include "policy/risk.h"
#include "utils/builtins.h"

HmRisk *
hm_risk_begin(void)
{
	HmRisk	   *risk = palloc0(sizeof(HmRisk));

	risk->context = CurrentMemoryContext;
	return risk;
}

static HmRiskReason *
add_reason(HmRisk *risk, int statement_no, HmSeverity adds,
		   const char *source, const char *object, const char *reason)
{
	HmRiskReason *row = palloc0(sizeof(HmRiskReason));

	row->statement_no = statement_no;
	row->counts = true;
	row->adds = adds;
	row->source = source;
	row->object = object ? pstrdup(object) : NULL;
	row->reason = statement_no > 0 ?
		psprintf("statement %d: %s", statement_no, reason) : pstrdup(reason);
	risk->reasons = lappend(risk->reasons, row);
	return row;
}

/* Health information. */

/* Of char *: those of its columns that are labelled so. */
static List *
health_columns(HmRelation *relation)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		const HmColumn *column = lfirst(cell);

		if (column->number > 0 &&
			hm_phi_level_of(relation->oid, column->number) == HM_PHI_HEALTH)
			names = lappend(names, column->name);
	}
	return names;
}

static bool
holds_health_information(HmRelation *relation)
{
	return OidIsValid(relation->oid) &&
		(hm_phi_table_level(relation->oid) == HM_PHI_HEALTH ||
		 health_columns(relation) != NIL);
}

static void
add_health(HmRisk *risk, const char *object, const char *why)
{
	HmRiskHealth *health;
	ListCell   *cell;

	foreach(cell, risk->health)
	{
		health = lfirst(cell);
		if (strcmp(health->object, object) == 0)
			return;
	}
	health = palloc(sizeof(HmRiskHealth));
	health->object = pstrdup(object);
	health->why = pstrdup(why);
	risk->health = lappend(risk->health, health);
	risk->phi = true;
}

/* What is only named, in a foreign key or a query, is touched, too. */
static void
note_health(HmRisk *risk, HmRelation *relation)
{
	if (!holds_health_information(relation))
		return;
	if (hm_phi_table_level(relation->oid) == HM_PHI_HEALTH)
		add_health(risk, relation->display, "the table is labelled phi");
	else
		add_health(risk, relation->display,
				   psprintf("labelled phi: %s",
							hm_lint_names(health_columns(relation))));
}

static void
note_label(HmRisk *risk, int statement_no, const SecLabelStmt *statement)
{
	HmPhiLevel	level;

	if (!hm_phi_label_is_ours(statement) || !IsA(statement->object, List) ||
		!hm_phi_level_parse(statement->label, &level) || level != HM_PHI_HEALTH)
		return;
	add_health(risk, NameListToQuotedString((List *) statement->object),
			   psprintf("statement %d labels it phi", statement_no));
}

static void
note_touched(HmRisk *risk, int statement_no, Node *statement, List *locks)
{
	ListCell   *cell;

	foreach(cell, locks)
		note_health(risk, ((const HmLockTaken *) lfirst(cell))->relation);
	if (IsA(statement, SecLabelStmt))
		note_label(risk, statement_no, castNode(SecLabelStmt, statement));
}

/* The matrix. */

static char *
object_of(const HmMatrixEntry *entry)
{
	if (entry->relation && entry->part)
		return psprintf("%s.%s", entry->relation->display,
						quote_identifier(entry->part));
	if (entry->relation)
		return entry->relation->display;
	return entry->name ? pstrdup(entry->name) : NULL;
}

/* Why nobody can be harmed, or NULL. */
static char *
forgiven(HmRelation *relation)
{
	if (relation == NULL)
		return NULL;
	if (hm_made(relation->made))
		return "the table is new in this plan";
	if (relation->temporary)
		return "the table is temporary";
	return hm_relation_empty(relation) ? "the table is empty" : NULL;
}

/* Size counts where rows are worked on, traffic where it has to wait. */
static char *
raised_by_size(HmRelation *relation, const HmMatrixEntry *entry, bool blocked,
			   HmSeverity *severity)
{
	double		rows = hm_relation_rows(relation);

	if (entry->rows && rows >= hm_setting_large_table)
	{
		*severity = hm_severity_shift(*severity, entry->steps);
		return psprintf("%s, and the table is large: about %.0f rows",
						entry->what, rows);
	}
	if (blocked && hm_relation_busy(relation))
	{
		*severity = hm_severity_shift(*severity, 1);
		return psprintf("%s, and the table is busy", entry->what);
	}
	return NULL;
}

static bool
is_blocked(List *locks, const HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, locks)
	{
		const HmLockTaken *taken = lfirst(cell);

		if (taken->relation == relation)
			return hm_lock_blocks_writes(taken->mode);
	}
	return false;
}

static void
weigh_entry(HmRisk *risk, int statement_no, const HmMatrixEntry *entry,
			List *locks)
{
	HmRelation *relation = entry->relation;
	char	   *object = object_of(entry);
	char	   *because = forgiven(relation);
	HmSeverity	severity = because ? HM_LOW : entry->severity;
	HmRiskReason *row = add_reason(risk, statement_no, severity, "matrix",
								   object, entry->what);
	char	   *why;

	if (because && entry->severity > HM_LOW)
		row->forgiven_because = pstrdup(because);
	if (relation == NULL)
		return;
	why = because ? NULL :
		raised_by_size(relation, entry, is_blocked(locks, relation),
					   &severity);
	if (why)
		add_reason(risk, statement_no, severity, "size", object, why);
	if (holds_health_information(relation))
	{
		add_reason(risk, statement_no, hm_severity_shift(severity, 1), "phi",
				   object, psprintf("%s, and the table holds health information",
									entry->what));
		note_health(risk, relation);
	}
}

/* What the plan shows besides. */

static bool
has_others(const HmRelation *relation)
{
	return !hm_made(relation->made) && !relation->temporary;
}

static void
note_locks(HmRisk *risk, List *locks)
{
	ListCell   *cell;

	foreach(cell, locks)
	{
		const HmLockTaken *taken = lfirst(cell);

		if (has_others(taken->relation))
			risk->worst_lock = Max(risk->worst_lock, taken->mode);
	}
}

static void
note_rewrite(HmRisk *risk, HmWorld *world, Node *statement)
{
	HmRelation *relation = NULL;
	HmWork		work = hm_work_of_statement(world, statement, &relation);

	if (work.kind == HM_WORK_REWRITE && relation && has_others(relation) &&
		!hm_relation_empty(relation) &&
		!hm_names_have(risk->rewritten, relation->display))
		risk->rewritten = lappend(risk->rewritten,
								  pstrdup(relation->display));
}

void
hm_risk_watch(HmWorld *world, Node *statement, List *locks, int line,
			  void *argument)
{
	HmRisk	   *risk = argument;
	MemoryContext before = MemoryContextSwitchTo(risk->context);
	ListCell   *cell;

	note_locks(risk, locks);
	note_rewrite(risk, world, statement);
	note_touched(risk, world->now.statement, statement, locks);
	foreach(cell, hm_matrix_of(world, statement))
		weigh_entry(risk, world->now.statement, lfirst(cell), locks);
	MemoryContextSwitchTo(before);
}

/* Findings. */

static void
weigh_finding(HmRisk *risk, const HmFinding *finding)
{
	bool		raised = finding->severity > finding->rule->severity;
	HmRiskReason *row =
	add_reason(risk, finding->statement_no, finding->severity,
			   raised && finding->why ? "size" : "rule", finding->object,
			   psprintf("%s: %s%s%s", finding->rule->slug, finding->message,
						raised && finding->why ? ", and " : "",
						raised && finding->why ? finding->why : ""));

	if (finding->waived_by)
	{
		row->counts = finding->waived_in_vain;
		row->forgiven_because =
			psprintf("waived %s%s",
					 strcmp(finding->waived_by, HM_WAIVED_IN_FILE) == 0 ?
					 "in the file" :
					 psprintf("by %s", finding->waived_by),
					 finding->waived_in_vain ?
					 ": only that of an approver who is no author, given in this database, counts" : "");
	}
	else if (finding->severity < finding->rule->severity && finding->why)
		row->forgiven_because = pstrdup(finding->why);
	if (hm_lint_rule_about_phi(finding->rule))
		add_health(risk, finding->object ? finding->object :
				   finding->rule->slug, finding->message);
}

static int
compare_reasons(const ListCell *a, const ListCell *b)
{
	const HmRiskReason *left = lfirst(a);
	const HmRiskReason *right = lfirst(b);

	if (left->counts != right->counts)
		return left->counts ? -1 : 1;
	if (left->adds != right->adds)
		return right->adds - left->adds;
	if (left->statement_no != right->statement_no)
		return left->statement_no - right->statement_no;
	if (strcmp(left->source, right->source) != 0)
		return strcmp(left->source, right->source);
	if (strcmp(left->reason, right->reason) != 0)
		return strcmp(left->reason, right->reason);
	return strcmp(left->object ? left->object : "",
				  right->object ? right->object : "");
}

void
hm_risk_end(HmRisk *risk, List *findings, const char *direction)
{
	MemoryContext before = MemoryContextSwitchTo(risk->context);
	ListCell   *cell;

	foreach(cell, findings)
	{
		const HmFinding *finding = lfirst(cell);

		if (strcmp(finding->direction, direction) == 0)
			weigh_finding(risk, finding);
	}
	if (risk->reasons == NIL)
		add_reason(risk, 0, HM_LOW, "matrix", NULL,
				   "it changes nothing that lasts");
	list_sort(risk->reasons, compare_reasons);
	foreach(cell, risk->reasons)
	{
		const HmRiskReason *row = lfirst(cell);

		if (row->counts)
			risk->total = Max(risk->total, row->adds);
	}
	MemoryContextSwitchTo(before);
}
