/*
 * src/base/settings.c
 *	  Defines the settings hipaa_migrate.*; docs/settings.md lists them.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/interval.h"
#include "base/settings.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

int			hm_setting_runner_wait;
int			hm_setting_lock_timeout;
int			hm_setting_statement_timeout;
int			hm_setting_idle_timeout;
int			hm_setting_name_rule;
int			hm_setting_idempotency;
int			hm_setting_record_literals;
char	   *hm_setting_search_path;
char	   *hm_setting_audit_retention;
int			hm_setting_record_wait;
int			hm_setting_ring_slots;
int			hm_setting_max_databases;
int			hm_setting_max_workers;
int			hm_setting_worker_linger;
int			hm_setting_seal_interval;
int			hm_setting_small_table;
int			hm_setting_large_table;
int			hm_setting_busy_table;
int			hm_setting_large_change;
int			hm_setting_clock_step_limit;
char	   *hm_setting_digest_command;
int			hm_setting_digest_timeout;
bool		hm_setting_guard_override;
int			hm_setting_revert_period;

static const struct config_enum_entry name_rules[] = {
	{"strict", HM_NAME_STRICT, false},
	{"relaxed", HM_NAME_RELAXED, false},
	{NULL, 0, false}
};

static const struct config_enum_entry idempotency_modes[] = {
	{"off", HM_IDEMPOTENCY_OFF, false},
	{"rewrite", HM_IDEMPOTENCY_REWRITE, false},
	{"require", HM_IDEMPOTENCY_REQUIRE, false},
	{NULL, 0, false}
};

static const struct config_enum_entry record_literals[] = {
	{"hash", HM_LITERALS_HASH, false},
	{"keep", HM_LITERALS_KEEP, false},
	{NULL, 0, false}
};

/* A list of schemas, without the temporary one: that is ours to place. */
static bool
check_schemas(char **newval, void **extra, GucSource source)
{
	char	   *copy = pstrdup(*newval);
	List	   *schemas;
	ListCell   *cell;
	bool		valid = SplitIdentifierString(copy, ',', &schemas);

	foreach(cell, schemas)
	{
		if (strcmp((char *) lfirst(cell), "pg_temp") == 0)
		{
			GUC_check_errdetail("The temporary schema always comes last.");
			valid = false;
		}
	}
	list_free(schemas);
	pfree(copy);
	return valid;
}

/*
 * The server must come up, so what falls short is accepted here and ignored
 * by who reads it.  The warning goes to the log at start and reload, and to
 * the client that runs ALTER SYSTEM, but not from each process that reloads.
 */
static bool
check_retention(char **newval, void **extra, GucSource source)
{
	const Interval least = {.month = HM_LEAST_RETENTION_MONTHS};
	Interval	interval;

	if (!hm_interval_parse(*newval, &interval))
	{
		GUC_check_errdetail("It must be an interval of at most 1000 years.");
		return false;
	}
	if (!hm_interval_covers(&interval, &least) &&
		(!IsUnderPostmaster || ActivePortal != NULL))
		ereport(WARNING,
				(errmsg("setting hipaa_migrate.audit_retention = '%s' is ignored, for it falls short of 7 years",
						*newval),
				 errhint("Set it to '7 years', '84 months', '2557 days' or more.")));
	return true;
}

static void
define_timeout(const char *name, const char *summary, const char *detail,
			   int *variable, int boot, GucContext context)
{
	DefineCustomIntVariable(name, summary, detail, variable, boot,
							0, INT_MAX, context, GUC_UNIT_MS,
							NULL, NULL, NULL);
}

static void
define_number(const char *name, const char *summary, const char *detail,
			  int *variable, int boot, int min, int max, GucContext context)
{
	DefineCustomIntVariable(name, summary, detail, variable, boot,
							min, max, context, 0, NULL, NULL, NULL);
}

/* How the record is written; the server's, not a session's business. */
static void
define_processes(void)
{
	define_timeout("hipaa_migrate.record_wait",
				   "How long a failing statement is held up until its event is on record.",
				   "What takes longer is put into the WAL and recorded later; 0 does not wait.",
				   &hm_setting_record_wait, 2 * 1000, PGC_SIGHUP);
	define_number("hipaa_migrate.ring_slots",
				  "How many events may wait for the recorders.",
				  "Each takes 12 kB of shared memory.",
				  &hm_setting_ring_slots, 64, 8, 4096, PGC_POSTMASTER);
	define_number("hipaa_migrate.max_databases",
				  "How many databases can have a record.",
				  "",
				  &hm_setting_max_databases, 256, 4, 65536, PGC_POSTMASTER);
	define_number("hipaa_migrate.max_workers",
				  "How many recorders and sealers run at a time.",
				  "They and a launcher are taken from max_worker_processes.",
				  &hm_setting_max_workers, 3, 2, 64, PGC_SIGHUP);
	define_timeout("hipaa_migrate.worker_linger",
				   "How long a recorder or sealer waits for more to do before it ends.",
				   "It ends earlier when another database needs its place.",
				   &hm_setting_worker_linger, 5 * 1000, PGC_SIGHUP);
	define_timeout("hipaa_migrate.seal_interval",
				   "How long after its commit an event is sealed.",
				   "",
				   &hm_setting_seal_interval, 5 * 1000, PGC_SIGHUP);
}

