/*
 * src/report/encryption.h
 *	  What audit_encryption() looks at beside settings and connections.
 *
 * Both are called inside a bracket of base/query.h and put rows.
 */
#ifndef HM_REPORT_ENCRYPTION_H
#define HM_REPORT_ENCRYPTION_H

#include "report/status_row.h"

/* SQL: an inet that is an address of the machine itself; null stays null. */
#define HM_IS_LOOPBACK(address) \
	"(pg_catalog.host(" address ") ~ '^(127[.]|::1$)')"

/* Whom pg_hba.conf admits, and how. */
extern void hm_encryption_check_rules(ReturnSetInfo *result);

/* How passwords are kept; with the names of roles, or without. */
extern void hm_encryption_check_passwords(ReturnSetInfo *result, bool names);

#endif							/* HM_REPORT_ENCRYPTION_H */
