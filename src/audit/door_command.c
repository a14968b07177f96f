/*
 * src/audit/door_command.c
 *	  Utility commands, by the names in them, before they lock anything.
 *
 * Waiting for the lock of an ALTER TABLE would hold up the record, so what
 * names something of ours is refused here.  What reaches ours without naming
 * it (CASCADE, OWNED BY, IN SCHEMA, ...) is refused by door_object.c when it
 * comes to that.
 */
#include "postgres.h"

#include "audit/door_catalog.h"
#include "audit/door_parts.h"
#include "audit/relations.h"
#include "base/actor.h"
#include "base/compat.h"
#include "base/depend.h"
#include "base/option.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/lsyscache.h"

#define OUR_NAME "hipaa_migrate"

/*
 * The relation that a name means, without a lock, an error or a privilege:
 * the command itself will say what is wrong with the name.
 */
static Oid
find_relation(const RangeVar *name)
{
	if (name->schemaname != NULL)
	{
		Oid			schema = get_namespace_oid(name->schemaname, true);

		return OidIsValid(schema) ?
			get_relname_relid(name->relname, schema) : InvalidOid;
	}
	return RelnameGetRelid(name->relname);
}

static void
refuse_if_ours(const RangeVar *name)
{
	Oid			relid = name == NULL ? InvalidOid : find_relation(name);

	if (OidIsValid(relid) && hm_relation_is_ours(relid))
		hm_door_refuse_relation(relid, NULL);
}

/*
 * What is no maintenance of catalogs the server refuses itself, but for this.
 */
static void
refuse_if_guarded(const RangeVar *name)
{
	Oid			relid = name == NULL ? InvalidOid : find_relation(name);

	if (OidIsValid(relid) &&
		(hm_relation_is_ours(relid) ||
		 (allowSystemTableMods && hm_door_is_catalog(relid) &&
		  !creating_extension)))
		hm_door_refuse_relation(relid, NULL);
}

/* COPY passes no hook of the executor, so that the guard does not see it. */
static void
refuse_if_copied_into(Oid relid)
{
	if (hm_relation_is_ours(relid) ||
		(hm_door_is_catalog(relid) && !creating_extension))
		hm_door_refuse_relation(relid, NULL);
}

static void
refuse_if_our_schema(const char *name)
{
	if (name != NULL && strcmp(name, OUR_NAME) == 0)
		hm_door_refuse_object(NamespaceRelationId, hm_relations_schema());
}

static void
refuse_if_our_function(ObjectType type, Node *object)
{
	Oid			function = LookupFuncWithArgs(type,
											  castNode(ObjectWithArgs, object),
											  true);

	if (OidIsValid(function) &&
		getExtensionOfObject(ProcedureRelationId, function) ==
		hm_relations_extension())
		hm_door_refuse_object(ProcedureRelationId, function);
}

static void
refuse_if_named(List *names)
{
	if (list_length(names) >= 1 && list_length(names) <= 3)
		refuse_if_ours(makeRangeVarFromNameList(names));
}

/* An object as COMMENT, SECURITY LABEL and DROP name it. */
static void
refuse_if_our_object(ObjectType type, Node *object)
{
	switch (type)
	{
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_INDEX:
		case OBJECT_MATVIEW:
		case OBJECT_SEQUENCE:
		case OBJECT_TABLE:
		case OBJECT_VIEW:
			refuse_if_named(castNode(List, object));
			break;
		case OBJECT_COLUMN:
		case OBJECT_POLICY:
		case OBJECT_RULE:
		case OBJECT_TABCONSTRAINT:
		case OBJECT_TRIGGER:
			refuse_if_named(list_truncate(list_copy(castNode(List, object)),
										  list_length((List *) object) - 1));
			break;
		case OBJECT_SCHEMA:
			refuse_if_our_schema(strVal(object));
			break;
		default:
			break;
	}
}

