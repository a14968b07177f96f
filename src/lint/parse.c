/*
 * src/lint/parse.c
 *	  The server's grammar, without its errors.
 */
#include "postgres.h"

#include "lint/parse.h"

static bool
is_about_text(int sqlerrcode)
{
	switch (ERRCODE_TO_CATEGORY(sqlerrcode))
	{
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
		case ERRCODE_OPERATOR_INTERVENTION:
			return false;
		default:
			return true;
	}
}

bool
hm_lint_parse(const char *text, RawParseMode mode, List **parsed)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool succeeds = true;

	*parsed = NIL;
	PG_TRY();
	{
		*parsed = raw_parser(text, mode);
	}
	PG_CATCH();
	{
		if (!is_about_text(geterrcode()))
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		succeeds = false;
	}
	PG_END_TRY();
	return succeeds;
}
