/*
 * src/lint/lock_command.c
 *	  Locks of all statements that have no file of their own.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/option.h"
#include "base/resolve.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "lint/lock_parts.h"
#include "nodes/value.h"

/* Names. */

static HmRelation *
relation_named(HmLockList *list, Node *names, int nparts_behind)
{
	List	   *whole = castNode(List, names);

	if (list_length(whole) <= nparts_behind)
		return NULL;
	return hm_world_relation_named(list->world,
								   list_truncate(list_copy(whole),
												 list_length(whole) -
												 nparts_behind));
}

static bool
is_relation(ObjectType kind)
{
	return kind == OBJECT_TABLE || kind == OBJECT_VIEW ||
		kind == OBJECT_MATVIEW || kind == OBJECT_SEQUENCE ||
		kind == OBJECT_INDEX || kind == OBJECT_FOREIGN_TABLE;
}

/* Queries. */

static void
tell_create_as(HmLockList *list, Node *node)
{
	hm_lock_query(list, castNode(CreateTableAsStmt, node)->query);
}

static void
tell_view(HmLockList *list, Node *node)
{
	ViewStmt   *statement = castNode(ViewStmt, node);
	HmRelation *place = hm_world_creation(list->world, statement->view);

	if (statement->replace && place->known && !place->gone)
		hm_lock_add(list, place, AccessExclusiveLock, HM_LOCK_NAMED);
	hm_lock_stored_query(list, statement->query);
}

static void
tell_cursor(HmLockList *list, Node *node)
{
	hm_lock_query(list, castNode(DeclareCursorStmt, node)->query);
}

static void
tell_prepare(HmLockList *list, Node *node)
{
	hm_lock_query(list, castNode(PrepareStmt, node)->query);
}

static void
tell_copy(HmLockList *list, Node *node)
{
	CopyStmt   *statement = castNode(CopyStmt, node);
	HmRelation *relation;

	if (statement->relation == NULL)
	{
		hm_lock_query(list, statement->query);
		return;
	}
	relation = hm_world_relation(list->world, statement->relation);
	hm_lock_add(list, relation, statement->is_from ?
				RowExclusiveLock : AccessShareLock, HM_LOCK_NAMED);
	if (statement->is_from && relation->kind == RELKIND_PARTITIONED_TABLE)
		hm_lock_add_children(list, relation, RowExclusiveLock);
}

/* What has been put in lock's place: the query of the view is read anew. */
static void
tell_refresh(HmLockList *list, Node *node)
{
	RefreshMatViewStmt *statement = castNode(RefreshMatViewStmt, node);
	HmRelation *view = hm_world_relation(list->world, statement->relation);

	hm_lock_add(list, view, statement->concurrent ? ExclusiveLock :
				AccessExclusiveLock, HM_LOCK_NAMED);
	if (!statement->skipData)
		hm_lock_behind_view(list, view, AccessShareLock);
}

/* Tables. */

static void
tell_index(HmLockList *list, Node *node)
{
	IndexStmt  *statement = castNode(IndexStmt, node);

	HmRelation *table = hm_world_relation(list->world, statement->relation);
	LOCKMODE	mode = statement->concurrent ? ShareUpdateExclusiveLock :
	ShareLock;

	list->between = statement->concurrent;
	hm_lock_add(list, table, mode, HM_LOCK_NAMED);
	if (statement->relation->inh &&
		table->kind == RELKIND_PARTITIONED_TABLE)
		hm_lock_add_children(list, table, mode);
}

static void
tell_truncate(HmLockList *list, Node *node)
{
	TruncateStmt *statement = castNode(TruncateStmt, node);
	List	   *seen = NIL;
	List	   *next = NIL;
	ListCell   *cell;

	foreach(cell, statement->relations)
		next = lappend(next, hm_lock_add_named(list, lfirst_node(RangeVar, cell),
											   AccessExclusiveLock));
	foreach(cell, next)
	{
		if (statement->restart_seqs)
			hm_lock_owned_sequences(list, lfirst(cell), AccessExclusiveLock);
	}

	/* What refers to them is emptied, too, and what refers to that. */
	while (statement->behavior == DROP_CASCADE && next != NIL)
	{
		HmRelation *relation = linitial(next);
		HmLockList	found = {.world = list->world};

		next = list_delete_first(next);
		if (list_member_ptr(seen, relation))
			continue;
		seen = lappend(seen, relation);
		hm_lock_referencing(&found, relation, InvalidAttrNumber,
							AccessExclusiveLock);
		foreach(cell, found.taken)
		{
			HmRelation *referencing = ((HmLockTaken *) lfirst(cell))->relation;

			hm_lock_add(list, referencing, AccessExclusiveLock,
						HM_LOCK_KEY_FROM);
			hm_lock_add_children(list, referencing, AccessExclusiveLock);
			next = lappend(next, referencing);
		}
	}
}

