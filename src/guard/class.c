/*
 * src/guard/class.c
 *	  Names of classes and modes.
 */
#include "postgres.h"

#include "guard/class.h"

static const char *const class_names[] = {
	[HM_CLASS_FREE] = "free",
	[HM_CLASS_SCHEMA] = "schema",
	[HM_CLASS_PRIVILEGE] = "privilege",
	[HM_CLASS_ACCOUNTS] = "accounts",
	[HM_CLASS_CLUSTER] = "cluster",
	[HM_CLASS_MAINTENANCE] = "maintenance",
	[HM_CLASS_DANGER] = "danger",
	[HM_CLASS_OWN] = "own",
};

StaticAssertDecl(lengthof(class_names) == HM_GUARD_CLASSES,
				 "every class has a name");

static const char *const mode_names[] = {
	[HM_GUARD_OFF] = "off",
	[HM_GUARD_OBSERVE] = "observe",
	[HM_GUARD_ENFORCE] = "enforce",
};

const char *
hm_guard_class_name(HmGuardClass class)
{
	return class_names[class];
}

const char *
hm_guard_mode_name(HmGuardMode mode)
{
	return mode_names[mode];
}

bool
hm_guard_class_parse(const char *name, HmGuardClass *class)
{
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
	{
		if (strcmp(name, class_names[i]) == 0)
		{
			*class = (HmGuardClass) i;
			return true;
		}
	}
	return false;
}

bool
hm_guard_mode_parse(const char *name, HmGuardMode *mode)
{
	for (int i = 0; i < lengthof(mode_names); i++)
	{
		if (strcmp(name, mode_names[i]) == 0)
		{
			*mode = (HmGuardMode) i;
			return true;
		}
	}
	return false;
}
