/*
 * src/policy/approval.c
 *	  Approvals: who approved what.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/number.h"
#include "base/ending.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/resolve.h"
#include "catalog/pg_type.h"
#include "policy/approval.h"
#include "policy/submission.h"
#include "utils/builtins.h"

/* What the record says. */

/*
 * What event approval.given says, to its last brace: what was missing then
 * may follow.  Compared later, so always the same text.
 */
static StringInfoData
begin_details(const HmApproval *approval)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "approval", approval->approval_id);
	hm_json_int64(&json, "submission", approval->submission_id);
	hm_json_int64(&json, "migration_id", approval->migration_id);
	hm_json_int64(&json, "revision", approval->revision);
	hm_json_text(&json, "checksum", approval->checksum);
	hm_json_text(&json, "direction", approval->up ? "up" : "down");
	hm_json_text(&json, "risk", hm_severity_name(approval->risk));
	hm_json_text(&json, "meaning", approval->meaning);
	hm_json_text(&json, "login", approval->login);
	hm_json_int64(&json, "role", approval->login_oid);
	hm_json_text(&json, "person", approval->person);
	hm_json_text(&json, "relayed_by", approval->relayed_by);
	if (approval->evidence)
		hm_json_raw(&json, "evidence", approval->evidence);
	hm_json_text(&json, "review_hash", approval->review_hash);
	if (approval->assessment_id != 0)
		hm_json_int64(&json, "assessment_id", approval->assessment_id);
	hm_json_timestamp(&json, "given_at", approval->given_at);
	hm_json_timestamp(&json, "expires_at", approval->expires_at);
	return json;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Of a text and the beginning of another. */
static int
compare_beginning(const void *text, const void *other)
{
	return strncmp(text, *(char *const *) other, strlen(text));
}

static void
compare_with_record(List *approvals, char **recorded, int count)
{
	ListCell   *cell;

	qsort(recorded, count, sizeof(char *), compare_texts);
	foreach(cell, approvals)
	{
		HmApproval *approval = lfirst(cell);
		StringInfoData json = begin_details(approval);

		approval->on_record = bsearch(json.data, recorded, count,
									  sizeof(char *),
									  compare_beginning) != NULL;
		pfree(json.data);
	}
}

/* Reading. */

/*
 * Why an approval is not of this database; NULL: it is.  It counts in what was
 * restored under the same name, once the sealer of this very database has
 * adopted the record that it came with.
 */
#define GIVEN_ELSEWHERE \
	"CASE WHEN a.epoch = t.epoch AND t.database_oid = " HM_QUERY_DATABASE \
	"     THEN NULL" \
	"     WHEN p.database <> pg_catalog.current_database()" \
	"       OR a.database <> pg_catalog.current_database()" \
	"     THEN 'it was given in another database'" \
	"     WHEN p.state <> 'adopted' OR p.epoch::pg_catalog.text NOT IN" \
	"          (SELECT e.object FROM hipaa_migrate.audit_event AS e" \
	"            WHERE e.epoch = (SELECT s.epoch FROM hipaa_migrate.audit_state AS s)" \
	"              AND e.kind = 'record.epoch_adopted' AND e.outcome = 'done'" \
	"              AND e.object IS NOT NULL)" \
	"     THEN 'it came with a record that is not adopted'" \
	" END"

#define SELECT_APPROVALS(which) \
	"SELECT a.approval_id, a.submission_id, a.migration_id, a.revision," \
	"       pg_catalog.encode(a.checksum, 'hex'), a.direction = 'up', a.risk," \
	"       a.meaning, a.comment, a.login, a.login_oid, a.authn_id, a.person," \
	"       a.relayed_by, a.evidence::pg_catalog.text," \
	"       pg_catalog.encode(a.review_hash, 'hex'), a.given_at, a.expires_at," \
	GIVEN_ELSEWHERE ", p.system_identifier, COALESCE(a.assessment_id, 0)" \
	"  FROM hipaa_migrate.approval AS a" \
	"  JOIN hipaa_migrate.audit_epoch AS p ON p.epoch = a.epoch" \
	" CROSS JOIN hipaa_migrate.audit_state AS t" \
	" WHERE a.used_at IS NULL AND a.ended_at IS NULL AND " which \
	" ORDER BY a.submission_id, a.migration_id, a.approval_id"

