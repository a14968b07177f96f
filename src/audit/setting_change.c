/*
 * src/audit/setting_change.c
 *	  Settings hipaa_migrate.* that change.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/event.h"
#include "audit/service.h"
#include "audit/setting_change.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/settings.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* What a session may set; number or text points to the value in use. */
typedef struct Watched
{
	const char *name;
	const int  *number;
	char	  **text;
	int			known_number;
	char	   *known_text;		/* in TopMemoryContext */
	bool		known_default;	/* the session had not set it */
} Watched;

static Watched watched[] = {
	{"hipaa_migrate.runner_wait", &hm_setting_runner_wait},
	{"hipaa_migrate.lock_timeout", &hm_setting_lock_timeout},
	{"hipaa_migrate.statement_timeout", &hm_setting_statement_timeout},
	{"hipaa_migrate.idle_timeout", &hm_setting_idle_timeout},
	{"hipaa_migrate.name_rule", &hm_setting_name_rule},
	{"hipaa_migrate.search_path", NULL, &hm_setting_search_path},
};

static bool known = false;

static bool
has_default(const Watched *setting)
{
	const char *value = GetConfigOption(setting->name, true, false);
	const char *reset = GetConfigOptionResetString(setting->name);

	return value && reset && strcmp(value, reset) == 0;
}

static void
learn(Watched *setting)
{
	if (setting->number)
		setting->known_number = *setting->number;
	else
	{
		char	   *copy = MemoryContextStrdup(TopMemoryContext,
											   *setting->text);

		if (setting->known_text)
			pfree(setting->known_text);
		setting->known_text = copy;
	}
	setting->known_default = has_default(setting);
}

static bool
is_same(const Watched *setting)
{
	return setting->number ? *setting->number == setting->known_number :
		strcmp(*setting->text, setting->known_text) == 0;
}

static void
record(const Watched *setting)
{
	StringInfoData details;
	HmEvent		event = {
		.kind = HM_EVENT_SETTING_CHANGED,
		.object_type = "setting",
		.object = setting->name
	};

	hm_json_begin(&details);
	hm_json_text(&details, "value", GetConfigOption(setting->name, true,
													false));
	hm_json_text(&details, "scope", "session");
	event.details = hm_json_end(&details);
	(void) hm_event_record(&event, 0, 0);
}

/*
 * A value that was the session's default and still is came with a reload of
 * the configuration files.
 */
static void
look_at(Watched *setting)
{
	bool		was_default = setting->known_default;

	if (is_same(setting))
		return;
	learn(setting);
	if (!was_default || !setting->known_default)
		record(setting);
}

static void
look_at_all(XactEvent event, void *argument)
{
	if (event != XACT_EVENT_PRE_COMMIT || MyBackendType != B_BACKEND)
		return;
	for (int i = 0; i < lengthof(watched); i++)
	{
		if (!known)
			learn(&watched[i]);
		else if (!is_same(&watched[i]) && hm_event_possible())
			look_at(&watched[i]);
	}
	known = true;
}

static void
append(const char *name, const char *value, const char *before)
{
	StringInfoData details;
	HmEvent		event = {
		.kind = HM_EVENT_SETTING_CHANGED,
		.object_type = "setting",
		.object = name
	};

	hm_json_begin(&details);
	hm_json_text(&details, "value", value);
	hm_json_text(&details, "before", before);
	hm_json_text(&details, "scope", "server");
	event.details = hm_json_end(&details);
	hm_event_append(&event);
}

/* A setting seen for the first time is compared with its default. */
static void
append_changes(void)
{
	static HmStatement find_changes = {
		"SELECT s.name, s.setting,"
		"       CASE WHEN k.name IS NULL THEN s.boot_val ELSE k.value END"
		"  FROM pg_catalog.pg_settings AS s"
		"  LEFT JOIN hipaa_migrate.known_setting AS k ON k.name = s.name"
		" WHERE s.name LIKE 'hipaa_migrate.%'"
		"   AND s.setting IS DISTINCT FROM"
		"       CASE WHEN k.name IS NULL THEN s.boot_val ELSE k.value END"
		" ORDER BY s.name"
	};
	static HmStatement learn_all = {
		"INSERT INTO hipaa_migrate.known_setting AS k (name, value)"
		" SELECT s.name, s.setting FROM pg_catalog.pg_settings AS s"
		"  WHERE s.name LIKE 'hipaa_migrate.%'"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value"
		"  WHERE k.value IS DISTINCT FROM excluded.value"
	};
	HmBracket	bracket;
	uint64		count;

	hm_query_begin(&bracket);
	count = hm_query_run(&find_changes, NULL, NULL, false);
	for (uint64 row = 0; row < count; row++)
		append(hm_query_text(row, 1), hm_query_text(row, 2),
			   hm_query_text(row, 3));
	(void) hm_query_run(&learn_all, NULL, NULL, false);
	hm_query_end(&bracket);
}

void
hm_setting_change_look(void)
{
	static TimestampTz looked_at = 0;

	if (looked_at == PgReloadTime)
		return;
	if (hm_service_start_transaction())
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		append_changes();
		PopActiveSnapshot();
		looked_at = PgReloadTime;
	}
	CommitTransactionCommand();
}

void
hm_setting_change_init(void)
{
	RegisterXactCallback(look_at_all, NULL);
}