/* The other relation of an ALTER TABLE, if it is one of kinship. */
static RangeVar *
relative_of(const AlterTableCmd *command)
{
	if (command->def == NULL)
		return NULL;
	switch (command->subtype)
	{
		case AT_AddInherit:
		case AT_DropInherit:
			return castNode(RangeVar, command->def);
		case AT_AttachPartition:
		case AT_DetachPartition:
			return castNode(PartitionCmd, command->def)->name;
		case AT_AddConstraint:
			return castNode(Constraint, command->def)->pktable;
		default:
			return NULL;
	}
}

static void
check_alter_table(HmDoorFrame *frame)
{
	AlterTableStmt *statement = castNode(AlterTableStmt, frame->command);
	ListCell   *cell;

	refuse_if_guarded(statement->relation);
	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		refuse_if_ours(relative_of(command));
	}
}

static void
check_create_table(HmDoorFrame *frame)
{
	ListCell   *cell;

	foreach(cell, castNode(CreateStmt, frame->command)->inhRelations)
		refuse_if_ours(lfirst_node(RangeVar, cell));
}

static void
check_truncate(HmDoorFrame *frame)
{
	ListCell   *cell;

	foreach(cell, castNode(TruncateStmt, frame->command)->relations)
		refuse_if_guarded(lfirst_node(RangeVar, cell));
}

/* All that LOCK would lock; views may read each other in a circle. */
static void
refuse_if_locked_with(Oid relid)
{
	List	   *relations = list_make1_oid(relid);

	for (int i = 0; i < list_length(relations); i++)
	{
		Oid			each = list_nth_oid(relations, i);

		if (hm_relation_is_ours(each))
			hm_door_refuse_relation(each, NULL);
		if (each >= FirstNormalObjectId &&
			get_rel_relkind(each) == RELKIND_VIEW)
			relations = list_concat_unique_oid(relations,
											   hm_depend_read(each));
	}
}

/*
 * pg_dump locks what it reads, in the weakest mode there is.  A lock on a
 * view is one on all that it reads.
 */
static void
check_lock(HmDoorFrame *frame)
{
	LockStmt   *statement = castNode(LockStmt, frame->command);
	ListCell   *cell;

	foreach(cell, statement->relations)
	{
		Oid			relid = find_relation(lfirst_node(RangeVar, cell));

		if (statement->mode > AccessShareLock && OidIsValid(relid))
			refuse_if_locked_with(relid);
	}
}

static void
check_vacuum(HmDoorFrame *frame)
{
	VacuumStmt *statement = castNode(VacuumStmt, frame->command);
	ListCell   *cell;

	if (!hm_option_is_on(statement->options, "full"))
		return;
	if (statement->rels == NIL)
		hm_door_refuse_relation(hm_relation_oid(HM_RELATION_AUDIT_EVENT),
								"VACUUM FULL of the whole database");
	foreach(cell, statement->rels)
	{
		VacuumRelation *relation = lfirst_node(VacuumRelation, cell);

		if (hm_relation_is_ours(relation->oid))
			hm_door_refuse_relation(relation->oid, NULL);
		refuse_if_ours(relation->relation);
	}
}

/* A whole database may be reindexed, and ours with it. */
static void
check_reindex(HmDoorFrame *frame)
{
	ReindexStmt *statement = castNode(ReindexStmt, frame->command);

	refuse_if_ours(statement->relation);
	if (statement->kind == REINDEX_OBJECT_SCHEMA)
		refuse_if_our_schema(statement->name);
	else if (statement->kind == REINDEX_OBJECT_DATABASE ||
			 statement->kind == REINDEX_OBJECT_SYSTEM)
		frame->pass = HM_DOOR_MAINTENANCE;
}