#define SELECT_RECORDED(which) \
	"SELECT e.details" \
	"  FROM (SELECT DISTINCT a.epoch, a.xid" \
	"          FROM hipaa_migrate.approval AS a" \
	"         WHERE a.used_at IS NULL AND a.ended_at IS NULL AND " which ") AS g" \
	"  JOIN hipaa_migrate.audit_event AS e USING (epoch, xid)" \
	" WHERE e.kind = 'approval.given'"

#define OF_MIGRATIONS \
	"a.migration_id = ANY ($1) AND a.submission_id = ANY ($2)"

#define OF_OPEN \
	"a.submission_id IN (SELECT s.submission_id" \
	"                      FROM hipaa_migrate.submission AS s" \
	"                     WHERE s.state = 'open')"

static HmApproval *
copy_approval(uint64 row)
{
	HmApproval *approval = palloc0(sizeof(HmApproval));

	approval->approval_id = hm_query_int64(row, 1);
	approval->submission_id = hm_query_int64(row, 2);
	approval->migration_id = hm_query_int64(row, 3);
	approval->revision = hm_query_int32(row, 4);
	approval->checksum = hm_query_text(row, 5);
	approval->up = hm_query_bool(row, 6);
	approval->risk = hm_severity_require(hm_query_text(row, 7));
	approval->meaning = hm_query_text(row, 8);
	approval->comment = hm_query_text(row, 9);
	approval->login = hm_query_text(row, 10);
	approval->login_oid = hm_query_oid(row, 11);
	approval->authn_id = hm_query_text(row, 12);
	approval->person = hm_query_text(row, 13);
	approval->relayed_by = hm_query_text(row, 14);
	approval->evidence = hm_query_text(row, 15);
	approval->review_hash = hm_query_text(row, 16);
	approval->given_at = hm_query_int64(row, 17);
	approval->expires_at = hm_query_int64(row, 18);
	approval->elsewhere = hm_query_text(row, 19);
	approval->server = hm_query_int64(row, 20);
	approval->assessment_id = hm_query_int64(row, 21);
	return approval;
}

static void
resolve_logins(List *approvals)
{
	ListCell   *cell;

	foreach(cell, approvals)
	{
		HmApproval *approval = lfirst(cell);

		if (!approval->relayed_by)
			approval->login_oid = hm_resolve_actor(approval->login,
												   approval->login_oid,
												   approval->server);
	}
}

static List *
load(HmStatement *find, HmStatement *find_recorded, Datum *values, bool fresh)
{
	List	   *approvals = NIL;
	char	  **recorded;
	HmBracket	bracket;
	MemoryContext spi_context;

	hm_query_begin(&bracket);
	hm_query_run(find, values, NULL, !fresh);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
		approvals = lappend(approvals, copy_approval(row));
	MemoryContextSwitchTo(spi_context);
	if (approvals != NIL)
	{
		hm_query_run(find_recorded, values, NULL, !fresh);
		recorded = palloc(sizeof(char *) * Max(SPI_processed, 1));
		for (uint64 row = 0; row < SPI_processed; row++)
			recorded[row] = hm_query_text(row, 1);
		compare_with_record(approvals, recorded, SPI_processed);
	}
	hm_query_end(&bracket);
	resolve_logins(approvals);
	return approvals;
}

List *
hm_approvals_load(const int64 *migrations, int count, List *submissions,
				  bool fresh)
{
	static HmStatement find = {
		SELECT_APPROVALS(OF_MIGRATIONS), 2, {INT8ARRAYOID, INT8ARRAYOID}
	};
	static HmStatement find_recorded = {
		SELECT_RECORDED(OF_MIGRATIONS), 2, {INT8ARRAYOID, INT8ARRAYOID}
	};
	int64	   *numbers = palloc(sizeof(int64) * list_length(submissions));
	Datum		values[2];
	ListCell   *cell;

	foreach(cell, submissions)
		numbers[foreach_current_index(cell)] =
		((HmSubmission *) lfirst(cell))->submission_id;
	values[0] = hm_query_int64_array(migrations, count);
	values[1] = hm_query_int64_array(numbers, list_length(submissions));
	return load(&find, &find_recorded, values, fresh);
}

