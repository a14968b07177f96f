/*
 * src/guard/command_row.c
 *	  The table of all commands: class and reach of each.
 *
 * What is not listed is of class schema when it is a definition.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "guard/command_row.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

typedef struct TagRow
{
	bool		listed;
	HmGuardClass class;
	bool		shared;
	const char *remark;
} TagRow;

typedef struct VariantRow
{
	CommandTag	tag;
	HmCommandVariant variant;
	const char *name;
	HmGuardClass class;
	bool		shared;
	const char *remark;
} VariantRow;

/* Not every major says how many tags it has: one for each line of the list. */
#define PG_CMDTAG(tag, name, event_trigger, rewrite, rows) + 1
enum
{
	TAG_COUNT = 0
#include "tcop/cmdtaglist.h"
};
#undef PG_CMDTAG

#define FREE {true, HM_CLASS_FREE}
#define FREE_(remark) {true, HM_CLASS_FREE, false, remark}
#define SCHEMA(remark) {true, HM_CLASS_SCHEMA, false, remark}
#define PRIVILEGE(remark) {true, HM_CLASS_PRIVILEGE, false, remark}
#define SHARED_PRIVILEGE(remark) {true, HM_CLASS_PRIVILEGE, true, remark}
#define ACCOUNTS(remark) {true, HM_CLASS_ACCOUNTS, false, remark}
#define SHARED_ACCOUNTS(remark) {true, HM_CLASS_ACCOUNTS, true, remark}
#define CLUSTER(remark) {true, HM_CLASS_CLUSTER, false, remark}
#define SHARED_CLUSTER(remark) {true, HM_CLASS_CLUSTER, true, remark}
#define MAINTENANCE(remark) {true, HM_CLASS_MAINTENANCE, false, remark}
#define DANGER(remark) {true, HM_CLASS_DANGER, false, remark}

