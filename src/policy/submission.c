/*
 * src/policy/submission.c
 *	  Submissions: releases that wait for approvals.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/number.h"
#include "base/actor.h"
#include "base/compat.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/names.h"
#include "base/query.h"
#include "base/resolve.h"
#include "catalog/pg_type.h"
#include "policy/submission.h"
#include "registry/name.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define RELEASE_DOMAIN	"hipaa_migrate release 1"

/* Reading. */

#define SELECT_OPEN \
	"SELECT s.submission_id, s.direction = 'up'," \
	"       pg_catalog.encode(s.checksum, 'hex'), s.reason, s.ticket," \
	"       s.planned_for, s.submitted_by, s.submitted_by_oid," \
	"       s.submitted_authn_id, s.submitted_at, b.migration_id, m.project," \
	"       m.name, b.revision, pg_catalog.encode(b.checksum, 'hex')," \
	"       b.risk, b.phi, b.done_at, p.system_identifier," \
	"       m.unregistered_at IS NULL" \
	"  FROM hipaa_migrate.submission AS s" \
	"  JOIN hipaa_migrate.submission_member AS b USING (submission_id)" \
	"  JOIN hipaa_migrate.migration AS m USING (migration_id)" \
	"  LEFT JOIN hipaa_migrate.audit_epoch AS p ON p.epoch = s.epoch" \
	" WHERE s.state = 'open'"

#define IN_ORDER " ORDER BY s.submission_id, b.ordinal"

static HmSubmission *
copy_submission(uint64 row)
{
	HmSubmission *submission = palloc0(sizeof(HmSubmission));

	submission->submission_id = hm_query_int64(row, 1);
	submission->up = hm_query_bool(row, 2);
	submission->checksum = hm_query_text(row, 3);
	submission->reason = hm_query_text(row, 4);
	submission->ticket = hm_query_text(row, 5);
	submission->planned_for = hm_query_int64(row, 6);
	submission->submitted_by = hm_query_text(row, 7);
	submission->submitted_by_oid = hm_resolve_actor(submission->submitted_by,
													hm_query_oid(row, 8),
													hm_query_int64(row, 19));
	submission->submitted_authn_id = hm_query_text(row, 9);
	submission->submitted_at = hm_query_int64(row, 10);
	return submission;
}

static HmMember *
copy_member(uint64 row)
{
	HmMember   *member = palloc0(sizeof(HmMember));

	member->migration_id = hm_query_int64(row, 11);
	member->display = hm_name_display(hm_query_text(row, 12),
									  hm_query_text(row, 13));
	member->revision = hm_query_int32(row, 14);
	member->checksum = hm_query_text(row, 15);
	member->risk = hm_severity_require(hm_query_text(row, 16));
	member->phi = hm_query_bool(row, 17);
	member->done_at = hm_query_int64(row, 18);
	member->registered = hm_query_bool(row, 20);
	return member;
}

static void
add_member(HmSubmission *submission, HmMember *member)
{
	submission->members = lappend(submission->members, member);
	if (!member->registered && submission->gone == NULL)
		submission->gone = member;
}

static List *
run(HmStatement *find, Datum argument, bool fresh)
{
	List	   *submissions = NIL;
	HmSubmission *current = NULL;
	HmBracket	bracket;
	MemoryContext before;

	hm_query_begin(&bracket);
	hm_query_run(find, &argument, NULL, !fresh);
	before = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		if (current == NULL ||
			current->submission_id != hm_query_int64(row, 1))
		{
			current = copy_submission(row);
			submissions = lappend(submissions, current);
		}
		add_member(current, copy_member(row));
	}
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
	return submissions;
}

List *
hm_submissions_load(const int64 *migrations, int count, bool fresh)
{
	static HmStatement find = {
		SELECT_OPEN
		"   AND s.submission_id IN"
		"       (SELECT w.submission_id FROM hipaa_migrate.submission_member AS w"
		"         WHERE w.migration_id = ANY ($1))"
		IN_ORDER,
		1, {INT8ARRAYOID}
	};

	/* A library may be newer than the tables: nothing is submitted then. */
	if (!OidIsValid(hm_relation_find(HM_RELATION_SUBMISSION)))
		return NIL;
	return run(&find, hm_query_int64_array(migrations, count), fresh);
}

