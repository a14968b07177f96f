/*
 * src/report/encryption_sql.c
 *	  SQL function audit_encryption: what is encrypted, on the way and at rest.
 *
 * Each check puts rows.  What the server cannot know is a row too, with status
 * unknown: an auditor is to see that it must be asked elsewhere.  Works on a
 * standby.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/actor.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "report/encryption.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(hm_audit_encryption);

static const char *
setting(const char *name)
{
	const char *value = GetConfigOption(name, true, false);

	return value ? value : "";
}

static bool
is_on(const char *name)
{
	return strcmp(setting(name), "on") == 0;
}

/*
 * Connections.
 */

static void
check_ssl(ReturnSetInfo *result)
{
	if (is_on("ssl"))
		hm_status_row_put(result, "ssl", HM_STATUS_OK, "on", NULL, NULL);
	else if (*setting("listen_addresses") == '\0')
		hm_status_row_put(result, "ssl", HM_STATUS_OK, "off",
						  "the server listens on Unix sockets only", NULL);
	else
		hm_status_row_put(result, "ssl", HM_STATUS_CRITICAL, "off",
						  "what clients send and get can be read on the network",
						  "put a certificate into ssl_cert_file and its key into ssl_key_file; ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf()");
}

static void
check_protocol(ReturnSetInfo *result)
{
	const char *lowest = setting("ssl_min_protocol_version");
	bool		fit = strcmp(lowest, "TLSv1.2") == 0 ||
	strcmp(lowest, "TLSv1.3") == 0;

	hm_status_row_put(result, "lowest TLS version",
					  fit ? HM_STATUS_OK : HM_STATUS_CRITICAL,
					  *lowest ? lowest : "any",
					  fit ? NULL : "TLS 1.0 and 1.1 are broken",
					  fit ? NULL : "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2'; SELECT pg_reload_conf()");
}

/* Whether the list has the word, and not behind an exclamation mark. */
static bool
lists_cipher(const char *list, const char *word)
{
	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
	{
		char		after = at[strlen(word)];

		if ((at == list || strchr(":+, ", at[-1])) &&
			(after == '\0' || strchr(":+, ", after)))
			return true;
	}
	return false;
}

/* Of TLS 1.3 every cipher is strong. */
static void
check_ciphers(ReturnSetInfo *result)
{
	static const char *const weak[] = {
		"ALL", "COMPLEMENTOFALL", "MEDIUM", "LOW", "EXP", "EXPORT", "NULL",
		"eNULL", "aNULL", "RC4", "DES", "3DES", "MD5"
	};
	const char *list = setting("ssl_ciphers");
	StringInfoData found;

	initStringInfo(&found);
	for (int i = 0; i < lengthof(weak); i++)
	{
		if (lists_cipher(list, weak[i]))
			appendStringInfo(&found, "%s%s", found.len ? ", " : "", weak[i]);
	}
	if (found.len == 0 || strcmp(setting("ssl_min_protocol_version"), "TLSv1.3") == 0)
		hm_status_row_put(result, "ciphers", HM_STATUS_OK, list, NULL, NULL);
	else
		hm_status_row_put(result, "ciphers", HM_STATUS_WARNING, list,
						  psprintf("weak ones are named: %s; what OpenSSL makes of it depends on its version",
								   found.data),
						  "ALTER SYSTEM SET ssl_ciphers = 'HIGH:!aNULL:!3DES:!MD5'; SELECT pg_reload_conf()");
}

static void
check_this_connection(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT CASE WHEN a.client_addr IS NULL THEN 'local'"
		"            WHEN s.ssl THEN 'tls' WHEN g.encrypted THEN 'gss'"
		"            WHEN " HM_IS_LOOPBACK("a.client_addr") " THEN 'loopback'"
		"            ELSE 'open' END,"
		"       pg_catalog.concat_ws(' ', s.version, s.cipher)"
		"  FROM pg_catalog.pg_stat_activity AS a"
		"  LEFT JOIN pg_catalog.pg_stat_ssl AS s USING (pid)"
		"  LEFT JOIN pg_catalog.pg_stat_gssapi AS g USING (pid)"
		" WHERE a.pid = pg_catalog.pg_backend_pid()"
	};
	const char *item = "this connection";
	const char *how;

	if (hm_query_run(&find, NULL, NULL, true) == 0)
		return;
	how = hm_query_text(0, 1);
	if (strcmp(how, "local") == 0)
		hm_status_row_put(result, item, HM_STATUS_OK, "Unix socket",
						  "does not leave the machine", NULL);
	else if (strcmp(how, "tls") == 0)
		hm_status_row_put(result, item, HM_STATUS_OK, hm_query_text(0, 2),
						  NULL, NULL);
	else if (strcmp(how, "gss") == 0)
		hm_status_row_put(result, item, HM_STATUS_OK, "GSSAPI", NULL, NULL);
	else
		hm_status_row_put(result, item, strcmp(how, "open") == 0 ?
						  HM_STATUS_CRITICAL : HM_STATUS_WARNING,
						  "not encrypted", strcmp(how, "open") == 0 ?
						  "this result goes over the network in clear text" :
						  "it comes from this machine, perhaps through a proxy or tunnel",
						  "connect with sslmode=verify-full");
}

