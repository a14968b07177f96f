/*
 * src/audit/verify_index.c
 *	  Indexes against their tables.
 */
#include "postgres.h"

#include "audit/verify_work.h"

void
hm_verify_check_indexes(HmVerify *verify)
{
}