List *
hm_submissions_load_open(void)
{
	static HmStatement find = {SELECT_OPEN IN_ORDER};

	return run(&find, (Datum) 0, false);
}

static HmSubmission *
find_open(int64 submission_id, bool fresh)
{
	static HmStatement find = {
		SELECT_OPEN " AND s.submission_id = $1" IN_ORDER,
		1, {INT8OID}
	};
	List	   *found = run(&find, Int64GetDatum(submission_id), fresh);

	return found == NIL ? NULL : linitial(found);
}

HmSubmission *
hm_submission_find(int64 submission_id)
{
	return find_open(submission_id, false);
}

static bool
lock_row(int64 submission_id)
{
	static HmStatement lock = {
		"SELECT FROM hipaa_migrate.submission AS s"
		" WHERE s.submission_id = $1 AND s.state = 'open' FOR NO KEY UPDATE",
		1, {INT8OID}
	};
	Datum		value = Int64GetDatum(submission_id);
	HmBracket	bracket;
	bool		open;

	hm_query_begin(&bracket);
	open = hm_query_run(&lock, &value, NULL, false) > 0;
	hm_query_end(&bracket);
	return open;
}

static void
refuse_ended(int64 submission_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s is no longer open",
					hm_submission_display(submission_id)),
			 errhint("To see what waits: SELECT * FROM migrate_queue('all');")));
}

HmSubmission *
hm_submission_lock(int64 submission_id)
{
	if (!lock_row(submission_id))
		refuse_ended(submission_id);
	return find_open(submission_id, true);
}

/* Writing. */

static const char *
direction_name(const HmSubmission *submission)
{
	return submission->up ? "up" : "down";
}

/* Over what runs, in the order that was named, and which way. */
static char *
release_checksum(const HmSubmission *submission)
{
	HmHash	   *hash = hm_hash_begin(RELEASE_DOMAIN);
	uint8		digest[HM_HASH_LENGTH];
	ListCell   *cell;

	hm_hash_append_text(hash, 1, direction_name(submission));
	foreach(cell, submission->members)
	{
		const HmMember *member = lfirst(cell);

		hm_hash_append_text(hash, 2, member->display);
		hm_hash_append_text(hash, 3, member->checksum);
	}
	hm_hash_end(hash, digest);
	return hm_hash_to_hex(digest, HM_HASH_LENGTH);
}

static char *
list_members(const HmSubmission *submission)
{
	return hm_names_join(hm_members_displays(submission->members));
}

static HmSeverity
highest_risk(const HmSubmission *submission)
{
	HmSeverity	highest = HM_LOW;
	ListCell   *cell;

	foreach(cell, submission->members)
		highest = Max(highest, ((HmMember *) lfirst(cell))->risk);
	return highest;
}

static void
append_event(HmEventKind kind, const HmSubmission *submission,
			 const char *outcome, const char *reason, const char *missing)
{
	HmEvent		event = {.kind = kind,.outcome = outcome};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "submission", submission->submission_id);
	hm_json_text(&json, "direction", direction_name(submission));
	hm_json_text(&json, "checksum", submission->checksum);
	hm_json_text(&json, "risk",
				 hm_severity_name(highest_risk(submission)));
	if (list_length(submission->members) > 1)
		hm_json_text(&json, "members", list_members(submission));
	if (submission->planned_for != 0)
		hm_json_timestamp(&json, "planned_for", submission->planned_for);
	hm_json_text(&json, "missing", missing);
	event.migration = hm_submission_subject(submission);
	event.author = submission->submitted_by;
	event.ticket = submission->ticket;
	event.reason = reason;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static void
