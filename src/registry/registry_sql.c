/*
 * src/registry/registry_sql.c
 *	  SQL function migrate_register.
 */
#include "postgres.h"

#include "audit/own_words.h"
#include "base/argument.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "registry/register.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_register);

/* Order of the arguments in src/sql/registry.sql. */
enum
{
	ARG_NAME,
	ARG_UP,
	ARG_DOWN,
	ARG_DEPENDS_ON,
	ARG_KIND,
	ARG_DESCRIPTION,
	ARG_PROJECT,
	ARG_TRANSACTIONAL,
	ARG_VERIFY,
	ARG_RUN_AS,
	ARG_SETTINGS,
	ARG_SOURCE
};

static HmDraft *
draft_from_arguments(FunctionCallInfo fcinfo)
{
	HmDraft    *draft = palloc0(sizeof(HmDraft));

	draft->name = hm_arg_require_text(fcinfo, ARG_NAME, "name");
	draft->format = "sql";
	draft->up.text = hm_arg_require_text(fcinfo, ARG_UP, "up");
	draft->down.text = hm_arg_text(fcinfo, ARG_DOWN);
	draft->verify.text = hm_arg_text(fcinfo, ARG_VERIFY);
	draft->depends_on = hm_arg_text_list(fcinfo, ARG_DEPENDS_ON, "depends_on");
	draft->kind = hm_arg_require_text(fcinfo, ARG_KIND, "kind");
	draft->description = hm_arg_text(fcinfo, ARG_DESCRIPTION);
	draft->transactional = hm_arg_require_text(fcinfo, ARG_TRANSACTIONAL,
											   "transactional");
	if (!PG_ARGISNULL(ARG_RUN_AS))
		draft->run_as = pstrdup(NameStr(*PG_GETARG_NAME(ARG_RUN_AS)));
	draft->settings = hm_arg_jsonb(fcinfo, ARG_SETTINGS);
	return draft;
}

Datum
hm_migrate_register(PG_FUNCTION_ARGS)
{
	const char *project = hm_arg_require_text(fcinfo, ARG_PROJECT, "project");
	HmRegistered *registered;
	TupleDesc	descriptor;
	Datum		values[6];
	bool		nulls[6] = {0};

	hm_own_words_require_author("migrate_register");
	registered = hm_registry_register(draft_from_arguments(fcinfo), project,
									  hm_arg_jsonb(fcinfo, ARG_SOURCE));
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = CStringGetTextDatum(registered->migration);
	values[1] = Int32GetDatum(registered->revision);
	values[2] = CStringGetTextDatum(registered->outcome);
	values[3] = CStringGetTextDatum(hm_hash_to_hex(registered->checksum,
												   HM_HASH_LENGTH));
	values[4] = Int32GetDatum(registered->statements);
	values[5] = JsonbPGetDatum(registered->details);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor,
													  values, nulls)));
}