static const TagRow tag_rows[TAG_COUNT] = {
	[CMDTAG_ALTER_DATABASE] = SHARED_CLUSTER(NULL),
	[CMDTAG_ALTER_DEFAULT_PRIVILEGES] = PRIVILEGE(NULL),
	[CMDTAG_ALTER_EVENT_TRIGGER] = SCHEMA(NULL),
	[CMDTAG_ALTER_LARGE_OBJECT] = SCHEMA(NULL),
	[CMDTAG_ALTER_ROLE] = SHARED_ACCOUNTS("also of passwords, settings, names and groups"),
	[CMDTAG_ALTER_SUBSCRIPTION] = CLUSTER(NULL),
	[CMDTAG_ALTER_SYSTEM] = SHARED_CLUSTER(NULL),
	[CMDTAG_ALTER_TABLESPACE] = SHARED_CLUSTER(NULL),
	[CMDTAG_ALTER_USER_MAPPING] = ACCOUNTS(NULL),
	[CMDTAG_ANALYZE] = FREE,
	[CMDTAG_BEGIN] = FREE,
	[CMDTAG_CALL] = FREE_("what it executes is looked at when it comes to that"),
	[CMDTAG_CHECKPOINT] = FREE,
	[CMDTAG_CLOSE] = FREE,
	[CMDTAG_CLOSE_CURSOR] = FREE,
	[CMDTAG_CLOSE_CURSOR_ALL] = FREE,
	[CMDTAG_CLUSTER] = MAINTENANCE(NULL),
	[CMDTAG_COMMIT] = FREE,
	[CMDTAG_COMMIT_PREPARED] = FREE_("a transaction that used a permit cannot be prepared"),
	[CMDTAG_COPY] = FREE_("with the client"),
	[CMDTAG_COPY_FROM] = FREE,
	[CMDTAG_CREATE_DATABASE] = SHARED_CLUSTER(NULL),
	[CMDTAG_CREATE_EVENT_TRIGGER] = SCHEMA(NULL),
	[CMDTAG_CREATE_LANGUAGE] = DANGER(NULL),
	[CMDTAG_CREATE_ROLE] = SHARED_ACCOUNTS(NULL),
	[CMDTAG_CREATE_SUBSCRIPTION] = CLUSTER("its changes are applied where no hook sees them"),
	[CMDTAG_CREATE_TABLESPACE] = SHARED_CLUSTER(NULL),
	[CMDTAG_CREATE_USER_MAPPING] = ACCOUNTS(NULL),
	[CMDTAG_DEALLOCATE] = FREE,
	[CMDTAG_DEALLOCATE_ALL] = FREE,
	[CMDTAG_DECLARE_CURSOR] = FREE,
	[CMDTAG_DELETE] = FREE_("of system catalogs: danger"),
	[CMDTAG_DISCARD] = FREE,
	[CMDTAG_DISCARD_ALL] = FREE_("ends break-glass"),
	[CMDTAG_DISCARD_PLANS] = FREE,
	[CMDTAG_DISCARD_SEQUENCES] = FREE,
	[CMDTAG_DISCARD_TEMP] = FREE,
	[CMDTAG_DO] = FREE_("what it executes is looked at when it comes to that"),
	[CMDTAG_DROP_DATABASE] = SHARED_CLUSTER(NULL),
	[CMDTAG_DROP_EVENT_TRIGGER] = SCHEMA(NULL),
	[CMDTAG_DROP_OWNED] = SCHEMA(NULL),
	[CMDTAG_DROP_ROLE] = SHARED_ACCOUNTS(NULL),
	[CMDTAG_DROP_SUBSCRIPTION] = CLUSTER(NULL),
	[CMDTAG_DROP_TABLESPACE] = SHARED_CLUSTER(NULL),
	[CMDTAG_DROP_USER_MAPPING] = ACCOUNTS(NULL),
	[CMDTAG_EXECUTE] = FREE_("of what is guarded: as that"),
	[CMDTAG_EXPLAIN] = FREE_("with ANALYZE of what is guarded: as that"),
	[CMDTAG_FETCH] = FREE,
	[CMDTAG_GRANT] = PRIVILEGE(NULL),
	[CMDTAG_GRANT_ROLE] = SHARED_PRIVILEGE(NULL),
	[CMDTAG_INSERT] = FREE_("into system catalogs: danger"),
	[CMDTAG_LISTEN] = FREE,
	[CMDTAG_LOAD] = DANGER(NULL),
	[CMDTAG_LOCK_TABLE] = FREE,
	[CMDTAG_MERGE] = FREE_("into system catalogs: danger"),
	[CMDTAG_MOVE] = FREE,
	[CMDTAG_NOTIFY] = FREE,
	[CMDTAG_PREPARE] = FREE,
	[CMDTAG_PREPARE_TRANSACTION] = FREE_("refused when the transaction used a permit"),
	[CMDTAG_REASSIGN_OWNED] = SCHEMA(NULL),
	[CMDTAG_REFRESH_MATERIALIZED_VIEW] = FREE,
	[CMDTAG_REINDEX] = MAINTENANCE(NULL),
	[CMDTAG_RELEASE] = FREE,
	[CMDTAG_RESET] = FREE,
	[CMDTAG_REVOKE] = PRIVILEGE(NULL),
	[CMDTAG_REVOKE_ROLE] = SHARED_PRIVILEGE(NULL),
	[CMDTAG_ROLLBACK] = FREE,
	[CMDTAG_ROLLBACK_PREPARED] = FREE,
	[CMDTAG_SAVEPOINT] = FREE,
	[CMDTAG_SELECT] = FREE_("with INTO: SELECT INTO"),
	[CMDTAG_SELECT_FOR_KEY_SHARE] = FREE,
	[CMDTAG_SELECT_FOR_NO_KEY_UPDATE] = FREE,
	[CMDTAG_SELECT_FOR_SHARE] = FREE,
	[CMDTAG_SELECT_FOR_UPDATE] = FREE,
	[CMDTAG_SET] = FREE,
	[CMDTAG_SET_CONSTRAINTS] = FREE,
	[CMDTAG_SHOW] = FREE,
	[CMDTAG_START_TRANSACTION] = FREE,
	[CMDTAG_TRUNCATE_TABLE] = SCHEMA(NULL),
	[CMDTAG_UNLISTEN] = FREE,
	[CMDTAG_UPDATE] = FREE_("of system catalogs: danger"),
	[CMDTAG_VACUUM] = FREE,
};

#define OF_FUNCTIONS "in a language that is not confined, or with a guarded setting"

