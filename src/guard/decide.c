/*
 * src/guard/decide.c
 *	  The decision.
 */
#include "postgres.h"

#include "guard/decide.h"

/* Nobody's permit reaches what the guard itself stands on. */
static HmVerdict
verdict_of_permit(const HmGuardFacts *facts)
{
	if (facts->class == HM_CLASS_OWN)
		return HM_VERDICT_REFUSED;
	switch (facts->permit)
	{
		case HM_PERMIT_EXEMPTION:
			return HM_VERDICT_EXEMPTED;
		case HM_PERMIT_BREAK_GLASS:
			return HM_VERDICT_BROKEN_GLASS;
		case HM_PERMIT_MIGRATION:
			return HM_VERDICT_MIGRATION;
		case HM_PERMIT_NONE:
			break;
	}
	return HM_VERDICT_REFUSED;
}

HmVerdict
hm_guard_decide(const HmGuardFacts *facts)
{
	HmVerdict	verdict;

	if (facts->class == HM_CLASS_FREE || facts->mode == HM_GUARD_OFF)
		return facts->permit == HM_PERMIT_MIGRATION ?
			HM_VERDICT_MIGRATION : HM_VERDICT_FREE;
	verdict = verdict_of_permit(facts);
	if (verdict != HM_VERDICT_REFUSED)
		return verdict;
	if (facts->idle)
		return HM_VERDICT_SKIPPED;
	if (facts->overridden)
		return HM_VERDICT_OVERRIDDEN;
	return facts->mode == HM_GUARD_ENFORCE ?
		HM_VERDICT_REFUSED : HM_VERDICT_OBSERVED;
}
