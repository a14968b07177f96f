/*
 * src/guard/policy_ground.c
 *	  What the policy, which is below this room, asks the guard.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "base/settings.h"
#include "guard/break_glass.h"
#include "guard/guard_state.h"
#include "guard/policy_ground.h"
#include "policy/policy.h"

/* A standby guards nothing, but shows what would be once it is promoted. */
static HmGuardMode
schema_mode(void)
{
	HmGuardMode modes[HM_GUARD_CLASSES];

	if (!RecoveryInProgress())
		return hm_guard_mode(HM_CLASS_SCHEMA, false);
	hm_guard_read_modes(modes);
	return modes[HM_CLASS_SCHEMA];
}

static bool
is_armed(void)
{
	return schema_mode() == HM_GUARD_ENFORCE && !hm_setting_guard_override;
}

void
hm_policy_ground_init(void)
{
	static const HmPolicyGround ground = {is_armed, hm_break_glass_current};

	hm_policy_set_ground(&ground);
}