/* Who may execute our functions is for administrators to say. */
static void
check_grant(HmDoorFrame *frame)
{
	GrantStmt  *statement = castNode(GrantStmt, frame->command);
	bool		relations = statement->objtype == OBJECT_TABLE ||
	statement->objtype == OBJECT_SEQUENCE;
	ListCell   *cell;

	foreach(cell, statement->objects)
	{
		Node	   *object = lfirst(cell);

		if (statement->targtype == ACL_TARGET_OBJECT && relations)
			refuse_if_ours(castNode(RangeVar, object));
		else if ((statement->targtype == ACL_TARGET_OBJECT &&
				  statement->objtype == OBJECT_SCHEMA) ||
				 (statement->targtype == ACL_TARGET_ALL_IN_SCHEMA && relations))
			refuse_if_our_schema(strVal(object));
	}
}

static void
check_comment(HmDoorFrame *frame)
{
	CommentStmt *statement = castNode(CommentStmt, frame->command);

	if (statement->objtype == OBJECT_FUNCTION ||
		statement->objtype == OBJECT_PROCEDURE ||
		statement->objtype == OBJECT_ROUTINE)
		refuse_if_our_function(statement->objtype, statement->object);
	else
		refuse_if_our_object(statement->objtype, statement->object);
}

static void
check_label(HmDoorFrame *frame)
{
	SecLabelStmt *statement = castNode(SecLabelStmt, frame->command);

	refuse_if_our_object(statement->objtype, statement->object);
}

static void
log_removal(const char *what, const char *name)
{
	ereport(LOG,
			(errmsg("%s \"%s\" is dropped by user \"%s\"", what, name,
					hm_actor_authenticated_name()),
			 errdetail("Its record of migrations goes with it, when there is one.")));
}

static void
check_drop(HmDoorFrame *frame)
{
	DropStmt   *statement = castNode(DropStmt, frame->command);
	ListCell   *cell;

	foreach(cell, statement->objects)
	{
		Node	   *object = lfirst(cell);

		if (statement->removeType == OBJECT_EXTENSION &&
			strcmp(strVal(object), OUR_NAME) == 0)
		{
			log_removal("extension hipaa_migrate of database",
						get_database_name(MyDatabaseId));
			frame->pass = HM_DOOR_REMOVAL;
		}
		else
			refuse_if_our_object(statement->removeType, object);
	}
}

static void
check_drop_database(HmDoorFrame *frame)
{
	log_removal("database", castNode(DropdbStmt, frame->command)->dbname);
}

static void
check_copy(HmDoorFrame *frame)
{
	CopyStmt   *statement = castNode(CopyStmt, frame->command);
	Oid			relid;

	if (!statement->is_from || statement->relation == NULL)
		return;
	relid = find_relation(statement->relation);
	if (!OidIsValid(relid))
		return;
	if (hm_relation_is_ours(relid) && hm_door_restores(statement, relid))
	{
		frame->pass = HM_DOOR_RESTORE;
		frame->relid = relid;
	}
	else
		refuse_if_copied_into(relid);
}

static void
check_publication(List *objects)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		PublicationObjSpec *object = lfirst_node(PublicationObjSpec, cell);

		if (object->pubobjtype == PUBLICATIONOBJ_TABLE)
			refuse_if_ours(object->pubtable->relation);
		else if (object->pubobjtype == PUBLICATIONOBJ_TABLES_IN_SCHEMA)
			refuse_if_our_schema(object->name);
	}
}

static void
check_create_publication(HmDoorFrame *frame)
{
	check_publication(castNode(CreatePublicationStmt, frame->command)->pubobjects);
}

static void
check_alter_publication(HmDoorFrame *frame)
{
	check_publication(castNode(AlterPublicationStmt, frame->command)->pubobjects);
}

static void
check_members(HmDoorFrame *frame)
{
	if (strcmp(castNode(AlterExtensionContentsStmt, frame->command)->extname,
			   OUR_NAME) == 0)
		hm_door_refuse_object(ExtensionRelationId, hm_relations_extension());
}