static void
tell_lock(HmLockList *list, Node *node)
{
	LockStmt   *statement = castNode(LockStmt, node);
	ListCell   *cell;

	foreach(cell, statement->relations)
	{
		HmRelation *relation = hm_lock_add_named(list,
												 lfirst_node(RangeVar, cell),
												 statement->mode);

		if (relation->kind == RELKIND_VIEW)
			hm_lock_behind_view(list, relation, statement->mode);
	}
}

static void
tell_cluster(HmLockList *list, Node *node)
{
	ClusterStmt *statement = castNode(ClusterStmt, node);

	if (statement->relation)
		hm_lock_add_named(list, statement->relation, AccessExclusiveLock);
}

/* In a transaction only ANALYZE can be, and keeps what it has. */
static void
tell_vacuum(HmLockList *list, Node *node)
{
	VacuumStmt *statement = castNode(VacuumStmt, node);
	LOCKMODE	mode = statement->is_vacuumcmd &&
	hm_option_is_on(statement->options, "full") ?
	AccessExclusiveLock : ShareUpdateExclusiveLock;
	ListCell   *cell;

	list->between = statement->is_vacuumcmd;
	foreach(cell, statement->rels)
	{
		RangeVar   *name = lfirst_node(VacuumRelation, cell)->relation;
		HmRelation *relation;

		if (name == NULL)
			continue;
		relation = hm_world_relation(list->world, name);
		hm_lock_add(list, relation, mode, HM_LOCK_NAMED);
		hm_lock_add_children(list, relation,
							 relation->kind == RELKIND_PARTITIONED_TABLE ?
							 mode : hm_compat_analyzed_child_lock());
	}
}

static void
tell_reindex(HmLockList *list, Node *node)
{
	ReindexStmt *statement = castNode(ReindexStmt, node);
	LOCKMODE	mode = ShareLock;
	HmIndex    *index;

	if (statement->relation == NULL)
		return;
	list->between = hm_option_is_on(statement->params, "concurrently");
	if (list->between)
		mode = ShareUpdateExclusiveLock;
	if (statement->kind != REINDEX_OBJECT_INDEX)
	{
		HmRelation *table = hm_world_relation(list->world,
											  statement->relation);

		list->between |= table->kind == RELKIND_PARTITIONED_TABLE;
		hm_lock_add(list, table, mode, HM_LOCK_NAMED);
		if (table->kind == RELKIND_PARTITIONED_TABLE)
			hm_lock_add_children(list, table, mode);
		return;
	}
	index = hm_world_index(list->world, statement->relation);
	hm_lock_add(list, hm_world_relation(list->world, statement->relation),
				mode == ShareLock ? AccessExclusiveLock : mode, HM_LOCK_NAMED);
	if (index)
		hm_lock_add(list, index->table, mode, HM_LOCK_TABLE);
}

static void
tell_trigger(HmLockList *list, Node *node)
{
	CreateTrigStmt *statement = castNode(CreateTrigStmt, node);
	HmRelation *table = hm_world_relation(list->world, statement->relation);

	hm_lock_add(list, table, ShareRowExclusiveLock, HM_LOCK_NAMED);
	if (statement->row && table->kind == RELKIND_PARTITIONED_TABLE)
		hm_lock_add_children(list, table, ShareRowExclusiveLock);
	if (statement->constrrel)
		hm_lock_add(list, hm_world_relation(list->world,
											statement->constrrel),
					AccessShareLock, HM_LOCK_READ);
}

static void
tell_rule(HmLockList *list, Node *node)
{
	RuleStmt   *statement = castNode(RuleStmt, node);
	ListCell   *cell;

	hm_lock_add(list, hm_world_relation(list->world, statement->relation),
				AccessExclusiveLock, HM_LOCK_NAMED);
	foreach(cell, statement->actions)
	{
		Node	   *action = lfirst(cell);

		if (!IsA(action, NotifyStmt))
			hm_lock_stored_query(list, action);
	}
}

static void
tell_policy(HmLockList *list, Node *node)
{
	CreatePolicyStmt *statement = castNode(CreatePolicyStmt, node);

	hm_lock_add(list, hm_world_relation(list->world, statement->table),
				AccessExclusiveLock, HM_LOCK_NAMED);
	hm_lock_stored_query(list, statement->qual);
	hm_lock_stored_query(list, statement->with_check);
}