List *
hm_approvals_load_open(void)
{
	static HmStatement find = {SELECT_APPROVALS(OF_OPEN)};
	static HmStatement find_recorded = {SELECT_RECORDED(OF_OPEN)};

	return load(&find, &find_recorded, NULL, false);
}

bool
hm_approval_covers_revert(int64 migration_id, int revision, TimestampTz since)
{
	static HmStatement find = {
		"SELECT FROM hipaa_migrate.approval AS a"
		"  JOIN hipaa_migrate.migration AS m USING (migration_id)"
		"  JOIN hipaa_migrate.run_step AS r ON r.step_id = m.applied_step"
		"  JOIN hipaa_migrate.audit_epoch AS p ON p.epoch = a.epoch"
		" CROSS JOIN hipaa_migrate.audit_state AS t"
		" WHERE a.migration_id = $1 AND a.revision = $2 AND a.direction = 'up'"
		"   AND a.used_run = r.run_id AND a.used_at >= $3"
		"   AND " GIVEN_ELSEWHERE " IS NULL LIMIT 1",
		3, {INT8OID, INT4OID, TIMESTAMPTZOID}
	};
	Datum		values[3];
	HmBracket	bracket;
	bool		found;

	values[0] = Int64GetDatum(migration_id);
	values[1] = Int32GetDatum(revision);
	values[2] = TimestampTzGetDatum(since);
	hm_query_begin(&bracket);
	found = hm_query_run(&find, values, NULL, true) > 0;
	hm_query_end(&bracket);
	return found;
}

/* Writing. */

