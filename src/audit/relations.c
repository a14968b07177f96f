/*
 * src/audit/relations.c
 *	  Which relations are ours.
 *
 * They are few and were mostly made in one go, so that a sorted array serves
 * better than a hash table: what lies outside of its bounds, as most tables
 * of a database do, needs no search.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "base/depend.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "commands/extension.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

static const char *const relation_names[] = {
	[HM_RELATION_AUDIT_EVENT] = "audit_event",
	[HM_RELATION_AUDIT_EVENT_PKEY] = "audit_event_pkey",
	[HM_RELATION_AUDIT_LEAF] = "audit_leaf",
	[HM_RELATION_AUDIT_LEAF_PKEY] = "audit_leaf_pkey",
	[HM_RELATION_AUDIT_LEAF_EVENT_KEY] = "audit_leaf_event_key",
	[HM_RELATION_AUDIT_BLOCK] = "audit_block",
	[HM_RELATION_AUDIT_BLOCK_PKEY] = "audit_block_pkey",
	[HM_RELATION_AUDIT_EPOCH] = "audit_epoch",
	[HM_RELATION_AUDIT_EPOCH_PKEY] = "audit_epoch_pkey",
	[HM_RELATION_AUDIT_STATE] = "audit_state",
	[HM_RELATION_AUDIT_HOLD] = "audit_hold",
	[HM_RELATION_AUDIT_HOLD_PKEY] = "audit_hold_pkey",
	[HM_RELATION_PENDING_ACT] = "pending_act",
	[HM_RELATION_PENDING_ACT_PKEY] = "pending_act_pkey",
	[HM_RELATION_GUARD_CLASS] = "guard_class",
	[HM_RELATION_EVENT_ID_SEQ] = "event_id_seq",
	[HM_RELATION_MIGRATION] = "migration",
	[HM_RELATION_MIGRATION_REVISION] = "migration_revision",
	[HM_RELATION_MIGRATION_DEPENDENCY] = "migration_dependency",
	[HM_RELATION_CAPABILITY_GRANT] = "capability_grant",
	[HM_RELATION_GUARD_EXEMPTION] = "guard_exemption",
	[HM_RELATION_BREAK_GLASS] = "break_glass",
	[HM_RELATION_WAIVER] = "waiver",
	[HM_RELATION_PERSON_LOGIN] = "person_login",
	[HM_RELATION_POLICY_REQUIREMENT] = "policy_requirement",
	[HM_RELATION_FREEZE_PERIOD] = "freeze_period",
	[HM_RELATION_ASSESSMENT] = "assessment",
	[HM_RELATION_SUBMISSION] = "submission",
	[HM_RELATION_SUBMISSION_MEMBER] = "submission_member",
	[HM_RELATION_APPROVAL] = "approval",
	[HM_RELATION_KNOWN_MEMBERSHIP] = "known_membership",
	[HM_RELATION_RUN] = "run",
	[HM_RELATION_RUN_STEP] = "run_step",
	[HM_RELATION_RUN_STATEMENT] = "run_statement",
	[HM_RELATION_MIGRATION_ID_SEQ] = "migration_id_seq",
	[HM_RELATION_RUN_ID_SEQ] = "run_id_seq",
	[HM_RELATION_STEP_ID_SEQ] = "step_id_seq",
	[HM_RELATION_HOLD_ID_SEQ] = "hold_id_seq",
	[HM_RELATION_ACT_ID_SEQ] = "act_id_seq",
	[HM_RELATION_EXEMPTION_ID_SEQ] = "exemption_id_seq",
	[HM_RELATION_BREAK_GLASS_ID_SEQ] = "break_glass_id_seq",
	[HM_RELATION_WAIVER_ID_SEQ] = "waiver_id_seq",
	[HM_RELATION_FREEZE_ID_SEQ] = "freeze_id_seq",
	[HM_RELATION_ASSESSMENT_ID_SEQ] = "assessment_id_seq",
	[HM_RELATION_SUBMISSION_ID_SEQ] = "submission_id_seq",
	[HM_RELATION_APPROVAL_ID_SEQ] = "approval_id_seq",
};

StaticAssertDecl(lengthof(relation_names) == HM_RELATION_COUNT,
				 "every relation has a name");

/* What was found.  Without the extension all of it is zero. */
typedef struct Members
{
	Oid			extension;
	Oid			schema;
	Oid			by_name[HM_RELATION_COUNT];
	int			nrelations;
	Oid		   *relations;		/* ascending, in members_context */
} Members;

static Members members;
static MemoryContext members_context;

/* Whether members may be believed; taken away by the callbacks. */
static bool current;

/* Relations found while loading. */
typedef struct Found
{
	Oid		   *relations;
	int			count;
	int			size;
} Found;

static void
append_found(Found *found, Oid relid)
{
	if (found->count == found->size)
	{
		found->size *= 2;
		found->relations = repalloc(found->relations,
									found->size * sizeof(Oid));
	}
	found->relations[found->count++] = relid;
}

