/*
 * src/policy/assessment.c
 *	  Privacy assessments: what a migration means for health information.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/number.h"
#include "audit/redaction.h"
#include "base/actor.h"
#include "base/json_read.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "policy/assessment.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

static HmAssessment *
copy_assessment(uint64 row)
{
	HmAssessment *assessment = palloc0(sizeof(HmAssessment));
	bool		isnull;

	assessment->assessment_id = hm_query_int64(row, 1);
	assessment->purpose = hm_query_text(row, 2);
	assessment->data = hm_query_text(row, 3);
	assessment->safeguards = hm_query_text(row, 4);
	assessment->assessor = hm_query_text(row, 5);
	assessment->assessed_on = DatumGetDateADT(hm_query_datum(row, 6, &isnull));
	assessment->recorded_by = hm_query_text(row, 7);
	return assessment;
}

HmAssessment *
hm_assessment_find(int64 migration_id, const char *checksum)
{
	static HmStatement find = {
		"SELECT a.assessment_id, a.purpose, a.data, a.safeguards, a.assessor,"
		"       a.assessed_on, a.recorded_by"
		"  FROM hipaa_migrate.assessment AS a"
		" WHERE a.migration_id = $1"
		"   AND a.checksum = pg_catalog.decode($2, 'hex')"
		" ORDER BY a.assessment_id DESC LIMIT 1",
		2, {INT8OID, TEXTOID}
	};
	HmAssessment *found = NULL;
	HmBracket	bracket;
	MemoryContext before;
	Datum		values[2];

	values[0] = Int64GetDatum(migration_id);
	values[1] = CStringGetTextDatum(checksum);
	hm_query_begin(&bracket);
	if (hm_query_run(&find, values, NULL, true) > 0)
	{
		before = MemoryContextSwitchTo(bracket.caller_context);
		found = copy_assessment(0);
		MemoryContextSwitchTo(before);
	}
	hm_query_end(&bracket);
	return found;
}

static void
put_hash(StringInfo json, const char *key, const char *text)
{
	uint8		hash[HM_HASH_LENGTH];

	hm_hash_bytes(text, strlen(text), hash);
	hm_json_hex(json, key, hash, HM_HASH_LENGTH);
}

/* As ISO 8601 has it, whatever DateStyle says. */
static char *
iso_date(DateADT date)
{
	struct pg_tm tm = {0};
	char		text[MAXDATELEN + 1];

	j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	return pstrdup(text);
}

/* The hashes let nobody change a text afterwards, and tell none. */
static void
append_event(int64 assessment_id, const HmAssessed *assessed,
			 const HmAssessment *assessment)
{
	HmEvent		event = {.kind = HM_EVENT_ASSESSMENT_GIVEN};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "assessment_id", assessment_id);
	hm_json_text(&json, "checksum", assessed->checksum);
	hm_json_text(&json, "assessor", assessment->assessor);
	hm_json_text(&json, "assessed_on", iso_date(assessment->assessed_on));
	put_hash(&json, "purpose_hash", assessment->purpose);
	put_hash(&json, "data_hash", assessment->data);
	put_hash(&json, "safeguards_hash", assessment->safeguards);
	event.migration = assessed->display;
	event.author = assessed->author;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

int64
hm_assessment_give(const HmAssessed *assessed, const HmAssessment *assessment)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.assessment"
		" (assessment_id, migration_id, checksum, purpose, data, safeguards,"
		"  assessor, assessed_on, recorded_by, recorded_by_oid, recorded_at)"
		" VALUES ($1, $2, pg_catalog.decode($3, 'hex'), $4, $5, $6, $7, $8, $9, $10,"
		"  $11)",
		11, {INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
		DATEOID, TEXTOID, OIDOID, TIMESTAMPTZOID}
	};
	int64		assessment_id = hm_number_next(HM_RELATION_ASSESSMENT_ID_SEQ);
	Datum		values[11];
	HmBracket	bracket;

	values[0] = Int64GetDatum(assessment_id);
	values[1] = Int64GetDatum(assessed->migration_id);
	values[2] = CStringGetTextDatum(assessed->checksum);
	values[3] = CStringGetTextDatum(assessment->purpose);
	values[4] = CStringGetTextDatum(assessment->data);
	values[5] = CStringGetTextDatum(assessment->safeguards);
	values[6] = CStringGetTextDatum(assessment->assessor);
	values[7] = DateADTGetDatum(assessment->assessed_on);
	values[8] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[9] = ObjectIdGetDatum(hm_actor_authenticated());
	values[10] = TimestampTzGetDatum(GetCurrentTimestamp());
	hm_query_begin(&bracket);
	hm_query_run(&insert, values, NULL, false);
	hm_query_end(&bracket);
	append_event(assessment_id, assessed, assessment);
	return assessment_id;
}

/*
 * The number alone could be that of an assessment of another database, whose
 * record came with a dump.
 */
static void
redact(const char *details)
{
	static HmStatement blank = {
		"UPDATE hipaa_migrate.assessment AS a"
		"   SET purpose = '(redacted)', data = '(redacted)', safeguards = '(redacted)'"
		" WHERE a.assessment_id = $1::bigint"
		"   AND pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to("
		"         a.purpose, pg_catalog.getdatabaseencoding())), 'hex') = $2",
		2, {TEXTOID, TEXTOID}
	};
	char	   *number;
	char	   *hash;
	Datum		values[2];
	HmBracket	bracket;

	if (details == NULL)
		return;
	number = hm_json_member(details, "assessment_id");
	hash = hm_json_member(details, "purpose_hash");
	if (number == NULL || hash == NULL)
		return;
	values[0] = CStringGetTextDatum(number);
	values[1] = CStringGetTextDatum(hash);
	hm_query_begin(&bracket);
	hm_query_run(&blank, values, NULL, false);
	hm_query_end(&bracket);
}

void
hm_assessment_init(void)
{
	hm_redaction_follow(HM_EVENT_ASSESSMENT_GIVEN, redact);
}
