/*
 * src/base/query.c
 *	  SQL on our own tables.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/compat.h"
#include "base/query.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "jit/jit.h"
#include "optimizer/cost.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* Of the bracket that is open, if one is. */
static Oid	outermost_caller = InvalidOid;

static Oid
owner_of_our_schema(void)
{
	Oid			schema = get_namespace_oid("hipaa_migrate", false);
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", schema);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

static void
set_in_bracket(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

bool
hm_own_code(void)
{
	Oid			user;
	int			sec_context;

	GetUserIdAndSecContext(&user, &sec_context);
	return (sec_context & HM_SECURITY_OWN_CODE) != 0;
}

Oid
hm_query_caller(void)
{
	return hm_own_code() ? outermost_caller : GetUserId();
}

void
hm_query_begin(HmBracket *bracket)
{
	bracket->caller_context = CurrentMemoryContext;
	GetUserIdAndSecContext(&bracket->caller, &bracket->caller_sec_context);
	outermost_caller = hm_query_caller();
	SetUserIdAndSecContext(owner_of_our_schema(),
						   bracket->caller_sec_context |
						   SECURITY_LOCAL_USERID_CHANGE |
						   HM_SECURITY_OWN_CODE);
	bracket->guc_level = NewGUCNestLevel();
	set_in_bracket("search_path", "pg_catalog, pg_temp");
	if (jit_enabled)
		set_in_bracket("jit", "off");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
}

void
hm_query_end(HmBracket *bracket)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "could not disconnect from SPI");
	AtEOXact_GUC(false, bracket->guc_level);
	SetUserIdAndSecContext(bracket->caller, bracket->caller_sec_context);
	MemoryContextSwitchTo(bracket->caller_context);
}

static void
keep_plan(HmStatement *statement)
{
	SPIPlanPtr	plan = SPI_prepare(statement->sql, statement->nargs,
								   statement->types);

	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", statement->sql,
			 SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep the plan of \"%s\"", statement->sql);
	statement->plan = plan;
}

/*
 * Plans are kept, and one that is made while a table is small must hold when
 * it has grown.  A statement with arguments looks for a few rows by their
 * key, so it goes by the index; one without reads everything there is.
 */
static void
steer_planner(const HmStatement *statement)
{
	bool		by_key = statement->nargs > 0;

	if (enable_seqscan == by_key)
		set_in_bracket("enable_seqscan", by_key ? "off" : "on");
}

uint64
hm_query_run_at(HmStatement *statement, Datum *values, const char *nulls,
				Snapshot snapshot, bool read_only)
{
	int			code;

	if (statement->plan == NULL)
		keep_plan(statement);
	steer_planner(statement);
	code = SPI_execute_snapshot(statement->plan, values, nulls, snapshot,
								InvalidSnapshot, read_only, true, 0);
	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", statement->sql,
			 SPI_result_code_string(code));
	return SPI_processed;
}

uint64
hm_query_run(HmStatement *statement, Datum *values, const char *nulls,
			 bool read_only)
{
	return hm_query_run_at(statement, values, nulls, InvalidSnapshot,
						   read_only);
}

Datum
hm_query_datum(uint64 row, int column, bool *isnull)
{
	Assert(row < SPI_processed);
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
						 column, isnull);
}

/* Of a text, as most are, nobody looks up how its type is written. */
char *
hm_query_text(uint64 row, int column)
{
	bool		isnull;
	Datum		value;

	if (SPI_gettypeid(SPI_tuptable->tupdesc, column) == TEXTOID)
	{
		value = hm_query_datum(row, column, &isnull);
		return isnull ? NULL : TextDatumGetCString(value);
	}
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
						column);
}

int64
hm_query_int64(uint64 row, int column)
{
	bool		isnull;
	Datum		value = hm_query_datum(row, column, &isnull);

	return isnull ? 0 : DatumGetInt64(value);
}

int32
hm_query_int32(uint64 row, int column)
{
	bool		isnull;
	Datum		value = hm_query_datum(row, column, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

Oid
hm_query_oid(uint64 row, int column)
{
	bool		isnull;
	Datum		value = hm_query_datum(row, column, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

bool
hm_query_bool(uint64 row, int column)
{
	bool		isnull;
	Datum		value = hm_query_datum(row, column, &isnull);

	return !isnull && DatumGetBool(value);
}

Datum
hm_query_text_arg(const char *string, char *null)
{
	*null = string == NULL ? 'n' : ' ';
	return string == NULL ? (Datum) 0 : CStringGetTextDatum(string);
}

Datum
hm_query_int64_array(const int64 *numbers, int count)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(count, 1));

	for (int i = 0; i < count; i++)
		elements[i] = Int64GetDatum(numbers[i]);
	return PointerGetDatum(construct_array(elements, count, INT8OID,
										   sizeof(int64), FLOAT8PASSBYVAL,
										   TYPALIGN_DOUBLE));
}

void
hm_query_put_rows(ReturnSetInfo *result)
{
	int			columns = result->setDesc->natts;
	Datum	   *values = palloc(columns * sizeof(Datum));
	bool	   *nulls = palloc(columns * sizeof(bool));

	for (uint64 row = 0; row < SPI_processed; row++)
	{
		for (int i = 0; i < columns; i++)
			values[i] = hm_query_datum(row, i + 1, &nulls[i]);
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
}

Datum
hm_query_show(FunctionCallInfo fcinfo, HmStatement *statement, Datum *values)
{
	HmBracket	bracket;

	InitMaterializedSRF(fcinfo, 0);
	hm_query_begin(&bracket);
	hm_query_run(statement, values, NULL, true);
	hm_query_put_rows((ReturnSetInfo *) fcinfo->resultinfo);
	hm_query_end(&bracket);
	return (Datum) 0;
}
