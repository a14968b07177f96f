/*
 * src/audit/export.c
 *	  The record as lines of JSON that can be verified without PostgreSQL.
 */
#include "postgres.h"

#include "audit/export_work.h"
#include "base/hash.h"
#include "base/query.h"
#include "utils/memutils.h"

static void
write_end(HmExport *export)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	StringInfo	line = hm_export_begin_line(export, "end");

	hm_export_append_number(line, "lines", export->line_count);
	hm_export_append_number(line, "epochs", list_length(export->epochs));
	hm_export_append_number(line, "blocks", export->block_count);
	hm_export_append_number(line, "events", export->event_count);
	hm_export_append_number(line, "hash_only", export->hash_only_count);
	hm_export_append_number(line, "evidence", export->evidence_count);
	hm_export_append_number(line, "unsealed", export->unsealed_count);
	if (pg_cryptohash_final(export->sha256, digest, sizeof(digest)) < 0 ||
		pg_cryptohash_init(export->sha256) < 0)
		elog(ERROR, "could not compute SHA-256: %s",
			 pg_cryptohash_error(export->sha256));
	hm_export_append_string(line, "sha256", hm_hash_to_hex(digest, sizeof(digest)));
	hm_export_end_line(export, line);
	export->phase = HM_EXPORT_DONE;
}

HmExport *
hm_export_begin(const HmExportOptions *options)
{
	HmExport   *export = palloc0(sizeof(HmExport));

	export->options = *options;
	export->context = CurrentMemoryContext;
	export->batch = AllocSetContextCreate(CurrentMemoryContext,
										  "hipaa_migrate export",
										  ALLOCSET_DEFAULT_SIZES);
	export->sha256 = pg_cryptohash_create(PG_SHA256);
	if (export->sha256 == NULL || pg_cryptohash_init(export->sha256) < 0)
		elog(ERROR, "could not initialize SHA-256");
	return export;
}

static void
write_batch(HmExport *export)
{
	static void (*const write[]) (HmExport *) = {
		[HM_EXPORT_HEADER] = hm_export_write_header,
		[HM_EXPORT_EPOCH] = hm_export_write_epoch,
		[HM_EXPORT_BLOCK] = hm_export_write_block,
		[HM_EXPORT_EVENTS] = hm_export_write_events,
		[HM_EXPORT_EVIDENCE] = hm_export_write_evidence,
		[HM_EXPORT_END] = write_end
	};
	HmBracket	bracket;

	export->lines = NIL;
	export->given = 0;
	MemoryContextReset(export->batch);
	hm_query_begin(&bracket);
	while (export->phase != HM_EXPORT_DONE && export->lines == NIL)
		write[export->phase] (export);
	hm_query_end(&bracket);
}

const char *
hm_export_next(HmExport *export)
{
	if (export->given == list_length(export->lines))
		write_batch(export);
	if (export->lines == NIL)
		return NULL;
	return ((StringInfo) list_nth(export->lines, export->given++))->data;
}

void
hm_export_end(HmExport *export)
{
	pg_cryptohash_free(export->sha256);
}
