/*
 * src/guard/effect_query.c
 *	  Queries that write into system catalogs.
 *
 * Rows of a catalog say what the database is, so that DML on one does what no
 * command would be allowed to do, and no other layer sees it.
 */
#include "postgres.h"

#include "base/compat.h"
#include "catalog/catalog.h"
#include "catalog/pg_shseclabel.h"
#include "commands/extension.h"
#include "guard/effect.h"
#include "guard/effect_parts.h"
#include "guard/guard_state.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * The scripts of extensions, as those of contrib, may mend catalogs when they
 * were let in by a permit.
 */
static bool
is_script_with_permit(void)
{
	const HmGuardFrame *frame;

	if (!creating_extension)
		return false;
	for (frame = hm_guard_frame(); frame != NULL; frame = frame->outer)
	{
		if (frame->permit.kind != HM_PERMIT_NONE)
			return true;
	}
	return false;
}

/*
 * Where danger is not enforced this is no way round what is.  Nor is there a
 * permit for the labels by which databases are known to be armed.
 */
static HmGuardClass
class_of(Oid catalog, bool shared)
{
	HmGuardClass described = hm_effect_class(catalog);

	if (catalog == SharedSecLabelRelationId &&
		hm_guard_mode(HM_CLASS_OWN, true) == HM_GUARD_ENFORCE)
		return HM_CLASS_OWN;
	if (hm_guard_mode(HM_CLASS_DANGER, shared) != HM_GUARD_ENFORCE &&
		hm_guard_mode(described, shared) == HM_GUARD_ENFORCE)
		return described;
	return HM_CLASS_DANGER;
}

static void
check_catalog(Oid relid, const char *command_name, const QueryDesc *query)
{
	bool		shared = IsSharedRelation(relid);
	HmGuardedCommand command = {
		.class = class_of(relid, shared),
		.shared = shared,
		.name = command_name
	};
	HmGuardCase about = {.layer = HM_LAYER_EXECUTOR,.object_type = "table"};

	if (!hm_effect_concerns(command.class, shared) ||
		is_script_with_permit())
		return;
	about.object = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
											  get_rel_name(relid));
	hm_effect_judge(&command, &about, query);
}

void
hm_guard_check_query(const QueryDesc *query)
{
	const PlannedStmt *plan = query->plannedstmt;
	ListCell   *cell;

	foreach(cell, plan->resultRelations)
	{
		Oid			relid = rt_fetch(lfirst_int(cell), plan->rtable)->relid;

		if (unlikely(IsCatalogRelationOid(relid)))
			check_catalog(relid, CreateCommandName((Node *) plan), query);
	}
}
