/*
 * src/guard/policy_ground.c
 *	  What the policy, which is below this room, asks the guard.
 */
#include "postgres.h"

#include "base/settings.h"
#include "guard/break_glass.h"
#include "guard/guard_state.h"
#include "guard/policy_ground.h"
#include "policy/policy.h"

static bool
is_armed(void)
{
	return hm_guard_mode(HM_CLASS_SCHEMA, false) == HM_GUARD_ENFORCE &&
		!hm_setting_guard_override;
}

void
hm_policy_ground_init(void)
{
	static const HmPolicyGround ground = {is_armed, hm_break_glass_current};

	hm_policy_set_ground(&ground);
}