static void
append_indexes(Found *found, Oid relid)
{
	Relation	catalog = table_open(IndexRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, IndexIndrelidIndexId, true, NULL, 1,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		append_found(found, ((Form_pg_index) GETSTRUCT(tuple))->indexrelid);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

/* The relation, its indexes, its TOAST table and that one's index. */
static void
append_relation(Found *found, Oid relid, Oid schema)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;
	Oid			toast;

	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (form->relnamespace == schema)
	{
		toast = form->reltoastrelid;
		append_found(found, relid);
		append_indexes(found, relid);
		if (OidIsValid(toast))
		{
			append_found(found, toast);
			append_indexes(found, toast);
		}
	}
	ReleaseSysCache(tuple);
}

static void
append_member_relations(Found *found, Oid extension, Oid schema)
{
	List	   *members = hm_depend_on(ExtensionRelationId, extension, 0);
	ListCell   *cell;

	foreach(cell, members)
	{
		Form_pg_depend depend = lfirst(cell);

		if (depend->deptype == DEPENDENCY_EXTENSION &&
			depend->classid == RelationRelationId)
			append_relation(found, depend->objid, schema);
	}
	list_free_deep(members);
}

static int
compare_oids(const void *left, const void *right)
{
	Oid			a = *(const Oid *) left;
	Oid			b = *(const Oid *) right;

	return a < b ? -1 : a > b;
}

static bool
is_member(const Members *set, Oid relid)
{
	if (set->nrelations == 0 || relid < set->relations[0] ||
		relid > set->relations[set->nrelations - 1])
		return false;
	return bsearch(&relid, set->relations, set->nrelations, sizeof(Oid),
				   compare_oids) != NULL;
}

/* Fills what is zero; the array is in the caller's memory context. */
static void
find_members(Members *set)
{
	Oid			schema = get_namespace_oid("hipaa_migrate", true);
	Oid			extension;
	Found		found = {.size = 64};

	if (!OidIsValid(schema))
		return;
	extension = get_extension_oid("hipaa_migrate", true);
	if (!OidIsValid(extension))
		return;
	found.relations = palloc(found.size * sizeof(Oid));
	append_member_relations(&found, extension, schema);
	qsort(found.relations, found.count, sizeof(Oid), compare_oids);
	set->extension = extension;
	set->schema = schema;
	set->relations = found.relations;
	set->nrelations = found.count;
	for (int i = 0; i < HM_RELATION_COUNT; i++)
	{
		Oid			relid = get_relname_relid(relation_names[i], schema);

		set->by_name[i] = is_member(set, relid) ? relid : InvalidOid;
	}
}

/*
 * What is said to have changed while we look makes the next call look anew,
 * and so does looking in the middle of an extension's script, whose next
 * command may add to it.
 */
static void
load_members(void)
{
	MemoryContext context;
	MemoryContext caller;
	Members		fresh = {0};

	context = AllocSetContextCreate(CacheMemoryContext,
									"hipaa_migrate relations",
									ALLOCSET_SMALL_SIZES);
	current = !creating_extension;
	caller = MemoryContextSwitchTo(context);
	PG_TRY();
	{
		find_members(&fresh);
	}
	PG_CATCH();
	{
		current = false;
		MemoryContextSwitchTo(caller);
		MemoryContextDelete(context);
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	if (members_context != NULL)
		MemoryContextDelete(members_context);
	members_context = context;
	members = fresh;
}

static inline const Members *
current_members(void)
{
	if (unlikely(!current))
		load_members();
	return &members;
}

/* A schema was made or dropped: with it perhaps the extension. */
static void
forget_by_schema(Datum argument, int cache, uint32 hash)
{
	current = false;
}

static void
forget_by_relation(Datum argument, Oid relid)
{
	if (!OidIsValid(relid) || is_member(&members, relid))
		current = false;
}

void
hm_relations_init(void)
{
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget_by_schema, (Datum) 0);
	CacheRegisterRelcacheCallback(forget_by_relation, (Datum) 0);
}

Oid
hm_relations_extension(void)
{
	return current_members()->extension;
}

Oid
hm_relations_schema(void)
{
	return current_members()->schema;
}

Oid
hm_relation_find(HmRelation relation)
{
	return current_members()->by_name[relation];
}

Oid
hm_relation_oid(HmRelation relation)
{
	Oid			relid = hm_relation_find(relation);

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"hipaa_migrate.%s\" does not exist in this database",
						relation_names[relation]),
				 errhint("Install the extension with CREATE EXTENSION hipaa_migrate, or bring it up to date with ALTER EXTENSION hipaa_migrate UPDATE.")));
	return relid;
}

bool
hm_relation_is_ours(Oid relid)
{
	return is_member(current_members(), relid);
}

const Oid  *
hm_relations_all(int *count)
{
	const Members *set = current_members();

	*count = set->nrelations;
	return set->relations;
}