static void
tell_alter_policy(HmLockList *list, Node *node)
{
	AlterPolicyStmt *statement = castNode(AlterPolicyStmt, node);

	hm_lock_add(list, hm_world_relation(list->world, statement->table),
				AccessExclusiveLock, HM_LOCK_NAMED);
	hm_lock_stored_query(list, statement->qual);
	hm_lock_stored_query(list, statement->with_check);
}

static void
tell_statistics(HmLockList *list, Node *node)
{
	ListCell   *cell;

	foreach(cell, castNode(CreateStatsStmt, node)->relations)
	{
		if (IsA(lfirst(cell), RangeVar))
			hm_lock_add(list, hm_world_relation(list->world, lfirst(cell)),
						ShareUpdateExclusiveLock, HM_LOCK_NAMED);
	}
}

/* Objects of any kind. */

static void
tell_grant(HmLockList *list, Node *node)
{
	GrantStmt  *statement = castNode(GrantStmt, node);
	ListCell   *cell;

	if (!hm_compat_grant_locks() || statement->targtype != ACL_TARGET_OBJECT ||
		(statement->objtype != OBJECT_TABLE &&
		 statement->objtype != OBJECT_SEQUENCE))
		return;
	foreach(cell, statement->objects)
		hm_lock_add(list, hm_world_relation(list->world,
											lfirst_node(RangeVar, cell)),
					AccessShareLock, HM_LOCK_NAMED);
}

static void
tell_rename(HmLockList *list, Node *node)
{
	RenameStmt *statement = castNode(RenameStmt, node);
	HmRelation *relation;

	if (statement->relation == NULL ||
		statement->renameType == OBJECT_ATTRIBUTE)
		return;
	relation = hm_world_relation(list->world, statement->relation);
	if (relation->kind == RELKIND_INDEX ||
		relation->kind == RELKIND_PARTITIONED_INDEX)
	{
		hm_lock_add(list, relation, ShareUpdateExclusiveLock, HM_LOCK_NAMED);
		return;
	}
	hm_lock_add(list, relation, AccessExclusiveLock, HM_LOCK_NAMED);
	if ((statement->renameType == OBJECT_COLUMN ||
		 statement->renameType == OBJECT_TABCONSTRAINT ||
		 statement->renameType == OBJECT_TRIGGER) && statement->relation->inh)
		hm_lock_add_children(list, relation, AccessExclusiveLock);
}

static void
tell_set_schema(HmLockList *list, Node *node)
{
	AlterObjectSchemaStmt *statement = castNode(AlterObjectSchemaStmt, node);
	HmRelation *relation;

	if (statement->relation == NULL || !is_relation(statement->objectType))
		return;
	relation = hm_world_relation(list->world, statement->relation);
	hm_lock_add(list, relation, AccessExclusiveLock, HM_LOCK_NAMED);
	hm_lock_owned_sequences(list, relation, AccessExclusiveLock);
}

/* COMMENT and SECURITY LABEL name objects alike. */
static void
tell_remark(HmLockList *list, ObjectType kind, Node *object)
{
	HmRelation *relation = NULL;

	if (is_relation(kind))
		relation = relation_named(list, object, 0);
	else if (kind == OBJECT_COLUMN)
		relation = relation_named(list, object, 1);
	if (relation)
		hm_lock_add(list, relation, ShareUpdateExclusiveLock, HM_LOCK_NAMED);
	else if (kind == OBJECT_TABCONSTRAINT || kind == OBJECT_TRIGGER ||
			 kind == OBJECT_RULE || kind == OBJECT_POLICY)
		hm_lock_add(list, relation_named(list, object, 1), AccessShareLock,
					HM_LOCK_TABLE);
}

static void
tell_comment(HmLockList *list, Node *node)
{
	CommentStmt *statement = castNode(CommentStmt, node);

	tell_remark(list, statement->objtype, statement->object);
}

static void
tell_label(HmLockList *list, Node *node)
{
	SecLabelStmt *statement = castNode(SecLabelStmt, node);

	tell_remark(list, statement->objtype, statement->object);
}

static void
lock_owner(HmLockList *list, List *options)
{
	DefElem    *owned_by = hm_option_find(options, "owned_by");

	if (owned_by == NULL || list_length((List *) owned_by->arg) < 2)
		return;
	hm_lock_add(list, relation_named(list, owned_by->arg, 1),
				AccessShareLock, HM_LOCK_TABLE);
}

static void
tell_sequence(HmLockList *list, Node *node)
{
	lock_owner(list, castNode(CreateSeqStmt, node)->options);
}

static void
tell_alter_sequence(HmLockList *list, Node *node)
{
	AlterSeqStmt *statement = castNode(AlterSeqStmt, node);

	hm_lock_add(list, hm_world_relation(list->world, statement->sequence),
				ShareRowExclusiveLock, HM_LOCK_NAMED);
	lock_owner(list, statement->options);
}