static void
append_event(const HmApproval *approval, const char *display,
			 const char *author, const char *ticket, const char *missing)
{
	HmEvent		event = {.kind = HM_EVENT_APPROVAL_GIVEN};
	StringInfoData json = begin_details(approval);

	hm_json_text(&json, "missing", missing);
	event.migration = display;
	event.author = author;
	event.approvers = approval->person;
	event.ticket = ticket;
	event.reason = approval->comment;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static void
insert(const HmApproval *approval)
{
	static HmStatement insert_row = {
		"INSERT INTO hipaa_migrate.approval"
		" (approval_id, submission_id, migration_id, revision, checksum,"
		"  direction, risk, meaning, comment, login, login_oid, authn_id,"
		"  person, relayed_by, evidence, review_hash, given_at, expires_at,"
		"  assessment_id, epoch, database, xid)"
		" SELECT $1, $2, $3, $4, pg_catalog.decode($5, 'hex'), $6, $7, $8, $9,"
		"        $10, $11, $12, $13, $14, $15::pg_catalog.jsonb,"
		"        pg_catalog.decode($16, 'hex'), $17, $18, $19,"
		"        s.epoch,"
		"        pg_catalog.current_database(),"
		"        " HM_QUERY_XID
		"   FROM hipaa_migrate.audit_state AS s",
		19, {INT8OID, INT8OID, INT8OID, INT4OID, TEXTOID, TEXTOID, TEXTOID,
			TEXTOID, TEXTOID, TEXTOID, OIDOID, TEXTOID, TEXTOID, TEXTOID,
		TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID}
	};
	HmBracket	bracket;
	Datum		values[19];
	char		nulls[19];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = Int64GetDatum(approval->approval_id);
	values[1] = Int64GetDatum(approval->submission_id);
	values[2] = Int64GetDatum(approval->migration_id);
	values[3] = Int32GetDatum(approval->revision);
	values[4] = CStringGetTextDatum(approval->checksum);
	values[5] = CStringGetTextDatum(approval->up ? "up" : "down");
	values[6] = CStringGetTextDatum(hm_severity_name(approval->risk));
	values[7] = CStringGetTextDatum(approval->meaning);
	values[8] = hm_query_text_arg(approval->comment, &nulls[8]);
	values[9] = CStringGetTextDatum(approval->login);
	values[10] = ObjectIdGetDatum(approval->login_oid);
	nulls[10] = OidIsValid(approval->login_oid) ? ' ' : 'n';
	values[11] = hm_query_text_arg(approval->authn_id, &nulls[11]);
	values[12] = CStringGetTextDatum(approval->person);
	values[13] = hm_query_text_arg(approval->relayed_by, &nulls[13]);
	values[14] = hm_query_text_arg(approval->evidence, &nulls[14]);
	values[15] = CStringGetTextDatum(approval->review_hash);
	values[16] = TimestampTzGetDatum(approval->given_at);
	values[17] = TimestampTzGetDatum(approval->expires_at);
	values[18] = Int64GetDatum(approval->assessment_id);
	nulls[18] = approval->assessment_id != 0 ? ' ' : 'n';
	hm_query_begin(&bracket);
	hm_query_run(&insert_row, values, nulls, false);
	hm_query_end(&bracket);
}

void
hm_approval_give(HmApproval *approval, const char *display,
				 const char *author, const char *ticket, const char *missing)
{
	approval->approval_id = hm_number_next(HM_RELATION_APPROVAL_ID_SEQ);
	insert(approval);
	append_event(approval, display, author, ticket, missing);
}

int
hm_approvals_use(const int64 *approvals, int count, int64 run_id)
{
	static HmStatement use = {
		"WITH used AS ("
		"  UPDATE hipaa_migrate.approval SET used_at = $2, used_run = $3"
		"   WHERE approval_id = ANY ($1) AND used_at IS NULL AND ended_at IS NULL"
		"  RETURNING approval_id)"
		" SELECT pg_catalog.min(g.place)"
		"   FROM pg_catalog.unnest($1) WITH ORDINALITY AS g (approval_id, place)"
		"  WHERE g.approval_id NOT IN (SELECT u.approval_id FROM used AS u)",
		3, {INT8ARRAYOID, TIMESTAMPTZOID, INT8OID}
	};
	HmBracket	bracket;
	Datum		values[3];
	int			lost;

	if (count == 0)
		return -1;
	values[0] = hm_query_int64_array(approvals, count);
	values[1] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[2] = Int64GetDatum(run_id);
	hm_query_begin(&bracket);
	hm_query_run(&use, values, NULL, false);
	lost = hm_query_int64(0, 1) - 1;
	hm_query_end(&bracket);
	return lost;
}

static void
append_end(const HmSubmission *submission, const HmApproval *approval,
		   const char *reason)
{
	HmEvent		event = {.kind = HM_EVENT_APPROVAL_ENDED};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "approval", approval->approval_id);
	hm_json_int64(&json, "submission", approval->submission_id);
	hm_json_text(&json, "checksum", approval->checksum);
	hm_json_text(&json, "meaning", approval->meaning);
	hm_json_text(&json, "person", approval->person);
	event.migration = hm_submission_subject(submission);
	event.ticket = submission->ticket;
	event.reason = reason;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static bool
end_row(int64 approval_id, const char *reason)
{
	static HmStatement end = {
		"UPDATE hipaa_migrate.approval" HM_END_SET
		" WHERE approval_id = $1 AND ended_at IS NULL AND used_at IS NULL",
		HM_END_ARGUMENTS
	};
	HmBracket	bracket;
	bool		ended;

	hm_query_begin(&bracket);
	ended = hm_end_row(&end, approval_id, reason);
	hm_query_end(&bracket);
	return ended;
}

int
hm_approvals_end(const HmSubmission *submission, const HmPerson *person,
				 const HmPersons *persons, const char *reason)
{
	int			ended = 0;
	ListCell   *cell;

	foreach(cell, hm_approvals_load_open())
	{
		HmApproval *approval = lfirst(cell);

		if (approval->submission_id != submission->submission_id ||
			!hm_person_same(person,
							hm_person_of(persons, approval->login,
										 approval->login_oid,
										 approval->authn_id)))
			continue;
		if (end_row(approval->approval_id, reason))
		{
			append_end(submission, approval, reason);
			ended++;
		}
	}
	return ended;
}
