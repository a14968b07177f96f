/*
 * src/guard/decide.h
 *	  The decision: allow or refuse, and why.  A pure function.
 */
#ifndef HM_GUARD_DECIDE_H
#define HM_GUARD_DECIDE_H

#include "guard/class.h"

/* What lets a guarded command pass, the stronger the later. */
typedef enum HmPermitKind
{
	HM_PERMIT_NONE,
	HM_PERMIT_EXEMPTION,
	HM_PERMIT_BREAK_GLASS,
	HM_PERMIT_MIGRATION
} HmPermitKind;

typedef struct HmGuardFacts
{
	HmGuardClass class;
	HmGuardMode mode;			/* of that class; of HM_CLASS_OWN: of the
								 * strictest */
	HmPermitKind permit;
	bool		idle;			/* it has nothing to do */
	bool		overridden;		/* hipaa_migrate.guard_override */
} HmGuardFacts;

typedef enum HmVerdict
{
	HM_VERDICT_FREE,			/* passes, and nobody needs to know */
	HM_VERDICT_MIGRATION,		/* passes; audit/ddl.h puts it on record */
	HM_VERDICT_SKIPPED,			/* passes, for it will do nothing */
	HM_VERDICT_OBSERVED,		/* passes, and would be refused */
	HM_VERDICT_EXEMPTED,
	HM_VERDICT_BROKEN_GLASS,
	HM_VERDICT_OVERRIDDEN,
	HM_VERDICT_REFUSED
} HmVerdict;

extern HmVerdict hm_guard_decide(const HmGuardFacts *facts);

#endif							/* HM_GUARD_DECIDE_H */
