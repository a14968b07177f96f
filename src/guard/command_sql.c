/*
 * src/guard/command_sql.c
 *	  SQL function classify_command.
 */
#include "postgres.h"

#include "base/argument.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "guard/command.h"
#include "guard/target.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_classify_command_sql);

static Datum
names_of(List *targets)
{
	ArrayBuildState *names = initArrayResult(TEXTOID, CurrentMemoryContext,
											 false);
	ListCell   *cell;

	foreach(cell, targets)
	{
		const HmTarget *target = lfirst(cell);
		char	   *name = psprintf("%s %s", target->type, target->identity);

		names = accumArrayResult(names, CStringGetTextDatum(name), false,
								 TEXTOID, CurrentMemoryContext);
	}
	return makeArrayResult(names, CurrentMemoryContext);
}

static void
put_row(ReturnSetInfo *result, int64 number, Node *tree)
{
	HmGuardedCommand command;
	Datum		values[6];
	bool		nulls[6] = {0};

	hm_guard_classify(&command, tree);
	values[0] = Int64GetDatum(number);
	values[1] = CStringGetTextDatum(command.name);
	values[2] = CStringGetTextDatum(hm_guard_class_name(command.class));
	values[3] = BoolGetDatum(command.shared);
	values[4] = BoolGetDatum(command.idle);
	values[5] = names_of(hm_guard_targets(tree));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* An error's place is one in the text, not in the query that holds it. */
static void
place_error(void *text)
{
	int			position = geterrposition();

	if (position <= 0)
		return;
	errposition(0);
	internalerrposition(position);
	internalerrquery(text);
}

static List *
parse(char *text)
{
	ErrorContextCallback callback = {
		.previous = error_context_stack,
		.callback = place_error,
		.arg = text
	};
	List	   *statements;

	error_context_stack = &callback;
	statements = raw_parser(text, RAW_PARSE_DEFAULT);
	error_context_stack = callback.previous;
	return statements;
}

Datum
hm_classify_command_sql(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *text = hm_arg_require_text(fcinfo, 0, "statement");
	List	   *statements = parse(text);
	int64		number = 0;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, statements)
		put_row(result, ++number, (Node *) lfirst_node(RawStmt, cell));
	return (Datum) 0;
}
