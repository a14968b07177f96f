/*
 * src/base/danger.c
 *	  Settings, roles, functions and languages of class danger.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/compat.h"
#include "base/danger.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "commands/proclang.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(hm_guarded_setting);

/* When a setting is one of danger. */
typedef enum How
{
	HARMLESS,
	STORED,						/* only when the value outlives the session */
	ALWAYS
} How;

typedef struct DangerSetting
{
	const char *name;			/* one that ends in a dot: all that begin so */
	How			how;
	const char *why;
} DangerSetting;

#define RUNS "its value is run as a command"
#define LOADS "its value names code to load"
#define SEEKS "its value says where code is looked for"
#define EXECUTES "its value is code to run"
#define READS "its value names a file that the server trusts"
#define WRITES "its value names what the server writes"

/* The first that fits. */
static const DangerSetting settings[] = {
	{"allow_alter_system", STORED, "it tells whether ALTER SYSTEM is allowed"},
	{"allow_system_table_mods", ALWAYS, "it opens the system catalogs"},
	{"archive_cleanup_command", STORED, RUNS},
	{"archive_command", STORED, RUNS},
	{"archive_library", STORED, LOADS},
	{"basebackup_to_shell.command", STORED, RUNS},
	{"basic_archive.archive_directory", STORED, WRITES},
	{"config_file", STORED, READS},
	{"data_directory", STORED, READS},
	{"dynamic_library_path", ALWAYS, SEEKS},
	{"event_triggers", ALWAYS, "it switches event triggers off"},
	{"extension_control_path", ALWAYS, SEEKS},
	{"extension_destdir", ALWAYS, SEEKS},
	{"external_pid_file", STORED, WRITES},
	{"hba_file", STORED, READS},
	{"hipaa_migrate.runner_wait", STORED, "each session may set it, for itself"},
	{"hipaa_migrate.", ALWAYS, "it is a setting of the guard, the runner or the record"},
	{"ident_file", STORED, READS},
	{"jit_provider", STORED, LOADS},
	{"krb_server_keyfile", STORED, READS},
	{"lo_compat_privileges", ALWAYS, "it switches the privileges on large objects off"},
	{"local_preload_libraries", ALWAYS, LOADS},
	{"log_directory", STORED, WRITES},
	{"log_filename", STORED, WRITES},
	{"oauth_validator_libraries", STORED, LOADS},
	{"output_plugin_libraries", ALWAYS, LOADS},
	{"pljava.", ALWAYS, LOADS},
	{"plperl.on_init", ALWAYS, EXECUTES},
	{"plperl.on_plperl_init", ALWAYS, EXECUTES},
	{"plperl.on_plperlu_init", ALWAYS, EXECUTES},
	{"pltcl.start_proc", ALWAYS, EXECUTES},
	{"pltclu.start_proc", ALWAYS, EXECUTES},
	{"promote_trigger_file", STORED, READS},
	{"recovery_end_command", STORED, RUNS},
	{"restore_command", STORED, RUNS},
	{"session_preload_libraries", ALWAYS, LOADS},
	{"session_replication_role", ALWAYS, "it switches triggers, foreign keys and rules off"},
	{"shared_preload_libraries", STORED, LOADS},
	{"ssl_ca_file", STORED, READS},
	{"ssl_cert_file", STORED, READS},
	{"ssl_crl_dir", STORED, READS},
	{"ssl_crl_file", STORED, READS},
	{"ssl_dh_params_file", STORED, READS},
	{"ssl_key_file", STORED, READS},
	{"ssl_passphrase_command", STORED, RUNS},
	{"unix_socket_directories", STORED, WRITES},
	{"zero_damaged_pages", ALWAYS, "it destroys what cannot be read"}
};

static const Oid roles[] = {
	ROLE_PG_EXECUTE_SERVER_PROGRAM,
	ROLE_PG_READ_SERVER_FILES,
	ROLE_PG_WRITE_SERVER_FILES
};

/* The server's own, by what they are called in C. */
static const char *const internal_functions[] = {
	"be_lo_export",
	"be_lo_import",
	"be_lo_import_with_oid"
};

static const char *const statistics_functions[] = {
	"pg_clear_attribute_stats",
	"pg_clear_relation_stats",
	"pg_restore_attribute_stats",
	"pg_restore_relation_stats"
};

