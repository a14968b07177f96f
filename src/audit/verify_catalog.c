/*
 * src/audit/verify_catalog.c
 *	  Catalogs.
 */
#include "postgres.h"

#include "audit/verify_work.h"

void
hm_verify_check_catalogs(HmVerify *verify)
{
}
