/*
 * src/guard/label.c
 *	  The security label in which a database tells the others what it guards.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/json_text.h"
#include "commands/seclabel.h"
#include "guard/exemption.h"
#include "guard/label.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

HM_NORETURN static void
refuse_label(Oid database)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the guard's label on database %u is not understood",
					database),
			 errdetail("Until it is, nothing that is guarded can be done in this cluster."),
			 errhint("In that database: SELECT * FROM migrate_guard('observe', 'reason'), with hipaa_migrate.guard_override = on in postgresql.conf meanwhile.")));
}

/* A member of the object, or a value of type jbvNull. */
static JsonbValue
find_member(JsonbContainer *object, const char *key)
{
	JsonbValue	value = {.type = jbvNull};

	(void) getKeyJsonValueFromContainer(object, key, strlen(key), &value);
	return value;
}

static char *
find_text(JsonbContainer *object, const char *key)
{
	JsonbValue	value = find_member(object, key);

	return value.type != jbvString ? NULL :
		pnstrdup(value.val.string.val, value.val.string.len);
}

static int64
find_int64(JsonbContainer *object, const char *key)
{
	JsonbValue	value = find_member(object, key);

	return value.type != jbvNumeric ? 0 :
		DatumGetInt64(DirectFunctionCall1(numeric_int8,
										  NumericGetDatum(value.val.numeric)));
}

static HmExemption *
parse_exemption(JsonbContainer *object)
{
	HmExemption *exemption = palloc0(sizeof(HmExemption));

	exemption->id = find_int64(object, "id");
	exemption->role = (Oid) find_int64(object, "role");
	exemption->schema = find_text(object, "schema");
	exemption->command = find_text(object, "command");
	exemption->expires_at = find_int64(object, "expires_at");
	return exemption;
}

static List *
parse_exemptions(Oid database, JsonbContainer *label)
{
	JsonbValue	array = find_member(label, "exemptions");
	List	   *exemptions = NIL;

	if (array.type != jbvBinary || !JsonContainerIsArray(array.val.binary.data))
		refuse_label(database);
	for (uint32 i = 0; i < JsonContainerSize(array.val.binary.data); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(array.val.binary.data, i);

		if (element->type != jbvBinary)
			refuse_label(database);
		exemptions = lappend(exemptions,
							 parse_exemption(element->val.binary.data));
	}
	return exemptions;
}

HmGuardedDatabase *
hm_label_parse(Oid database, const char *label)
{
	Jsonb	   *jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
														   CStringGetDatum(label)));
	HmGuardedDatabase *result = palloc0(sizeof(HmGuardedDatabase));

	if (!JB_ROOT_IS_OBJECT(jsonb))
		refuse_label(database);
	result->oid = database;
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
	{
		char	   *mode = find_text(&jsonb->root,
									 hm_guard_class_name((HmGuardClass) i));

		if (mode == NULL || !hm_guard_mode_parse(mode, &result->modes[i]))
			refuse_label(database);
	}
	result->exemptions = parse_exemptions(database, &jsonb->root);
	return result;
}

static char *
build_exemption(const HmExemption *exemption)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "id", exemption->id);
	hm_json_int64(&json, "role", exemption->role);
	hm_json_text(&json, "schema", exemption->schema);
	hm_json_text(&json, "command", exemption->command);
	hm_json_int64(&json, "expires_at", exemption->expires_at);
	return hm_json_end(&json);
}

char *
hm_label_build(const HmGuardedDatabase *database)
{
	StringInfoData json;
	StringInfoData exemptions;
	ListCell   *cell;

	initStringInfo(&exemptions);
	foreach(cell, database->exemptions)
		appendStringInfo(&exemptions, "%s%s", exemptions.len > 0 ? ", " : "",
						 build_exemption(lfirst(cell)));
	hm_json_begin(&json);
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
		hm_json_text(&json, hm_guard_class_name((HmGuardClass) i),
					 hm_guard_mode_name(database->modes[i]));
	hm_json_raw(&json, "exemptions", psprintf("[%s]", exemptions.data));
	return hm_json_end(&json);
}

bool
hm_label_is_brought(Node *command)
{
	SecLabelStmt *statement = (SecLabelStmt *) command;

	return !IsBinaryUpgrade && IsA(command, SecLabelStmt) &&
		statement->objtype == OBJECT_DATABASE && statement->provider != NULL &&
		strcmp(statement->provider, HM_LABEL_PROVIDER) == 0;
}

bool
hm_label_leave_out(Node *command)
{
	if (!hm_label_is_brought(command))
		return false;
	ereport(WARNING,
			(errmsg("what guarded database \"%s\" is not restored with it",
					strVal(((SecLabelStmt *) command)->object)),
			 errhint("In that database: SELECT * FROM migrate_guard('enforce', 'reason');")));
	return true;
}

/* What the old server had: labels of databases, tables and columns. */
static void
accept_upgrade(const ObjectAddress *object, const char *label)
{
	if (!IsBinaryUpgrade)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("labels of provider \"%s\" are written by the extension only",
						HM_LABEL_PROVIDER)));
}

void
hm_label_init(void)
{
	if (IsBinaryUpgrade)
		register_label_provider(HM_LABEL_PROVIDER, accept_upgrade);
}
