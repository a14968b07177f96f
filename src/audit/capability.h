/*
 * src/audit/capability.h
 *	  Who may register, run, approve, read, break the glass, and hand in
 *	  approvals that were given elsewhere.
 *
 * A capability is held by the authenticated user: through a row of
 * capability_grant for it or for a role it is a member of.  Superusers hold
 * author, operator and auditor without a row, the others never.
 */
#ifndef HM_AUDIT_CAPABILITY_H
#define HM_AUDIT_CAPABILITY_H

#include "postgres_ext.h"

typedef enum HmCapability
{
	HM_AUTHOR,
	HM_OPERATOR,
	HM_APPROVER,
	HM_AUDITOR,
	HM_BREAKER,
	HM_RELAY
} HmCapability;

extern const char *hm_capability_name(HmCapability capability);

extern bool hm_capability_held(HmCapability capability);

/* The same of a role that is not the one acting. */
extern bool hm_capability_held_by(HmCapability capability, Oid role);

/*
 * Raise insufficient_privilege unless the capability is held and the call
 * comes from the authenticated user itself, not from inside a SECURITY
 * DEFINER function or what the server does on behalf of an object's owner.
 */
extern void hm_capability_require(HmCapability capability);

/* The same where one of two will do; without both, the first is asked for. */
extern void hm_capability_require_either(HmCapability one, HmCapability other);

/* Raises unless it is a superuser itself; "permission denied to <act>". */
extern void hm_capability_require_superuser(const char *act);

/* The same, or who holds capability approver. */
extern void hm_capability_require_superuser_or_approver(const char *act);

/*
 * The same for reading what is registered and ran: any capability will do.
 * It shows names, states, risks and history of all, and no texts.
 */
extern void hm_capability_require_any(void);

/*
 * Whether the user may read the text, or pieces of it, of a migration that
 * was registered by that login, and role, which may be gone.  Operators,
 * approvers, auditors and breakers read all; who is an author only, what the
 * same person registered.
 */
extern bool hm_capability_reads_text(const char *author, Oid role);

/* Raises unless it may. */
extern void hm_capability_require_text(const char *migration,
									   const char *author, Oid role);

/* In _PG_init(). */
extern void hm_capability_init(void);

#endif							/* HM_AUDIT_CAPABILITY_H */
