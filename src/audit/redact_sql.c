/*
 * src/audit/redact_sql.c
 *	  SQL function redact_statement.
 */
#include "postgres.h"

#include "audit/redact.h"
#include "base/argument.h"
#include "base/settings.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_redact_statement_sql);

static HmRecordLiterals
literals_of(const char *name)
{
	if (name == NULL)
		return hm_setting_record_literals;
	if (strcmp(name, "hash") == 0)
		return HM_LITERALS_HASH;
	if (strcmp(name, "keep") == 0)
		return HM_LITERALS_KEEP;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("literals must be \"hash\" or \"keep\", not \"%s\"",
					name)));
}

/*
 * NIL when the text does not parse.  The raw parser takes no locks and reads
 * no catalogs: an error leaves nothing behind but memory, so that no
 * subtransaction is needed to go on after it.
 */
static List *
parse(const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *volatile statements = NIL;

	PG_TRY();
	{
		statements = raw_parser(text, RAW_PARSE_DEFAULT);
	}
	PG_CATCH();
	{
		int			category = ERRCODE_TO_CATEGORY(geterrcode());

		if (category != ERRCODE_TO_CATEGORY(ERRCODE_SYNTAX_ERROR) &&
			category != ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) &&
			category != ERRCODE_TO_CATEGORY(ERRCODE_FEATURE_NOT_SUPPORTED) &&
			category != ERRCODE_TO_CATEGORY(ERRCODE_PROGRAM_LIMIT_EXCEEDED))
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return statements;
}

static void
put_row(ReturnSetInfo *result, int64 number, HmRecordLiterals literals,
		const char *text, const RawStmt *raw)
{
	uint8		hash[HM_HASH_LENGTH];
	char	   *recorded = hm_redact_statement_as(literals, text,
												  raw ? raw->stmt_location : 0,
												  raw ? raw->stmt_len : 0,
												  (const Node *) raw, hash);
	bytea	   *hash_value = palloc(VARHDRSZ + HM_HASH_LENGTH);
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	SET_VARSIZE(hash_value, VARHDRSZ + HM_HASH_LENGTH);
	memcpy(VARDATA(hash_value), hash, HM_HASH_LENGTH);
	values[0] = Int64GetDatum(number);
	values[1] = CStringGetTextDatum(recorded);
	values[2] = PointerGetDatum(hash_value);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
hm_redact_statement_sql(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *text = hm_arg_require_text(fcinfo, 0, "statement");
	HmRecordLiterals literals = literals_of(hm_arg_text(fcinfo, 1));
	List	   *statements = parse(text);
	int64		number = 0;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, statements)
		put_row(result, ++number, literals, text, lfirst_node(RawStmt, cell));
	if (statements == NIL)
		put_row(result, 1, literals, text, NULL);
	return (Datum) 0;
}