static const VariantRow variant_rows[] = {
	{CMDTAG_ALTER_DATABASE, HM_VARIANT_ARMED, "ALTER DATABASE ARMED",
		HM_CLASS_OWN, true,
	"a database that enforces any class: its name, owner and options"},
	{CMDTAG_ALTER_DATABASE, HM_VARIANT_DANGEROUS, "ALTER DATABASE DANGEROUS",
	HM_CLASS_DANGER, true, "SET or RESET of a guarded setting"},
	{CMDTAG_ALTER_EXTENSION, HM_VARIANT_OURS, "ALTER EXTENSION hipaa_migrate",
	HM_CLASS_OWN, false, NULL},
	{CMDTAG_ALTER_FUNCTION, HM_VARIANT_DANGEROUS, "ALTER FUNCTION DANGEROUS",
	HM_CLASS_DANGER, false, "SET or RESET of a guarded setting"},
	{CMDTAG_ALTER_PROCEDURE, HM_VARIANT_DANGEROUS,
		"ALTER PROCEDURE DANGEROUS", HM_CLASS_DANGER, false,
	"SET or RESET of a guarded setting"},
	{CMDTAG_ALTER_ROLE, HM_VARIANT_DANGEROUS, "ALTER ROLE DANGEROUS",
		HM_CLASS_DANGER, true,
	"SET or RESET of a guarded setting, a member for a dangerous role, SUPERUSER, REPLICATION, BYPASSRLS"},
	{CMDTAG_ALTER_ROLE, HM_VARIANT_MEMBERS, "ALTER ROLE MEMBERS",
	HM_CLASS_PRIVILEGE, true, "ALTER GROUP: the same as GRANT and REVOKE ROLE"},
	{CMDTAG_ALTER_ROUTINE, HM_VARIANT_DANGEROUS, "ALTER ROUTINE DANGEROUS",
	HM_CLASS_DANGER, false, "SET or RESET of a guarded setting"},
	{CMDTAG_ALTER_SYSTEM, HM_VARIANT_DANGEROUS, "ALTER SYSTEM DANGEROUS",
	HM_CLASS_DANGER, true, "of a guarded setting, or RESET ALL"},
	{CMDTAG_COMMENT, HM_VARIANT_SHARED, "COMMENT SHARED",
	HM_CLASS_CLUSTER, true, "on a database, role or tablespace"},
	{CMDTAG_COPY, HM_VARIANT_CATALOG, "COPY CATALOG",
	HM_CLASS_DANGER, false, "into a system catalog"},
	{CMDTAG_COPY, HM_VARIANT_FILE, "COPY FILE",
	HM_CLASS_DANGER, false, "from or to a file of the server"},
	{CMDTAG_COPY, HM_VARIANT_PROGRAM, "COPY PROGRAM",
	HM_CLASS_DANGER, false, "from or to a program that the server runs"},
	{CMDTAG_COPY, HM_VARIANT_SHARED, "COPY SHARED",
		HM_CLASS_DANGER, true,
	"into a system catalog that all databases share"},
	{CMDTAG_CREATE_FUNCTION, HM_VARIANT_DANGEROUS,
	"CREATE FUNCTION DANGEROUS", HM_CLASS_DANGER, false, OF_FUNCTIONS},
	{CMDTAG_CREATE_PROCEDURE, HM_VARIANT_DANGEROUS,
	"CREATE PROCEDURE DANGEROUS", HM_CLASS_DANGER, false, OF_FUNCTIONS},
	{CMDTAG_CREATE_ROLE, HM_VARIANT_DANGEROUS, "CREATE ROLE DANGEROUS",
		HM_CLASS_DANGER, true,
	"a member of a dangerous role, SUPERUSER, REPLICATION, BYPASSRLS"},
	{CMDTAG_DO, HM_VARIANT_DANGEROUS, "DO DANGEROUS",
	HM_CLASS_DANGER, false, "in a language that is not confined"},
	{CMDTAG_DROP_DATABASE, HM_VARIANT_ARMED, "DROP DATABASE ARMED",
	HM_CLASS_OWN, true, "a database that enforces any class"},
	{CMDTAG_DROP_EXTENSION, HM_VARIANT_OURS, "DROP EXTENSION hipaa_migrate",
	HM_CLASS_OWN, false, NULL},
	{CMDTAG_GRANT, HM_VARIANT_DANGEROUS, "GRANT DANGEROUS",
	HM_CLASS_DANGER, true, "on a guarded setting"},
	{CMDTAG_GRANT, HM_VARIANT_SHARED, "GRANT SHARED",
	HM_CLASS_PRIVILEGE, true, "on a database, tablespace or setting"},
	{CMDTAG_GRANT_ROLE, HM_VARIANT_DANGEROUS, "GRANT ROLE DANGEROUS",
		HM_CLASS_DANGER, true,
	"a role that reaches the server's files or programs, or a superuser"},
	{CMDTAG_UNKNOWN, HM_VARIANT_PLAIN, "LARGE OBJECT",
	HM_CLASS_SCHEMA, false, "made or dropped by a function"},
	{CMDTAG_RESET, HM_VARIANT_DANGEROUS, "RESET DANGEROUS",
	HM_CLASS_DANGER, false, "of a guarded setting"},
	{CMDTAG_REVOKE, HM_VARIANT_SHARED, "REVOKE SHARED",
	HM_CLASS_PRIVILEGE, true, "on a database, tablespace or setting"},
	{CMDTAG_SECURITY_LABEL, HM_VARIANT_SHARED, "SECURITY LABEL SHARED",
	HM_CLASS_CLUSTER, true, "on a database, role or tablespace"},
	{CMDTAG_UNKNOWN, HM_VARIANT_PLAIN, "SERVER FILE",
	HM_CLASS_DANGER, false, "read or written by a function"},
	{CMDTAG_SET, HM_VARIANT_DANGEROUS, "SET DANGEROUS",
	HM_CLASS_DANGER, false, "of a guarded setting, also by set_config()"},
	{CMDTAG_UNKNOWN, HM_VARIANT_PLAIN, "TABLE STATISTICS",
	HM_CLASS_DANGER, false, "written by a function"},
	{CMDTAG_VACUUM, HM_VARIANT_FULL, "VACUUM FULL",
	HM_CLASS_MAINTENANCE, false, NULL},
};