/* Those of contrib's adminpack, of each of its versions. */
static const char *const library_functions[] = {
	"pg_file_rename",
	"pg_file_rename_v1_1",
	"pg_file_sync",
	"pg_file_unlink",
	"pg_file_unlink_v1_1",
	"pg_file_write",
	"pg_file_write_v1_1"
};

static bool
fits(const DangerSetting *setting, const char *name)
{
	size_t		length = strlen(setting->name);

	if (setting->name[length - 1] == '.')
		return pg_strncasecmp(name, setting->name, length) == 0;
	return pg_strcasecmp(name, setting->name) == 0;
}

static How
find_setting(const char *name)
{
	for (int i = 0; i < lengthof(settings); i++)
	{
		if (fits(&settings[i], name))
			return settings[i].how;
	}
	return HARMLESS;
}

bool
hm_danger_setting(const char *name)
{
	return find_setting(name) == ALWAYS;
}

bool
hm_danger_system_setting(const char *name)
{
	return find_setting(name) != HARMLESS;
}

bool
hm_danger_role(Oid role)
{
	for (int i = 0; i < lengthof(roles); i++)
	{
		if (is_member_of_role(role, roles[i]))
			return true;
	}
	return false;
}

static bool
is_listed(const char *symbol, const char *const *list, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (strcmp(symbol, list[i]) == 0)
			return true;
	}
	return false;
}

static HmFunctionDanger
find_symbol(Oid language, const char *symbol)
{
	if (language == ClanguageId)
		return is_listed(symbol, library_functions,
						 lengthof(library_functions)) ?
			HM_FUNCTION_FILE : HM_FUNCTION_HARMLESS;
	if (is_listed(symbol, internal_functions, lengthof(internal_functions)))
		return HM_FUNCTION_FILE;
	if (is_listed(symbol, statistics_functions,
				  lengthof(statistics_functions)))
		return HM_FUNCTION_STATISTICS;
	return HM_FUNCTION_HARMLESS;
}

/* By its own name, whatever it is called in SQL. */
static HmFunctionDanger
judge_symbol(HeapTuple function)
{
	Oid			language = ((Form_pg_proc) GETSTRUCT(function))->prolang;
	bool		isnull;
	Datum		source;

	if (language != INTERNALlanguageId && language != ClanguageId)
		return HM_FUNCTION_HARMLESS;
	source = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_prosrc, &isnull);
	if (isnull)
		return HM_FUNCTION_HARMLESS;
	return find_symbol(language, TextDatumGetCString(source));
}

static HmFunctionDanger
judge_built_in(Oid function)
{
	if (function == F_LO_IMPORT_TEXT || function == F_LO_IMPORT_TEXT_OID ||
		function == F_LO_EXPORT)
		return HM_FUNCTION_FILE;
	if (hm_compat_writes_statistics(function))
		return HM_FUNCTION_STATISTICS;
	return HM_FUNCTION_HARMLESS;
}

HmFunctionDanger
hm_danger_function(Oid function)
{
	HeapTuple	tuple;
	HmFunctionDanger result;

	if (function < FirstGenbkiObjectId)
		return judge_built_in(function);
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return HM_FUNCTION_HARMLESS;
	result = judge_symbol(tuple);
	ReleaseSysCache(tuple);
	return result;
}

bool
hm_danger_language(const char *name)
{
	HeapTuple	tuple = SearchSysCache1(LANGNAME, CStringGetDatum(name));
	bool		trusted;

	if (!HeapTupleIsValid(tuple))
		return false;
	trusted = ((Form_pg_language) GETSTRUCT(tuple))->lanpltrusted;
	ReleaseSysCache(tuple);
	return !trusted;
}

static void
put(ReturnSetInfo *result, const char *name, How how, const char *why)
{
	Datum		values[3];
	bool		nulls[3] = {0};

	values[0] = CStringGetTextDatum(name);
	values[1] = CStringGetTextDatum(how == ALWAYS ? "always" : "stored");
	values[2] = CStringGetTextDatum(why);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
hm_guarded_setting(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < lengthof(settings); i++)
	{
		const char *name = settings[i].name;

		if (name[strlen(name) - 1] == '.')
			name = psprintf("%s*", name);
		put((ReturnSetInfo *) fcinfo->resultinfo, name, settings[i].how,
			settings[i].why);
	}
	PG_RETURN_VOID();
}
