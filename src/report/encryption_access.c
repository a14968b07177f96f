/*
 * src/report/encryption_access.c
 *	  Of audit_encryption(): pg_hba.conf and passwords.
 */
#include "postgres.h"

#include "base/query.h"
#include "report/encryption.h"
#include "utils/guc.h"

#define HBA_REMEDY "SELECT * FROM pg_hba_file_rules; "
#define HBA_RELOAD "; SELECT pg_reload_conf()"

/*
 * A rule lets in without TLS if it is of type host or hostnossl, not about
 * the machine itself, and no earlier rule rejects all that comes without.
 * Columns: line numbers of those; of trust over the network; of trust on the
 * machine; of methods that send the password as it is, where TLS is not asked
 * for; of md5; the number of lines that cannot be read.
 */
static HmStatement find_rules = {
	"WITH r AS ("
	" SELECT h.*, h.ordinality AS place,"
	"        h.address IN ('samehost', 'localhost', '::1')"
	"          OR h.address LIKE '127.%' AS itself,"
	"        h.type <> 'local' AS network"
	"   FROM pg_catalog.pg_hba_file_rules() WITH ORDINALITY AS h),"
	" shield AS ("
	" SELECT d.replication, pg_catalog.min(r.place) AS place"
	"   FROM (VALUES (false), (true)) AS d (replication)"
	"   LEFT JOIN r ON r.type IN ('host', 'hostnossl')"
	"    AND r.auth_method = 'reject' AND r.user_name = '{all}'"
	"    AND r.address = 'all'"
	"    AND CASE WHEN d.replication THEN 'replication' ELSE 'all' END"
	"          = ANY (r.database)"
	"  GROUP BY d.replication),"
	" judged AS ("
	" SELECT r.*, r.type IN ('host', 'hostnossl') AND r.auth_method <> 'reject'"
	"        AND r.itself IS NOT TRUE"
	"        AND (s.place < r.place) IS NOT TRUE AS open"
	"   FROM r LEFT JOIN shield AS s"
	"     ON s.replication = ('replication' = ANY (r.database)))"
	" SELECT pg_catalog.string_agg(line_number::text, ', ' ORDER BY place)"
	"          FILTER (WHERE open),"
	"        pg_catalog.string_agg(line_number::text, ', ' ORDER BY place)"
	"          FILTER (WHERE auth_method = 'trust' AND network AND itself IS NOT TRUE),"
	"        pg_catalog.string_agg(line_number::text, ', ' ORDER BY place)"
	"          FILTER (WHERE auth_method = 'trust' AND (NOT network OR itself)),"
	"        pg_catalog.string_agg(line_number::text, ', ' ORDER BY place)"
	"          FILTER (WHERE open AND auth_method IN"
	"                  ('password', 'ldap', 'radius', 'pam', 'bsd')),"
	"        pg_catalog.string_agg(line_number::text, ', ' ORDER BY place)"
	"          FILTER (WHERE auth_method = 'md5'),"
	"        pg_catalog.count(error)"
	"   FROM judged"
};

static void
put_lines(ReturnSetInfo *result, const char *item, int column,
		  const char *status, const char *message, const char *remedy)
{
	char	   *lines = hm_query_text(0, column);

	if (lines)
		hm_status_row_put(result, item, status,
						  psprintf("pg_hba.conf: %s", lines), message, remedy);
	else
		hm_status_row_put(result, item, HM_STATUS_OK, "none", NULL, NULL);
}