static void
check_set_schema(HmDoorFrame *frame)
{
	AlterObjectSchemaStmt *statement = castNode(AlterObjectSchemaStmt,
												frame->command);

	refuse_if_ours(statement->relation);
	if (statement->objectType == OBJECT_EXTENSION &&
		strcmp(strVal(statement->object), OUR_NAME) == 0)
		hm_door_refuse_object(ExtensionRelationId, hm_relations_extension());
	if (strcmp(statement->newschema, OUR_NAME) == 0)
		hm_door_refuse_schema();
}

static void
check_depends(HmDoorFrame *frame)
{
	AlterObjectDependsStmt *statement = castNode(AlterObjectDependsStmt,
												 frame->command);

	refuse_if_ours(statement->relation);
	if (statement->object != NULL && IsA(statement->object, ObjectWithArgs))
		refuse_if_our_function(statement->objectType, statement->object);
}

static void
check_create_extension(HmDoorFrame *frame)
{
	frame->pass = HM_DOOR_EXTENSION;
}

static void
check_alter_extension(HmDoorFrame *frame)
{
	frame->pass = HM_DOOR_EXTENSION;
	if (strcmp(castNode(AlterExtensionStmt, frame->command)->extname,
			   OUR_NAME) == 0)
		hm_door_begin_update(frame);
}

/*
 * For each command: where it has the name of the one relation that it
 * changes, and what else is to be looked at.
 */
typedef struct CommandRule
{
	NodeTag		tag;
	int			relation;		/* offset of a RangeVar *, or 0 */
	void		(*check) (HmDoorFrame *frame);
} CommandRule;

static const CommandRule command_rules[] = {
	{T_AlterExtensionContentsStmt, 0, check_members},
	{T_AlterExtensionStmt, 0, check_alter_extension},
	{T_AlterObjectDependsStmt, 0, check_depends},
	{T_AlterObjectSchemaStmt, 0, check_set_schema},
	{T_AlterOwnerStmt, offsetof(AlterOwnerStmt, relation)},
	{T_AlterPolicyStmt, offsetof(AlterPolicyStmt, table)},
	{T_AlterPublicationStmt, 0, check_alter_publication},
	{T_AlterSeqStmt, offsetof(AlterSeqStmt, sequence)},
	{T_AlterTableStmt, 0, check_alter_table},
	{T_ClusterStmt, offsetof(ClusterStmt, relation)},
	{T_CommentStmt, 0, check_comment},
	{T_CopyStmt, 0, check_copy},
	{T_CreateExtensionStmt, 0, check_create_extension},
	{T_CreatePolicyStmt, offsetof(CreatePolicyStmt, table)},
	{T_CreatePublicationStmt, 0, check_create_publication},
	{T_CreateStmt, 0, check_create_table},
	{T_CreateTrigStmt, offsetof(CreateTrigStmt, relation)},
	{T_DropStmt, 0, check_drop},
	{T_DropdbStmt, 0, check_drop_database},
	{T_GrantStmt, 0, check_grant},
	{T_IndexStmt, offsetof(IndexStmt, relation)},
	{T_LockStmt, 0, check_lock},
	{T_RefreshMatViewStmt, offsetof(RefreshMatViewStmt, relation)},
	{T_ReindexStmt, 0, check_reindex},
	{T_RenameStmt, offsetof(RenameStmt, relation)},
	{T_RuleStmt, offsetof(RuleStmt, relation)},
	{T_SecLabelStmt, 0, check_label},
	{T_TruncateStmt, 0, check_truncate},
	{T_VacuumStmt, 0, check_vacuum},
	{T_ViewStmt, offsetof(ViewStmt, view)},
};

void
hm_door_check_command(HmDoorFrame *frame)
{
	NodeTag		tag = nodeTag(frame->command);

	for (int i = 0; i < lengthof(command_rules); i++)
	{
		const CommandRule *rule = &command_rules[i];

		if (rule->tag != tag)
			continue;
		if (rule->relation != 0)
			refuse_if_guarded(*(RangeVar **) ((char *) frame->command +
											  rule->relation));
		if (rule->check != NULL)
			rule->check(frame);
		return;
	}
}
