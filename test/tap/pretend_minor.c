/*
 * test/tap/pretend_minor.c
 *	  A library for tests: the server that preloads it says that it is 15.9.
 *
 * Code in the server can do anything, so this opens no way round anything:
 * whoever could load it does not need it.
 */
#include "postgres.h"

#include "base/compat.h"
#include "fmgr.h"
#include "utils/guc_tables.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	int			count;
	struct config_generic **settings = hm_compat_settings(&count);

	for (int i = 0; i < count; i++)
	{
		if (strcmp(settings[i]->name, "server_version_num") == 0)
			*((struct config_int *) settings[i])->variable = 150009;
	}
}
