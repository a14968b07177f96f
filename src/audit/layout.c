/*
 * src/audit/layout.c
 *	  The columns of our tables, as the verifier reads them.
 *
 * The same as in src/sql/audit.sql; whether the catalogs still say so is
 * a check of its own.
 */
#include "postgres.h"

#include "audit/deform.h"
#include "catalog/pg_type.h"

static const HmColumn event_columns[] = {
	{"epoch", UUIDOID, false},
	{"event_id", INT8OID, false},
	{"xid", INT8OID, false},
	{"occurred_at", TIMESTAMPTZOID, false},
	{"statement_at", TIMESTAMPTZOID, false},
	{"kind", TEXTOID, false},
	{"outcome", TEXTOID, false},
	{"actor", TEXTOID, false},
	{"session_role", TEXTOID, false},
	{"effective_role", TEXTOID, false},
	{"authn_id", TEXTOID, true},
	{"client", TEXTOID, false},
	{"application", TEXTOID, true},
	{"pid", INT8OID, false},
	{"database", TEXTOID, false},
	{"host", TEXTOID, false},
	{"system_identifier", INT8OID, false},
	{"timeline", INT8OID, false},
	{"command", TEXTOID, true},
	{"object_type", TEXTOID, true},
	{"object", TEXTOID, true},
	{"objects", TEXTOID, true},
	{"statement", TEXTOID, true},
	{"statement_hash", BYTEAOID, true},
	{"statement_no", INT8OID, true},
	{"migration", TEXTOID, true},
	{"run_id", INT8OID, true},
	{"rule", TEXTOID, true},
	{"ticket", TEXTOID, true},
	{"author", TEXTOID, true},
	{"approvers", TEXTOID, true},
	{"reason", TEXTOID, true},
	{"maintenance_window", TEXTOID, true},
	{"schema_before", BYTEAOID, true},
	{"schema_after", BYTEAOID, true},
	{"duration", INT8OID, true},
	{"sqlstate", TEXTOID, true},
	{"details", TEXTOID, true},
	{"leaf_hash", BYTEAOID, false},
};

static const HmColumn leaf_columns[] = {
	{"epoch", UUIDOID, false},
	{"seq", INT8OID, false},
	{"event_id", INT8OID, false},
	{"xid", INT8OID, false},
	{"block", INT8OID, false},
	{"leaf_hash", BYTEAOID, false},
};

static const HmColumn block_columns[] = {
	{"epoch", UUIDOID, false},
	{"block", INT8OID, false},
	{"sealed_at", TIMESTAMPTZOID, false},
	{"snapshot", TEXTOID, false},
	{"first_leaf", INT8OID, false},
	{"leaf_count", INT8OID, false},
	{"tree_size", INT8OID, false},
	{"root", BYTEAOID, false},
	{"frontier", BYTEAOID, false},
	{"previous", BYTEAOID, true},
	{"lsn", INT8OID, false},
	{"timeline", INT8OID, false},
	{"system_identifier", INT8OID, false},
	{"fingerprint", BYTEAOID, false},
	{"anchored_at", TIMESTAMPTZOID, false},
	{"block_hash", BYTEAOID, false},
};

static const HmColumn epoch_columns[] = {
	{"epoch", UUIDOID, false},
	{"ordinal", INT8OID, false},
	{"state", TEXTOID, false},
	{"opened_at", TIMESTAMPTZOID, false},
	{"closed_at", TIMESTAMPTZOID, true},
	{"database", TEXTOID, false},
	{"database_oid", INT8OID, false},
	{"system_identifier", INT8OID, false},
	{"reason", TEXTOID, false},
};

static const HmColumn state_columns[] = {
	{"epoch", UUIDOID, false},
	{"database_oid", INT8OID, false},
	{"system_identifier", INT8OID, false},
	{"host", TEXTOID, false},
	{"data_directory", TEXTOID, false},
	{"next_xid", INT8OID, false},
	{"clone", BOOLOID, false},
	{"anchored_at", TIMESTAMPTZOID, false},
	{"clock_pending", TIMESTAMPTZOID, true},
	{"verified_at", TIMESTAMPTZOID, true},
	{"verified_outcome", TEXTOID, true},
	{"digest_block", INT8OID, true},
	{"digest_at", TIMESTAMPTZOID, true},
	{"digest_failures", INT8OID, false},
	{"clock_server", TIMESTAMPTZOID, true},
	{"clock_offset", INT8OID, false},
	{"retention", TEXTOID, true},
	{"retention_setting", TEXTOID, true},
};

/* A chunk is never compressed: what was cut into chunks is. */
static const HmColumn toast_columns[] = {
	{"chunk_id", OIDOID, false},
	{"chunk_seq", INT4OID, false},
	{"chunk_data", BYTEAOID, false},
};

const HmLayout hm_layout_event = {
	"audit_event", lengthof(event_columns), event_columns
};
const HmLayout hm_layout_leaf = {
	"audit_leaf", lengthof(leaf_columns), leaf_columns
};
const HmLayout hm_layout_block = {
	"audit_block", lengthof(block_columns), block_columns
};
const HmLayout hm_layout_epoch = {
	"audit_epoch", lengthof(epoch_columns), epoch_columns
};
const HmLayout hm_layout_state = {
	"audit_state", lengthof(state_columns), state_columns
};
const HmLayout hm_layout_toast = {
	"toast table", lengthof(toast_columns), toast_columns
};