void
hm_encryption_check_rules(ReturnSetInfo *result)
{
	hm_query_run(&find_rules, NULL, NULL, true);
	put_lines(result, "lines without TLS", 1, HM_STATUS_CRITICAL,
			  "these lines let clients in that do not encrypt",
			  HBA_REMEDY "write hostssl instead of host" HBA_RELOAD);
	put_lines(result, "lines with trust", 2, HM_STATUS_CRITICAL,
			  "whoever reaches the server is who it says it is",
			  HBA_REMEDY "write scram-sha-256 or cert instead of trust" HBA_RELOAD);
	put_lines(result, "local trust", 3, HM_STATUS_WARNING,
			  "on this machine everybody is who it says it is",
			  HBA_REMEDY "write peer or scram-sha-256 instead of trust" HBA_RELOAD);
	put_lines(result, "passwords in clear text", 4, HM_STATUS_CRITICAL,
			  "the method sends the password as it is, and need not be encrypted here",
			  HBA_REMEDY "write hostssl, or scram-sha-256" HBA_RELOAD);
	put_lines(result, "lines with md5", 5, HM_STATUS_WARNING,
			  "where a role has an md5 password, who sees one login can guess it, and who has the hash needs not even guess",
			  HBA_REMEDY "write scram-sha-256 when all passwords are (see item md5 passwords)" HBA_RELOAD);
	if (hm_query_int64(0, 6) > 0)
		hm_status_row_put(result, "pg_hba.conf", HM_STATUS_WARNING,
						  psprintf("%lld lines with errors",
								   (long long) hm_query_int64(0, 6)),
						  "the server goes by what it loaded before: the rows above are about the file",
						  "SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL");
}

static void
check_channel_binding(ReturnSetInfo *result)
{
	bool		offered = strcmp(GetConfigOption("ssl", false, false), "on") == 0;

	hm_status_row_put(result, "channel binding", HM_STATUS_UNKNOWN,
					  offered ? "offered" : "not offered",
					  offered ? "the server offers it to logins by scram-sha-256 over TLS; whether a client insists on it the client alone decides, and the server is not told" :
					  "it needs ssl = on and logins by scram-sha-256",
					  "connect with channel_binding=require");
}

static void
check_password_encryption(ReturnSetInfo *result)
{
	const char *value = GetConfigOption("password_encryption", false, false);
	bool		fit = strcmp(value, "scram-sha-256") == 0;

	hm_status_row_put(result, "password encryption",
					  fit ? HM_STATUS_OK : HM_STATUS_CRITICAL, value,
					  fit ? NULL : "new passwords are kept as MD5 hashes",
					  fit ? NULL : "ALTER SYSTEM SET password_encryption = 'scram-sha-256'" HBA_RELOAD);
}

static char *
count_and_names(int column, bool names)
{
	int64		count = hm_query_int64(0, column);

	return count > 0 && names ?
		psprintf("%lld: %s", (long long) count, hm_query_text(0, column + 1)) :
		psprintf("%lld", (long long) count);
}

void
hm_encryption_check_passwords(ReturnSetInfo *result, bool names)
{
	static HmStatement find = {
		"SELECT pg_catalog.count(*) FILTER (WHERE o.md5),"
		"       pg_catalog.string_agg(a.rolname, ', ' ORDER BY a.rolname)"
		"         FILTER (WHERE o.md5),"
		"       pg_catalog.count(*) FILTER (WHERE a.rolpassword IS NULL),"
		"       pg_catalog.string_agg(a.rolname, ', ' ORDER BY a.rolname)"
		"         FILTER (WHERE a.rolpassword IS NULL)"
		"  FROM pg_catalog.pg_authid AS a"
		" CROSS JOIN LATERAL (SELECT a.rolpassword ~ '^md5[0-9a-f]{32}$') AS o (md5)"
		" WHERE a.rolcanlogin"
	};
	bool		md5;

	check_channel_binding(result);
	check_password_encryption(result);
	hm_query_run(&find, NULL, NULL, true);
	md5 = hm_query_int64(0, 1) > 0;
	hm_status_row_put(result, "md5 passwords",
					  md5 ? HM_STATUS_CRITICAL : HM_STATUS_OK,
					  count_and_names(1, names),
					  md5 ? "who has the hash can log in with it" : NULL,
					  md5 ? "set them anew while password_encryption = 'scram-sha-256': \\password in psql" : NULL);
	hm_status_row_put(result, "logins without password", HM_STATUS_OK,
					  count_and_names(3, names),
					  "they log in by peer, cert, gss or trust, or not at all",
					  NULL);
}
