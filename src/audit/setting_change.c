/*
 * src/audit/setting_change.c
 *	  Settings hipaa_migrate.* that change.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/event.h"
#include "audit/setting_change.h"
#include "base/json_text.h"
#include "base/settings.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

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

void
hm_setting_change_init(void)
{
	RegisterXactCallback(look_at_all, NULL);
}
