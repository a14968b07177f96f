/*
 * src/guard/effect_setting.c
 *	  Guarded settings that change without a command: by set_config(), or as
 *	  the client connects.
 *
 * The server tells that set_config() is about to run, but not on what.  From
 * then until the transaction ends, each statement is followed, and preceded,
 * by a look at the guarded settings.  The server itself keeps, until then,
 * what each was before: there is nothing to note but those that had changed
 * already.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/scope.h"
#include "base/compat.h"
#include "base/danger.h"
#include "guard/effect.h"
#include "guard/effect_parts.h"
#include "lint/forbidden.h"
#include "utils/guc_tables.h"
#include "utils/memutils.h"

typedef struct Watched
{
	const struct config_generic *setting;
	bool		seen;			/* its change in this transaction is known */
} Watched;

/* The guarded settings that this server has, once they are needed. */
static Watched *watched = NULL;
static int	nwatched;

/* Whether there is anything to look at, and why. */
static bool noted = true;
static bool client_known = false;
static bool set_config_called = false;	/* in this transaction */

static void
judge(const struct config_generic *setting)
{
	HmGuardedCommand command = {
		.class = HM_CLASS_DANGER,
		.name = HM_EFFECT_SET
	};
	HmGuardCase about = {
		.layer = HM_LAYER_SETTING,
		.object_type = "setting",
		.object = setting->name
	};

	hm_effect_judge(&command, &about, NULL);
}

static void
build_watched(void)
{
	int			count;
	struct config_generic **all = hm_compat_settings(&count);

	watched = MemoryContextAllocZero(TopMemoryContext,
									 count * sizeof(Watched));
	for (int i = 0; i < count; i++)
	{
		/* What no library has defined yet is freed when one does. */
		if ((all[i]->flags & GUC_CUSTOM_PLACEHOLDER) == 0 &&
			hm_danger_setting(all[i]->name))
			watched[nwatched++].setting = all[i];
	}
}

/* The SET clause of a function is effect_function.c's. */
static bool
has_changed(const struct config_generic *setting)
{
	return setting->stack != NULL && setting->stack->state != GUC_SAVE;
}

void
hm_effect_note_set_config(void)
{
	if (set_config_called)
		return;
	if (watched == NULL)
		build_watched();
	for (int i = 0; i < nwatched; i++)
		watched[i].seen = has_changed(watched[i].setting);
	set_config_called = noted = true;
}

/* What the client asks for as it connects is as good as a SET. */
static void
check_client(void)
{
	if (MyBackendType == B_BACKEND && MyProcPort != NULL &&
		(MyProcPort->cmdline_options != NULL ||
		 MyProcPort->guc_options != NIL))
	{
		int			count;
		struct config_generic **all = hm_compat_settings(&count);

		for (int i = 0; i < count; i++)
		{
			if (all[i]->source == PGC_S_CLIENT &&
				hm_danger_setting(all[i]->name))
				judge(all[i]);
		}
	}
	client_known = true;
}

static void
check_watched(void)
{
	for (int i = 0; i < nwatched; i++)
	{
		if (!watched[i].seen && has_changed(watched[i].setting))
		{
			if (hm_scope_current() != NULL)
				hm_forbidden_refuse(HM_FORBIDDEN_SETTING,
									watched[i].setting->name);
			judge(watched[i].setting);
			watched[i].seen = true;
		}
	}
}

void
hm_guard_check_settings(void)
{
	bool		guarded;

	if (likely(!noted) || !OidIsValid(MyDatabaseId) ||
		hm_guard_exempt_process())
		return;
	guarded = hm_effect_concerns(HM_CLASS_DANGER, false);
	if (!guarded)
		client_known = true;
	if (!client_known)
		check_client();
	if (set_config_called && (guarded || hm_scope_current() != NULL))
		check_watched();
}

/* No statement may follow: a function can be called without a query. */
static void
check_at_end(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			hm_guard_check_settings();
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			set_config_called = false;
			noted = !client_known;
			break;
		default:
			break;
	}
}

void
hm_guard_effect_init(void)
{
	RegisterXactCallback(check_at_end, NULL);
}