static void
put_open_connections(ReturnSetInfo *result, const char *item, int64 all,
					 int64 open, int64 loopback)
{
	const char *value = psprintf("%lld of %lld", (long long) (open + loopback),
								 (long long) all);

	if (open > 0)
		hm_status_row_put(result, item, HM_STATUS_CRITICAL, value,
						  "so many of the present ones over TCP are not encrypted",
						  "SELECT pid, usename, client_addr FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE NOT ssl AND client_addr IS NOT NULL; admit them by hostssl in pg_hba.conf only");
	else if (loopback > 0)
		hm_status_row_put(result, item, HM_STATUS_WARNING, value,
						  "those that are not encrypted come from this machine, perhaps through a proxy or tunnel",
						  "see that the way to the proxy is encrypted, or connect by Unix socket");
	else
		hm_status_row_put(result, item, HM_STATUS_OK, value,
						  "of the present ones over TCP are not encrypted",
						  NULL);
}

static void
check_connections(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT o.walsender,"
		"       pg_catalog.count(a.pid),"
		"       pg_catalog.count(a.pid) FILTER (WHERE o.plain AND NOT o.loopback),"
		"       pg_catalog.count(a.pid) FILTER (WHERE o.plain AND o.loopback)"
		"  FROM (VALUES (false), (true)) AS w (walsender)"
		"  LEFT JOIN pg_catalog.pg_stat_activity AS a"
		"    ON (a.backend_type = 'walsender') = w.walsender"
		"   AND a.client_addr IS NOT NULL"
		"  LEFT JOIN pg_catalog.pg_stat_ssl AS s ON s.pid = a.pid"
		"  LEFT JOIN pg_catalog.pg_stat_gssapi AS g ON g.pid = a.pid"
		" CROSS JOIN LATERAL (SELECT w.walsender,"
		"        (s.ssl OR g.encrypted) IS NOT TRUE AS plain,"
		"        " HM_IS_LOOPBACK("a.client_addr") " AS loopback) AS o"
		" GROUP BY o.walsender ORDER BY o.walsender"
	};

	hm_query_run(&find, NULL, NULL, true);
	put_open_connections(result, "connections", hm_query_int64(0, 2),
						 hm_query_int64(0, 3), hm_query_int64(0, 4));
	put_open_connections(result, "replication", hm_query_int64(1, 2),
						 hm_query_int64(1, 3), hm_query_int64(1, 4));
}

/* Of a standby: how it gets what the primary has. */
static void
check_upstream(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT COALESCE(pg_catalog.substring(w.conninfo, 'sslmode=([a-z-]+)'), 'prefer'),"
		"       pg_catalog.starts_with(w.sender_host, '/')"
		"  FROM pg_catalog.pg_stat_wal_receiver AS w"
	};
	const char *mode;

	if (hm_query_run(&find, NULL, NULL, true) == 0)
		return;
	mode = hm_query_text(0, 1);
	if (hm_query_bool(0, 2))
		hm_status_row_put(result, "upstream", HM_STATUS_OK, "Unix socket",
						  "does not leave the machine", NULL);
	else if (strncmp(mode, "verify-", 7) == 0)
		hm_status_row_put(result, "upstream", HM_STATUS_OK,
						  psprintf("sslmode=%s", mode), NULL, NULL);
	else
		hm_status_row_put(result, "upstream",
						  strcmp(mode, "require") == 0 ?
						  HM_STATUS_WARNING : HM_STATUS_CRITICAL,
						  psprintf("sslmode=%s", mode),
						  strcmp(mode, "require") == 0 ?
						  "what comes from the primary is encrypted, but nobody looks whether it is the primary" :
						  "what comes from the primary need not be encrypted",
						  "set sslmode=verify-full and sslrootcert in primary_conninfo");
}

static void
check_outgoing(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE NOT o.encrypted)"
		"  FROM (SELECT COALESCE('sslmode=verify-full' = ANY (s.srvoptions)"
		"                     OR 'sslmode=verify-ca' = ANY (s.srvoptions)"
		"                     OR 'sslmode=require' = ANY (s.srvoptions), false)"
		"          FROM pg_catalog.pg_foreign_server AS s"
		"          JOIN pg_catalog.pg_foreign_data_wrapper AS f"
		"            ON f.oid = s.srvfdw"
		"         WHERE f.fdwname IN ('postgres_fdw', 'dblink_fdw')"
		"        UNION ALL"
		"        SELECT s.subconninfo ~ 'sslmode *= *''?(require|verify-)'"
		"          FROM pg_catalog.pg_subscription AS s"
		"          JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid"
		"         WHERE d.datname = pg_catalog.current_database()) AS o (encrypted)"
	};
	int64		all;
	int64		open;

	hm_query_run(&find, NULL, NULL, true);
	all = hm_query_int64(0, 1);
	open = hm_query_int64(0, 2);
	hm_status_row_put(result, "other servers",
					  open > 0 ? HM_STATUS_WARNING : HM_STATUS_OK,
					  psprintf("%lld of %lld", (long long) open, (long long) all),
					  "foreign servers and subscriptions of this database that do not ask for TLS",
					  open > 0 ? "ALTER SERVER ... OPTIONS (ADD sslmode 'verify-full'); ALTER SUBSCRIPTION ... CONNECTION '... sslmode=verify-full'" : NULL);
}

