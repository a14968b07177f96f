/*
 * src/guard/guarded_sql.c
 *	  SQL function hipaa_migrate.guarded.
 */
#include "postgres.h"

#include "fmgr.h"
#include "guard/guarded.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_guarded);

Datum
hm_guarded(PG_FUNCTION_ARGS)
{
	hm_guarded_execute(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}
