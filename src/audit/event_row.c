/*
 * src/audit/event_row.c
 *	  Rows of audit_event.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "audit/canonical.h"
#include "audit/event_row.h"
#include "base/actor.h"
#include "base/compat.h"
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* Of the length that event_row.h declares, or this does not compile. */
const char	hm_event_types[] =
"uii"							/* epoch, event_id, xid */
"dd"							/* occurred_at, statement_at */
"tttttttti"						/* kind ... application, pid */
"ttii"							/* database ... timeline */
"tttttbi"						/* command ... statement_no */
"titttttt"						/* migration ... maintenance_window */
"bb"							/* schema_before, schema_after */
"itt";							/* duration, sqlstate, details */

static void
put_text(HmEventRow *row, int column, const char *text)
{
	row->nulls[column] = text == NULL;
	if (text)
		row->values[column] = CStringGetTextDatum(text);
}

static void
put_int64(HmEventRow *row, int column, int64 value)
{
	row->nulls[column] = false;
	row->values[column] = Int64GetDatum(value);
}

/* 0 stands for null. */
static void
put_number(HmEventRow *row, int column, int64 number)
{
	row->nulls[column] = number == 0;
	row->values[column] = Int64GetDatum(number);
}

static void
put_hash(HmEventRow *row, int column, const uint8 *hash)
{
	bytea	   *copy;

	row->nulls[column] = hash == NULL;
	if (hash == NULL)
		return;
	copy = palloc(VARHDRSZ + HM_HASH_LENGTH);
	SET_VARSIZE(copy, VARHDRSZ + HM_HASH_LENGTH);
	memcpy(VARDATA(copy), hash, HM_HASH_LENGTH);
	row->values[column] = PointerGetDatum(copy);
}

static void
put_when(HmEventRow *row, const HmEvent *event)
{
	put_int64(row, HM_COL_OCCURRED_AT, event->occurred_at ?
			  event->occurred_at : GetCurrentTimestamp());
	put_int64(row, HM_COL_STATEMENT_AT, GetCurrentStatementStartTimestamp());
}

static void
put_who(HmEventRow *row)
{
	const HmActor *actor = hm_actor_current();

	put_text(row, HM_COL_ACTOR, actor->authenticated);
	put_text(row, HM_COL_SESSION_ROLE, actor->session);
	put_text(row, HM_COL_EFFECTIVE_ROLE, actor->effective);
	put_text(row, HM_COL_AUTHN_ID, actor->authn_id);
	put_text(row, HM_COL_CLIENT, actor->client);
	put_text(row, HM_COL_APPLICATION, actor->application);
	put_int64(row, HM_COL_PID, MyProcPid);
}

/* Neither changes while somebody is connected. */
static const char *
database_name(void)
{
	static char *name = NULL;
	char	   *found;

	if (name == NULL && IsTransactionState())
	{
		found = get_database_name(MyDatabaseId);
		if (found)
			name = MemoryContextStrdup(TopMemoryContext, found);
	}
	return name ? name : "";
}

static const char *
host_name(void)
{
	static char name[256] = "";

	if (name[0] == '\0' && gethostname(name, sizeof(name) - 1) != 0)
		strlcpy(name, "unknown", sizeof(name));
	return name;
}

static void
put_where(HmEventRow *row)
{
	put_text(row, HM_COL_DATABASE, database_name());
	put_text(row, HM_COL_HOST, host_name());
	put_int64(row, HM_COL_SYSTEM_IDENTIFIER, (int64) GetSystemIdentifier());
	put_int64(row, HM_COL_TIMELINE, RecoveryInProgress() ? 0 :
			  (int64) GetWALInsertionTimeLine());
}

static void
put_what(HmEventRow *row, const HmEvent *event)
{
	put_text(row, HM_COL_KIND, hm_event_kind_name(event->kind));
	put_text(row, HM_COL_OUTCOME, event->outcome ? event->outcome :
			 hm_event_kind_outcome(event->kind));
	put_text(row, HM_COL_COMMAND, event->command);
	put_text(row, HM_COL_OBJECT_TYPE, event->object_type);
	put_text(row, HM_COL_OBJECT, event->object);
	put_text(row, HM_COL_OBJECTS, event->objects);
	put_text(row, HM_COL_STATEMENT, event->statement);
	put_hash(row, HM_COL_STATEMENT_HASH, event->statement_hash);
	put_number(row, HM_COL_STATEMENT_NO, event->statement_no);
	put_number(row, HM_COL_DURATION, event->duration);
	put_text(row, HM_COL_SQLSTATE, event->sqlstate);
	put_text(row, HM_COL_DETAILS, event->details);
}