/*
 * At rest.
 */

static void
check_checksums(ReturnSetInfo *result)
{
	if (is_on("data_checksums"))
		hm_status_row_put(result, "data checksums", HM_STATUS_OK, "on", NULL,
						  NULL);
	else
		hm_status_row_put(result, "data checksums", HM_STATUS_WARNING, "off",
						  "a page that the disk has changed is not noticed",
						  "stop the server; pg_checksums --enable; start it");
}

static void
check_disk(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT pg_catalog.count(*) FROM pg_catalog.pg_tablespace"
		" WHERE pg_catalog.pg_tablespace_location(oid) <> ''"
	};

	hm_query_run(&find, NULL, NULL, true);
	hm_status_row_put(result, "disk", HM_STATUS_UNKNOWN,
					  psprintf("1 data directory, %lld tablespaces",
							   (long long) hm_query_int64(0, 1)),
					  "the server cannot know whether the file systems under data_directory, pg_wal and the tablespaces are encrypted: PostgreSQL itself encrypts no files",
					  "attest it where the volumes are made (LUKS, dm-crypt, the cloud's volumes), temporary files and swap included");
	hm_status_row_put(result, "backups", HM_STATUS_UNKNOWN,
					  psprintf("archive_mode = %s", setting("archive_mode")),
					  "the server cannot know whether archived WAL, base backups and dumps are encrypted, nor where they are",
					  "attest it where backups are made (repo-cipher-type of pgBackRest, gpg, an encrypted bucket)");
}

static void
check_pgcrypto(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT e.extversion FROM pg_catalog.pg_extension AS e"
		" WHERE e.extname = 'pgcrypto'"
	};

	if (hm_query_run(&find, NULL, NULL, true) > 0)
		hm_status_row_put(result, "pgcrypto", HM_STATUS_OK,
						  hm_query_text(0, 1),
						  "keys pass through statements: they must not get into the server's log",
						  NULL);
	else
		hm_status_row_put(result, "pgcrypto", HM_STATUS_OK, "not installed",
						  "what columns hold is encrypted by applications, if at all",
						  NULL);
}

/* What writes values of statements into files that nobody has encrypted. */
static void
check_log(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT pg_catalog.string_agg(pg_catalog.concat(s.name, ' = ', s.reset_val), ', '"
		"                             ORDER BY s.name)"
		"  FROM pg_catalog.pg_settings AS s"
		" WHERE s.name = 'log_statement' AND s.reset_val <> 'none'"
		"    OR s.name IN ('log_min_duration_statement',"
		"                  'log_min_duration_sample') AND s.reset_val <> '-1'"
		"    OR s.name = 'log_transaction_sample_rate' AND s.reset_val <> '0'"
		"    OR s.name = 'log_parameter_max_length_on_error' AND s.reset_val <> '0'"
		"    OR s.name = 'log_min_error_statement'"
		"       AND s.reset_val NOT IN ('fatal', 'panic')"
		"    OR s.name IN ('debug_print_parse', 'debug_print_rewritten',"
		"                  'debug_print_plan') AND s.reset_val = 'on'"
	};
	const char *found;

	hm_query_run(&find, NULL, NULL, true);
	found = hm_query_text(0, 1);
	hm_status_row_put(result, "server log",
					  found ? HM_STATUS_WARNING : HM_STATUS_OK, found,
					  found ? "statements get into the server's log, with the values in them" : NULL,
					  found ? "ALTER SYSTEM SET log_statement = 'none'; ALTER SYSTEM SET log_min_error_statement = 'panic'; and so on; or keep the log as you keep the data" : NULL);
}

static void
check_gss(ReturnSetInfo *result)
{
	const char *file = setting("krb_server_keyfile");

	hm_status_row_put(result, "kerberos", HM_STATUS_OK,
					  *file ? "a key file is named" : "no key file is named",
					  "connections by GSSAPI can be encrypted without TLS: rules hostgssenc of pg_hba.conf",
					  NULL);
}

Datum
hm_audit_encryption(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HmBracket	bracket;
	bool		names;

	hm_capability_require(HM_AUDITOR);
	names = superuser_arg(hm_actor_authenticated());
	InitMaterializedSRF(fcinfo, 0);
	hm_query_begin(&bracket);
	check_ssl(result);
	if (is_on("ssl"))
	{
		check_protocol(result);
		check_ciphers(result);
	}
	check_this_connection(result);
	check_connections(result);
	check_upstream(result);
	hm_encryption_check_rules(result);
	hm_encryption_check_passwords(result, names);
	check_gss(result);
	check_outgoing(result);
	check_log(result);
	check_checksums(result);
	check_disk(result);
	check_pgcrypto(result);
	hm_query_end(&bracket);
	return (Datum) 0;
}
