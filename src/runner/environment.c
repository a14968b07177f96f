/*
 * src/runner/environment.c
 *	  The defined environment in which a migration's text is executed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/compat.h"
#include "base/settings.h"
#include "registry/setting_list.h"
#include "runner/environment.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/timeout.h"

/*
 * Settings that change what a text means, at PostgreSQL's own defaults.
 * A migration overrides them with its registered settings.  Those that this
 * server does not know are passed over.
 */
static const struct
{
	const char *name;
	const char *value;
}			pinned[] =

{
	{"array_nulls", "on"},
	{"backslash_quote", "safe_encoding"},
	{"bytea_output", "hex"},
	{"check_function_bodies", "on"},
	{"createrole_self_grant", ""},
	{"datestyle", "ISO, MDY"},
	{"default_table_access_method", "heap"},
	{"default_tablespace", ""},
	{"default_text_search_config", "pg_catalog.english"},
	{"event_triggers", "on"},
	{"extra_float_digits", "1"},
	{"intervalstyle", "postgres"},
	{"lc_monetary", "C"},
	{"lc_numeric", "C"},
	{"lc_time", "C"},
	{"plpgsql.check_asserts", "on"},
	{"plpgsql.extra_errors", "none"},
	{"plpgsql.variable_conflict", "error"},
	{"quote_all_identifiers", "off"},
	{"row_security", "on"},
	{"session_replication_role", "origin"},
	{"standard_conforming_strings", "on"},
	{"temp_tablespaces", ""},
	{"timezone", "UTC"},
	{"transaction_timeout", "0"},
	{"transform_null_equals", "off"},
	{"xmlbinary", "base64"},
	{"xmloption", "content"},
};

/* Setting what is set already would only cost time. */
static void
set_value(const char *name, const char *value, GucContext context,
		  GucAction action)
{
	const char *present = GetConfigOption(name, true, false);

	if (present == NULL || strcmp(present, value) != 0)
		(void) set_config_option(name, value, context, PGC_S_SESSION,
								 action, true, 0, false);
}

static void
apply_pinned(GucAction action)
{
	for (int i = 0; i < lengthof(pinned); i++)
	{
		const char *present = GetConfigOption(pinned[i].name, true, false);

		if (present != NULL && strcmp(present, pinned[i].value) != 0)
			(void) set_config_option(pinned[i].name, pinned[i].value,
									 PGC_SUSET, PGC_S_SESSION, action,
									 true, 0, false);
	}
}

static void
set_milliseconds(const char *name, int value, GucAction action)
{
	char		string[16];

	snprintf(string, sizeof(string), "%d", value);
	(void) set_config_option(name, string, PGC_USERSET, PGC_S_SESSION,
							 action, true, 0, false);
}

/* The runner's own limits, which a migration may set for itself. */
static void
apply_timeouts(GucAction action)
{
	set_milliseconds("lock_timeout", hm_setting_lock_timeout, action);
	set_milliseconds("statement_timeout", hm_setting_statement_timeout,
					 action);
}

/* As the migration's role might have set them itself. */
static void
apply_registered(List *settings, Oid role, GucAction action)
{
	GucContext	context = superuser_arg(role) ? PGC_SUSET : PGC_USERSET;
	ListCell   *cell;

	foreach(cell, settings)
	{
		HmSettingValue *setting = lfirst(cell);

		if (strcmp(setting->name, "search_path") == 0)
			set_value(setting->name,
					  *setting->value ?
					  psprintf("%s, pg_temp", setting->value) : "pg_temp",
					  PGC_USERSET, action);
		else
			set_value(setting->name, setting->value, context, action);
	}
}

Oid
hm_environment_role(const HmStored *stored)
{
	Oid			role;

	if (stored->run_as == NULL)
		return GetUserId();
	role = get_role_oid(stored->run_as, true);
	if (!OidIsValid(role))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("migration \"%s\" runs as role \"%s\", which does not exist",
						stored->display, stored->run_as)));
	if (!hm_compat_can_become(GetUserId(), role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("migration \"%s\" runs as role \"%s\", of which \"%s\" is not a member",
						stored->display, stored->run_as,
						GetUserNameFromId(GetUserId(), false)),
				 errhint("GRANT %s TO %s; or let a member run it.",
						 quote_identifier(stored->run_as),
						 quote_identifier(GetUserNameFromId(GetUserId(),
															false)))));
	return role;
}

void
hm_environment_begin(HmEnvironment *environment, const HmStored *stored)
{
	Oid			role = hm_environment_role(stored);

	GetUserIdAndSecContext(&environment->caller,
						   &environment->caller_sec_context);
	environment->temporary = hm_temporary_hide();
	environment->guc_level = NewGUCNestLevel();
	apply_pinned(GUC_ACTION_SAVE);
	apply_timeouts(GUC_ACTION_SAVE);
	apply_registered(stored->settings, role, GUC_ACTION_SAVE);
	if (stored->run_as)
		SetUserIdAndSecContext(role, environment->caller_sec_context |
							   SECURITY_LOCAL_USERID_CHANGE);
}

void
hm_environment_end(HmEnvironment *environment)
{
	hm_temporary_show(environment->temporary);
	AtEOXact_GUC(false, environment->guc_level);
	SetUserIdAndSecContext(environment->caller,
						   environment->caller_sec_context);
}

void
hm_environment_enter(List *settings, Oid role)
{
	apply_pinned(GUC_ACTION_SET);
	apply_timeouts(GUC_ACTION_SET);
	apply_registered(settings, role, GUC_ACTION_SET);
}

void
hm_environment_set_lock_timeout(bool limited)
{
	set_milliseconds("lock_timeout", limited ? hm_setting_lock_timeout : 0,
					 GUC_ACTION_SET);
}

void
hm_environment_arm_statement_timeout(void)
{
	if (StatementTimeout > 0)
		enable_timeout_after(STATEMENT_TIMEOUT, StatementTimeout);
	else
		disable_timeout(STATEMENT_TIMEOUT, false);
}

void
hm_environment_disarm_statement_timeout(void)
{
	disable_timeout(STATEMENT_TIMEOUT, false);
}

void
hm_environment_limit_idle_transaction(void)
{
	if (IsTransactionBlock() && !IsSubTransaction())
		set_milliseconds("idle_in_transaction_session_timeout",
						 hm_setting_idle_timeout, GUC_ACTION_LOCAL);
}