/* Findings weigh less, and risk falls, where these say that little is there. */
static void
define_tables(void)
{
	define_number("hipaa_migrate.small_table",
				  "Tables of fewer rows are small to the linter.",
				  "Work on them weighs a step less.",
				  &hm_setting_small_table, 10 * 1000, 0, INT_MAX, PGC_SUSET);
	define_number("hipaa_migrate.large_table",
				  "Tables of this many rows are large to the linter.",
				  "Work on them weighs a step more.",
				  &hm_setting_large_table, 1000 * 1000, 1, INT_MAX, PGC_SUSET);
	define_number("hipaa_migrate.busy_table",
				  "Tables with this many scans and changed rows a second are busy to the linter.",
				  "Work on them weighs a step more.",
				  &hm_setting_busy_table, 10, 1, INT_MAX, PGC_SUSET);
	define_number("hipaa_migrate.large_change",
				  "The linter objects to statements that change this many rows.",
				  "How many they are, the planner estimates.",
				  &hm_setting_large_change, 10 * 1000, 1, INT_MAX, PGC_SUSET);
}

static void
define_seals(void)
{
	DefineCustomIntVariable("hipaa_migrate.clock_step_limit",
							"How far the clock of the record may move by more than the time that has passed.",
							"A larger step, also across a restart, keeps events from expiring until two people have confirmed it.",
							&hm_setting_clock_step_limit, 3600, 0, SECS_PER_DAY,
							PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomStringVariable("hipaa_migrate.digest_command",
							   "Shell command that hands out the digest of a sealed block.",
							   "%p is the path of the file with the digest, %b the number of the block.  Empty: none.",
							   &hm_setting_digest_command, "",
							   PGC_SIGHUP, 0, NULL, NULL, NULL);
	define_timeout("hipaa_migrate.digest_timeout",
				   "How long hipaa_migrate.digest_command may take.",
				   "Then it is ended and tried again later; 0 waits forever.",
				   &hm_setting_digest_timeout, 30 * 1000, PGC_SIGHUP);
}

void
hm_base_init(void)
{
	define_timeout("hipaa_migrate.runner_wait",
				   "How long a run waits for another run of the same database.",
				   "0 fails at once.",
				   &hm_setting_runner_wait, 30 * 1000, PGC_USERSET);
	define_timeout("hipaa_migrate.lock_timeout",
				   "How long a statement of a migration waits for a lock.",
				   "Replaces the caller's lock_timeout during a run; 0 waits forever.",
				   &hm_setting_lock_timeout, 10 * 1000, PGC_SUSET);
	define_timeout("hipaa_migrate.statement_timeout",
				   "How long one statement of a migration may take.",
				   "Replaces the caller's statement_timeout during a run; 0 sets no limit.",
				   &hm_setting_statement_timeout, 0, PGC_SUSET);
	define_timeout("hipaa_migrate.idle_timeout",
				   "How long a transaction that ran migrations may stay idle.",
				   "Replaces the caller's idle_in_transaction_session_timeout until the transaction ends; 0 sets no limit.",
				   &hm_setting_idle_timeout, 60 * 1000, PGC_SUSET);
	DefineCustomEnumVariable("hipaa_migrate.name_rule",
							 "Which names a migration may have.",
							 "strict: 14 digits, a dash, lower-case words.  relaxed: letters, digits, dot, dash, underscore.",
							 &hm_setting_name_rule, HM_NAME_STRICT, name_rules,
							 PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("hipaa_migrate.idempotency",
							 "What is asked of statements that have a guarded form.",
							 "require: that they use it, or they do not run.  rewrite: it is given to them at registration.  off: nothing.",
							 &hm_setting_idempotency, HM_IDEMPOTENCY_OFF,
							 idempotency_modes, PGC_SUSET, 0,
							 NULL, NULL, NULL);
	DefineCustomStringVariable("hipaa_migrate.search_path",
							   "Schemas that a migration's unqualified names mean.",
							   "Stored with each migration when it is registered without a search_path of its own.",
							   &hm_setting_search_path, "public",
							   PGC_SUSET, GUC_LIST_INPUT,
							   check_schemas, NULL, NULL);
	DefineCustomStringVariable("hipaa_migrate.audit_retention",
							   "How long the audit record is kept before it may be purged.",
							   "An interval; less than 7 years, or than what was once in effect, is ignored.",
							   &hm_setting_audit_retention, "7 years",
							   PGC_SIGHUP, 0, check_retention, NULL, NULL);
	define_tables();
	define_processes();
	DefineCustomEnumVariable("hipaa_migrate.record_literals",
							 "Whether literals that may be data go on record.",
							 "hash: statements are recorded with such literals replaced, and with a hash.  keep: as they are.  Secrets are always replaced.",
							 &hm_setting_record_literals, HM_LITERALS_HASH,
							 record_literals, PGC_SIGHUP, 0, NULL, NULL, NULL);
	define_seals();
	DefineCustomBoolVariable("hipaa_migrate.guard_override",
							 "Lets every command pass the guard, and puts it on record.",
							 "The last resort of who is locked out: it can only be set in the configuration file.",
							 &hm_setting_guard_override, false, PGC_SIGHUP,
							 GUC_DISALLOW_IN_AUTO_FILE, NULL, NULL, NULL);
	DefineCustomIntVariable("hipaa_migrate.revert_period",
							"How long after a migration has run its approval also covers reverting it.",
							"0: reverting always needs an approval of its own.",
							&hm_setting_revert_period, SECS_PER_DAY, 0, INT_MAX,
							PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	MarkGUCPrefixReserved("hipaa_migrate");
}