static void
put_why(HmEventRow *row, const HmEvent *event)
{
	put_text(row, HM_COL_MIGRATION, event->migration);
	put_number(row, HM_COL_RUN_ID, event->run_id);
	put_text(row, HM_COL_RULE, event->rule);
	put_text(row, HM_COL_TICKET, event->ticket);
	put_text(row, HM_COL_AUTHOR, event->author);
	put_text(row, HM_COL_APPROVERS, event->approvers);
	put_text(row, HM_COL_REASON, event->reason);
	put_text(row, HM_COL_MAINTENANCE_WINDOW, event->maintenance_window);
	put_hash(row, HM_COL_SCHEMA_BEFORE, event->schema_before);
	put_hash(row, HM_COL_SCHEMA_AFTER, event->schema_after);
}

void
hm_event_row_build(HmEventRow *row, const HmEvent *event)
{
	memset(row->nulls, true, sizeof(row->nulls));
	put_when(row, event);
	put_who(row);
	put_where(row);
	put_what(row, event);
	put_why(row, event);
}

static bool
is_by_value(int column)
{
	char		type = hm_event_types[column];

	return type == HM_CANONICAL_INT64 || type == HM_CANONICAL_TIMESTAMP;
}

static void
pack_bytes(StringInfo bytes, const void *data, uint32 length)
{
	appendBinaryStringInfo(bytes, (char *) &length, sizeof(length));
	appendBinaryStringInfo(bytes, data, length);
}

static void
pack_varlena(const HmEventRow *row, int column, StringInfo bytes, int limit)
{
	struct varlena *value = (struct varlena *)
	DatumGetPointer(row->values[column]);
	int			length = VARSIZE_ANY_EXHDR(value);

	if (length > limit && hm_event_types[column] == HM_CANONICAL_TEXT)
		length = pg_mbcliplen(VARDATA_ANY(value), length, limit);
	pack_bytes(bytes, VARDATA_ANY(value), length);
}

static void
pack_within(const HmEventRow *row, StringInfo bytes, int text_limit)
{
	resetStringInfo(bytes);
	for (int column = HM_COL_OCCURRED_AT; column < HM_EVENT_FIELDS; column++)
	{
		bool		isnull = row->nulls[column] ||
		(column == HM_COL_DETAILS &&
		 VARSIZE_ANY_EXHDR(DatumGetPointer(row->values[column])) > text_limit);

		appendStringInfoCharMacro(bytes, isnull ? 1 : 0);
		if (isnull)
			continue;
		if (is_by_value(column))
		{
			int64		value = DatumGetInt64(row->values[column]);

			pack_bytes(bytes, &value, sizeof(value));
		}
		else
			pack_varlena(row, column, bytes, text_limit);
	}
}

void
hm_event_row_pack(const HmEventRow *row, StringInfo bytes, Size limit)
{
	int			text_limit = limit;

	do
	{
		pack_within(row, bytes, text_limit);
		text_limit /= 2;
	} while (bytes->len > limit && text_limit > 0);
}

static struct varlena *
unpack_varlena(const char *data, uint32 length)
{
	struct varlena *value = palloc(VARHDRSZ + length);

	SET_VARSIZE(value, VARHDRSZ + length);
	memcpy(VARDATA(value), data, length);
	return value;
}

static const char *
unpack_column(HmEventRow *row, int column, const char *at)
{
	uint32		length;

	row->nulls[column] = *at++ != 0;
	if (row->nulls[column])
		return at;
	memcpy(&length, at, sizeof(length));
	at += sizeof(length);
	if (is_by_value(column))
	{
		int64		value;

		memcpy(&value, at, sizeof(value));
		row->values[column] = Int64GetDatum(value);
	}
	else
		row->values[column] = PointerGetDatum(unpack_varlena(at, length));
	return at + length;
}

void
hm_event_row_unpack(HmEventRow *row, const char *bytes, Size length)
{
	const char *at = bytes;

	memset(row->nulls, true, sizeof(row->nulls));
	for (int column = HM_COL_OCCURRED_AT; column < HM_EVENT_FIELDS; column++)
		at = unpack_column(row, column, at);
	Assert(at == bytes + length);
}

void
hm_event_row_canonical(const HmEventRow *row, StringInfo buffer)
{
	appendStringInfoCharMacro(buffer, '\0');
	hm_canonical_begin(buffer, HM_EVENT_DOMAIN, HM_EVENT_FIELDS);
	for (int column = 0; column < HM_EVENT_FIELDS; column++)
		hm_canonical_datum(buffer, column + 1, hm_event_types[column],
						   row->values[column], row->nulls[column]);
}