insert_submission(const HmSubmission *submission)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.submission"
		" (submission_id, direction, checksum, reason, ticket, planned_for,"
		"  submitted_by, submitted_by_oid, submitted_authn_id, submitted_at,"
		"  state, epoch)"
		" VALUES ($1, $2, pg_catalog.decode($3, 'hex'), $4, $5, $6, $7, $8, $9,"
		"         $10, 'open',"
		"         (SELECT s.epoch FROM hipaa_migrate.audit_state AS s))",
		10, {INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID,
		TEXTOID, OIDOID, TEXTOID, TIMESTAMPTZOID}
	};
	Datum		values[10];
	char		nulls[10];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = Int64GetDatum(submission->submission_id);
	values[1] = CStringGetTextDatum(direction_name(submission));
	values[2] = CStringGetTextDatum(submission->checksum);
	values[3] = CStringGetTextDatum(submission->reason);
	values[4] = hm_query_text_arg(submission->ticket, &nulls[4]);
	values[5] = TimestampTzGetDatum(submission->planned_for);
	nulls[5] = submission->planned_for == 0 ? 'n' : ' ';
	values[6] = CStringGetTextDatum(submission->submitted_by);
	values[7] = ObjectIdGetDatum(submission->submitted_by_oid);
	values[8] = hm_query_text_arg(submission->submitted_authn_id, &nulls[8]);
	values[9] = TimestampTzGetDatum(submission->submitted_at);
	hm_query_run(&insert, values, nulls, false);
}

static void
insert_member(int64 submission_id, int ordinal, const HmMember *member)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.submission_member"
		" (submission_id, migration_id, ordinal, revision, checksum, risk, phi)"
		" VALUES ($1, $2, $3, $4, pg_catalog.decode($5, 'hex'), $6, $7)",
		7, {INT8OID, INT8OID, INT4OID, INT4OID, TEXTOID, TEXTOID, BOOLOID}
	};
	Datum		values[7];

	values[0] = Int64GetDatum(submission_id);
	values[1] = Int64GetDatum(member->migration_id);
	values[2] = Int32GetDatum(ordinal);
	values[3] = Int32GetDatum(member->revision);
	values[4] = CStringGetTextDatum(member->checksum);
	values[5] = CStringGetTextDatum(hm_severity_name(member->risk));
	values[6] = BoolGetDatum(member->phi);
	hm_query_run(&insert, values, NULL, false);
}

/* False: somebody else has ended it meanwhile. */
static bool
end_row(int64 submission_id, const char *state, const char *reason)
{
	static HmStatement end = {
		"UPDATE hipaa_migrate.submission"
		"   SET state = $2, ended_by = $3, ended_at = $4, end_reason = $5"
		" WHERE submission_id = $1 AND state = 'open'",
		5, {INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID}
	};
	HmBracket	bracket;
	Datum		values[5];
	char		nulls[] = "     ";
	bool		ended;

	values[0] = Int64GetDatum(submission_id);
	values[1] = CStringGetTextDatum(state);
	values[2] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[3] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[4] = hm_query_text_arg(reason, &nulls[4]);
	hm_query_begin(&bracket);
	ended = hm_query_run(&end, values, nulls, false) > 0;
	hm_query_end(&bracket);
	return ended;
}

static void
replace(const HmSubmission *old, const HmSubmission *by)
{
	List	   *left_out = hm_submission_left_out(old, by);
	char	   *reason = psprintf("replaced by %s",
								  hm_submission_display(by->submission_id));

	if (!end_row(old->submission_id, "replaced", reason))
		refuse_ended(old->submission_id);
	append_event(HM_EVENT_SUBMISSION_ENDED, old, "replaced", reason, NULL);
	ereport(NOTICE,
			(errmsg("%s is replaced, and with it the approvals it has",
					hm_submission_display(old->submission_id)),
			 left_out == NIL ? 0 :
			 errdetail("Of what it holds these are submitted no more: %s.",
					   hm_names_join_first(left_out, 20))));
}

/*
 * Whoever submits one of them waits for the others who do.  A run does not:
 * it writes other rows of theirs.
 */
static void
lock_migrations(const int64 *migrations, int count)
{
	static HmStatement lock = {
		"SELECT FROM hipaa_migrate.migration_revision AS r"
		" WHERE r.migration_id = ANY ($1) AND r.revision = 1"
		" ORDER BY r.migration_id FOR NO KEY UPDATE",
		1, {INT8ARRAYOID}
	};
	Datum		value = hm_query_int64_array(migrations, count);
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&lock, &value, NULL, false);
	hm_query_end(&bracket);
}

