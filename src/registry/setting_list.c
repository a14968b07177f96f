/*
 * src/registry/setting_list.c
 *	  The settings a migration runs under, as registered with it.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/settings.h"
#include "registry/setting_list.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/numeric.h"
#include "utils/varlena.h"

/*
 * The runner and the transaction own these; a migration cannot bring its own.
 */
static const char *const reserved_names[] = {
	"role", "session_authorization", "session_replication_role",
	"lock_timeout", "statement_timeout", "transaction_timeout",
	"idle_in_transaction_session_timeout",
	"transaction_isolation", "transaction_read_only",
	"transaction_deferrable", "default_transaction_isolation",
	"default_transaction_read_only", "default_transaction_deferrable",
	"event_triggers", "standard_conforming_strings", "backslash_quote",
	"client_encoding"
};

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((HmSettingValue *) lfirst(a))->name,
				  ((HmSettingValue *) lfirst(b))->name);
}

static char *
scalar_to_string(const char *name, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return numeric_normalize(value->val.numeric);
		case jbvBool:
			return pstrdup(value->val.boolean ? "on" : "off");
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for setting \"%s\"", name),
					 errdetail("A value is a string, a number or a boolean.")));
	}
}

List *
hm_setting_list_from_jsonb(Jsonb *object)
{
	List	   *settings = NIL;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	HmSettingValue *setting = NULL;

	if (object == NULL)
		return NIL;
	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("settings must be a JSON object"),
				 errhint("Write them like '{\"search_path\": \"app, public\"}'.")));
	iterator = JsonbIteratorInit(&object->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			setting = palloc(sizeof(HmSettingValue));
			setting->name = pnstrdup(value.val.string.val,
									 value.val.string.len);
		}
		else if (token == WJB_VALUE)
		{
			setting->value = scalar_to_string(setting->name, &value);
			settings = lappend(settings, setting);
		}
	}
	list_sort(settings, compare_names);
	return settings;
}

static void
require_allowed(const char *name)
{
	bool		reserved = pg_strncasecmp(name, "hipaa_migrate.", 14) == 0;

	for (int i = 0; i < lengthof(reserved_names) && !reserved; i++)
		reserved = pg_strcasecmp(name, reserved_names[i]) == 0;
	if (reserved)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("setting \"%s\" cannot be registered with a migration",
						name),
				 errdetail("The runner owns it.")));
}

static void
require_search_path_without_temp(const char *value)
{
	List	   *schemas;
	ListCell   *cell;

	if (!SplitIdentifierString(pstrdup(value), ',', &schemas))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid search_path \"%s\"", value)));
	foreach(cell, schemas)
	{
		if (strcmp((char *) lfirst(cell), "pg_temp") == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid search_path \"%s\"", value),
					 errdetail("The temporary schema always comes last.")));
	}
}

static void
require_valid(const HmSettingValue *setting)
{
	require_allowed(setting->name);
	if (strcmp(setting->name, "search_path") == 0)
		require_search_path_without_temp(setting->value);
	(void) set_config_option(setting->name, setting->value,
							 PGC_SUSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, false, ERROR, false);
}

/* Of names that differ only in case the registry would keep one. */
static void
refuse_duplicates(List *sorted)
{
	const char *before = "";
	ListCell   *cell;

	foreach(cell, sorted)
	{
		const char *name = ((HmSettingValue *) lfirst(cell))->name;

		if (strcmp(name, before) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("setting \"%s\" is given twice", name)));
		before = name;
	}
}

List *
hm_setting_list_for_registration(Jsonb *object)
{
	List	   *settings = hm_setting_list_from_jsonb(object);
	bool		has_search_path = false;
	HmSettingValue *setting;
	ListCell   *cell;

	foreach(cell, settings)
	{
		setting = lfirst(cell);
		setting->name = asc_tolower(setting->name, strlen(setting->name));
		require_valid(setting);
		if (strcmp(setting->name, "search_path") == 0)
			has_search_path = true;
	}
	if (!has_search_path)
	{
		setting = palloc(sizeof(HmSettingValue));
		setting->name = pstrdup("search_path");
		setting->value = pstrdup(hm_setting_search_path);
		settings = lappend(settings, setting);
	}
	list_sort(settings, compare_names);
	refuse_duplicates(settings);
	return settings;
}

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, char *string)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = string;
	value.val.string.len = strlen(string);
	(void) pushJsonbValue(state, token, &value);
}

Jsonb *
hm_setting_list_to_jsonb(List *settings)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;
	ListCell   *cell;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	foreach(cell, settings)
	{
		HmSettingValue *setting = lfirst(cell);

		push_string(&state, WJB_KEY, setting->name);
		push_string(&state, WJB_VALUE, setting->value);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(object);
}