PG_FUNCTION_INFO_V1(hm_guarded_commands);

/* Names that no command has. */
static bool
is_no_command(CommandTag tag)
{
	return tag == CMDTAG_UNKNOWN ||
		strcmp(GetCommandTagName(tag), "LOGIN") == 0;
}

static HmCommandRow
row_of_tag(CommandTag tag)
{
	const TagRow *listed = &tag_rows[tag];
	HmCommandRow row = {
		.name = GetCommandTagName(tag),
		.class = listed->class,
		.shared = listed->shared,
		.known = listed->listed,
		.remark = listed->remark
	};

	if (!listed->listed)
		row.class = HM_CLASS_SCHEMA;
	return row;
}

static HmCommandRow
row_of_variant(const VariantRow *listed)
{
	HmCommandRow row = {
		.name = listed->name,
		.class = listed->class,
		.shared = listed->shared,
		.known = true,
		.remark = listed->remark
	};

	return row;
}

HmCommandRow
hm_command_row(CommandTag tag, HmCommandVariant variant)
{
	for (int i = 0; variant != HM_VARIANT_PLAIN && i < lengthof(variant_rows);
		 i++)
	{
		if (variant_rows[i].tag == tag && variant_rows[i].variant == variant)
			return row_of_variant(&variant_rows[i]);
	}
	return row_of_tag(tag);
}

static void
put_row(ReturnSetInfo *result, const HmCommandRow *row)
{
	Datum		values[4];
	bool		nulls[4] = {0};

	values[0] = CStringGetTextDatum(row->name);
	values[1] = CStringGetTextDatum(hm_guard_class_name(row->class));
	values[2] = BoolGetDatum(row->shared);
	nulls[3] = row->remark == NULL;
	values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(row->remark);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
hm_guarded_commands(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HmCommandRow row;

	InitMaterializedSRF(fcinfo, 0);
	for (int tag = 0; tag < TAG_COUNT; tag++)
	{
		if (is_no_command(tag))
			continue;
		row = row_of_tag(tag);
		put_row(result, &row);
	}
	for (int i = 0; i < lengthof(variant_rows); i++)
	{
		row = row_of_variant(&variant_rows[i]);
		put_row(result, &row);
	}
	return (Datum) 0;
}