static void
replace_earlier(const HmSubmission *submission)
{
	int			count = list_length(submission->members);
	int64	   *migrations = hm_submission_migrations(submission);
	ListCell   *cell;

	lock_migrations(migrations, count);
	foreach(cell, hm_submissions_load(migrations, count, true))
	{
		HmSubmission *old = lfirst(cell);

		if (old->up == submission->up)
			replace(old, submission);
	}
	pfree(migrations);
}

void
hm_submission_open(HmSubmission *submission)
{
	HmBracket	bracket;
	ListCell   *cell;

	submission->submission_id = hm_number_next(HM_RELATION_SUBMISSION_ID_SEQ);
	submission->checksum = release_checksum(submission);
	submission->submitted_by = hm_actor_authenticated_name();
	submission->submitted_by_oid = hm_actor_authenticated();
	submission->submitted_authn_id = hm_compat_authn_id();
	submission->submitted_at = GetCurrentTimestamp();
	replace_earlier(submission);
	hm_query_begin(&bracket);
	insert_submission(submission);
	foreach(cell, submission->members)
		insert_member(submission->submission_id,
					  foreach_current_index(cell) + 1, lfirst(cell));
	hm_query_end(&bracket);
}

void
hm_submission_announce(const HmSubmission *submission, const char *missing)
{
	append_event(HM_EVENT_SUBMISSION_OPENED, submission, NULL,
				 submission->reason, missing);
}

void
hm_submission_end(const HmSubmission *submission, const char *state,
				  const char *reason)
{
	if (!end_row(submission->submission_id, state, reason))
		refuse_ended(submission->submission_id);
	append_event(HM_EVENT_SUBMISSION_ENDED, submission, state, reason, NULL);
}

/* Whoever would end one of them waits; returns as its caller does. */
static int
note_members(Datum *values)
{
	static HmStatement note = {
		"WITH held AS ("
		"  SELECT s.submission_id FROM hipaa_migrate.submission AS s"
		"   WHERE s.submission_id = ANY ($1) AND s.state = 'open'"
		"   ORDER BY s.submission_id FOR NO KEY UPDATE),"
		" noted AS ("
		"  UPDATE hipaa_migrate.submission_member AS b SET done_at = $3"
		"    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))"
		"         AS d (submission_id, migration_id)"
		"   WHERE b.submission_id = d.submission_id"
		"     AND b.migration_id = d.migration_id)"
		" SELECT pg_catalog.min(g.place)"
		"   FROM pg_catalog.unnest($1) WITH ORDINALITY AS g (submission_id, place)"
		"  WHERE g.submission_id NOT IN (SELECT h.submission_id FROM held AS h)",
		3, {INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID}
	};

	hm_query_run(&note, values, NULL, false);
	return hm_query_int64(0, 1) - 1;
}

static void
finish_rows(Datum *values)
{
	static HmStatement finish = {
		"UPDATE hipaa_migrate.submission AS s SET state = 'done', ended_at = $3"
		" WHERE s.submission_id = ANY ($1) AND s.state = 'open' AND NOT EXISTS"
		"       (SELECT FROM hipaa_migrate.submission_member AS b"
		"         WHERE b.submission_id = s.submission_id AND b.done_at IS NULL)",
		3, {INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID}
	};

	hm_query_run(&finish, values, NULL, false);
}

int
hm_submissions_note_done(const int64 *submissions, const int64 *migrations,
						 int count)
{
	Datum		values[3];
	HmBracket	bracket;
	int			ended;

	if (count == 0)
		return -1;
	values[0] = hm_query_int64_array(submissions, count);
	values[1] = hm_query_int64_array(migrations, count);
	values[2] = TimestampTzGetDatum(GetCurrentTimestamp());
	hm_query_begin(&bracket);
	ended = note_members(values);
	finish_rows(values);
	hm_query_end(&bracket);
	return ended;
}
