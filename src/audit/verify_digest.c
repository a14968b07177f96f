/*
 * src/audit/verify_digest.c
 *	  Digests.
 */
#include "postgres.h"

#include "audit/verify_work.h"

void
hm_verify_check_digest(HmVerify *verify)
{
}
