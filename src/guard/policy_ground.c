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
find_mode(HmGuardClass class, bool shared)
{
	HmGuardMode modes[HM_GUARD_CLASSES];

	if (!RecoveryInProgress())
		return hm_guard_mode(class, shared);
	hm_guard_read_modes(modes);
	return modes[class];
}

static bool
is_enforced(HmGuardClass class, bool shared)
{
	return find_mode(class, shared) == HM_GUARD_ENFORCE &&
		!hm_setting_guard_override;
}

static bool
is_armed(void)
{
	return is_enforced(HM_CLASS_SCHEMA, false);
}

static bool
enforces(const char *name)
{
	HmGuardClass class;

	return hm_guard_class_parse(name, &class) && is_enforced(class, true);
}

void
hm_policy_ground_init(void)
{
	static const HmPolicyGround ground = {
		.armed = is_armed,
		.break_glass = hm_break_glass_current,
		.enforces = enforces
	};

	hm_policy_set_ground(&ground);
}
