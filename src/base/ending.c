/*
 * src/base/ending.c
 *	  Rows that somebody ends: they stay, with who ended them, when and why.
 */
#include "postgres.h"

#include "base/actor.h"
#include "base/ending.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

bool
hm_end_row(HmStatement *end, int64 number, const char *reason)
{
	Datum		values[4];

	values[0] = Int64GetDatum(number);
	values[1] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[2] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[3] = CStringGetTextDatum(reason);
	return hm_query_run(end, values, NULL, false) > 0;
}

void
hm_end_refuse(const char *what, int64 number, const char *view)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("there is no %s %lld that could be ended", what,
					(long long) number),
			 errhint("To see them: SELECT * FROM hipaa_migrate.%s;", view)));
}