static void
lock_published(HmLockList *list, List *objects)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		PublicationObjSpec *object = lfirst_node(PublicationObjSpec, cell);

		if (object->pubtable)
			hm_lock_add_named(list, object->pubtable->relation,
							  ShareUpdateExclusiveLock);
	}
}

static void
tell_publication(HmLockList *list, Node *node)
{
	lock_published(list, castNode(CreatePublicationStmt, node)->pubobjects);
}

static void
tell_alter_publication(HmLockList *list, Node *node)
{
	lock_published(list, castNode(AlterPublicationStmt, node)->pubobjects);
}

/* Tables that have columns of the domain, or of one that is based on it. */
static void
lock_users_of(HmLockList *list, Oid type)
{
	HmLockList	found = {.world = list->world};
	ListCell   *cell;

	hm_lock_dependents(&found, TypeRelationId, type, 0, true);
	foreach(cell, found.taken)
	{
		HmRelation *relation = ((HmLockTaken *) lfirst(cell))->relation;

		if (relation->kind == RELKIND_RELATION ||
			relation->kind == RELKIND_MATVIEW)
			hm_lock_add(list, relation, ShareLock,
						"a column of it is of that domain");
	}
}

static void
tell_domain(HmLockList *list, Node *node)
{
	AlterDomainStmt *statement = castNode(AlterDomainStmt, node);
	TypeName	name = {.type = T_TypeName};
	Oid			type;

	/* 'C'heck, n'O't null and 'V'alidate look at rows. */
	if (!list->world->catalogs || strchr("COV", statement->subtype) == NULL)
		return;
	if (statement->subtype == 'C' &&
		castNode(Constraint, statement->def)->skip_validation)
		return;
	name.names = statement->typeName;
	name.typemod = -1;
	type = hm_resolve_type(&name);
	if (OidIsValid(type))
		lock_users_of(list, type);
}

static void
tell_schema(HmLockList *list, Node *node)
{
	CreateSchemaStmt *statement = castNode(CreateSchemaStmt, node);
	ListCell   *cell;

	foreach(cell, statement->schemaElts)
	{
		Node	   *element = hm_world_element(statement, lfirst(cell));
		HmLockTeller tell = hm_lock_teller_of(nodeTag(element));

		if (tell)
			tell(list, element);
	}
}

/* By the kind of statement. */

static const struct
{
	NodeTag		tag;
	HmLockTeller tell;
}			tellers[] =

{
	{T_SelectStmt, hm_lock_query},
	{T_InsertStmt, hm_lock_query},
	{T_UpdateStmt, hm_lock_query},
	{T_DeleteStmt, hm_lock_query},
	{T_MergeStmt, hm_lock_query},
	{T_AlterTableStmt, hm_lock_alter_table},
	{T_CreateStmt, hm_lock_create_table},
	{T_CreateForeignTableStmt, hm_lock_create_table},
	{T_DropStmt, hm_lock_drop},
	{T_IndexStmt, tell_index},
	{T_AlterDomainStmt, tell_domain},
	{T_AlterObjectSchemaStmt, tell_set_schema},
	{T_AlterPolicyStmt, tell_alter_policy},
	{T_AlterPublicationStmt, tell_alter_publication},
	{T_AlterSeqStmt, tell_alter_sequence},
	{T_ClusterStmt, tell_cluster},
	{T_CommentStmt, tell_comment},
	{T_CopyStmt, tell_copy},
	{T_CreatePolicyStmt, tell_policy},
	{T_CreatePublicationStmt, tell_publication},
	{T_CreateSchemaStmt, tell_schema},
	{T_CreateSeqStmt, tell_sequence},
	{T_CreateStatsStmt, tell_statistics},
	{T_CreateTableAsStmt, tell_create_as},
	{T_CreateTrigStmt, tell_trigger},
	{T_DeclareCursorStmt, tell_cursor},
	{T_GrantStmt, tell_grant},
	{T_LockStmt, tell_lock},
	{T_PrepareStmt, tell_prepare},
	{T_RefreshMatViewStmt, tell_refresh},
	{T_ReindexStmt, tell_reindex},
	{T_RenameStmt, tell_rename},
	{T_RuleStmt, tell_rule},
	{T_SecLabelStmt, tell_label},
	{T_TruncateStmt, tell_truncate},
	{T_VacuumStmt, tell_vacuum},
	{T_ViewStmt, tell_view},
};

HmLockTeller
hm_lock_teller_of(NodeTag tag)
{
	for (int i = 0; i < lengthof(tellers); i++)
	{
		if (tellers[i].tag == tag)
			return tellers[i].tell;
	}
	return NULL;
}
