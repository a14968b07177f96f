/*
 * src/guard/server.c
 *	  Servers that the library must not be trusted on.
 */
#include "postgres.h"

#include "base/compat.h"
#include "fmgr.h"
#include "guard/server.h"

/* As setting server_version_num has them. */
static const int broken_versions[] = {150009, 160005, 170001};

PG_FUNCTION_INFO_V1(hm_server_fits);
PG_FUNCTION_INFO_V1(hm_require_server);

static bool
fits(int version)
{
	for (int i = 0; i < lengthof(broken_versions); i++)
	{
		if (version == broken_versions[i])
			return false;
	}
	return true;
}

#define UNFIT_DETAIL	"15.9, 16.5 and 17.1 changed the layout of a structure that extensions share with the server; the next minor version took it back."
#define UNFIT_HINT		"Update PostgreSQL to its newest minor version."

bool
hm_guard_server_is_fit(void)
{
	return fits(atoi(GetConfigOption("server_version_num",
									 false, false)));
}

void
hm_guard_require_fit_server(void)
{
	if (!hm_guard_server_is_fit())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("hipaa_migrate guards nothing on this minor version of PostgreSQL"),
				 errdetail(UNFIT_DETAIL), errhint(UNFIT_HINT)));
}

/* The server starts all the same: it must, to be updated in order. */
void
hm_guard_warn_of_unfit_server(void)
{
	if (!hm_guard_server_is_fit())
		ereport(WARNING,
				(errmsg("hipaa_migrate cannot be installed or armed on this minor version of PostgreSQL"),
				 errdetail(UNFIT_DETAIL), errhint(UNFIT_HINT)));
}

/* hipaa_migrate.server_fits(integer) */
Datum
hm_server_fits(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(fits(PG_GETARG_INT32(0)));
}

/* Calling it loads the library, so it was preloaded; the rest is checked. */
Datum
hm_require_server(PG_FUNCTION_ARGS)
{
	hm_guard_require_fit_server();
	PG_RETURN_VOID();
}
