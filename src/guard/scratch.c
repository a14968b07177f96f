/*
 * src/guard/scratch.c
 *	  A schema in which what a command asks for is made, to be looked at.
 *
 * There all names are free, so that the names of indexes, constraints and
 * sequences that the server chooses are those it chose before.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "base/resolve.h"
#include "guard/scratch.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"

#define SCRATCH_NAME "hipaa_migrate_asked"

void
hm_scratch_begin(HmScratch *scratch, const char *query)
{
	snprintf(scratch->schema, sizeof(scratch->schema), SCRATCH_NAME "_%d",
			 MyProcPid);
	scratch->query = query;
	(void) NamespaceCreate(scratch->schema, GetUserId(), false);
	CommandCounterIncrement();
}

/* As part of another command: event triggers take no notice. */
static void
execute(const HmScratch *scratch, Node *tree)
{
	PlannedStmt *statement = makeNode(PlannedStmt);

	statement->commandType = CMD_UTILITY;
	statement->utilityStmt = tree;
	standard_ProcessUtility(statement, scratch->query, false,
							PROCESS_UTILITY_SUBCOMMAND, NULL, NULL,
							None_Receiver, NULL);
	CommandCounterIncrement();
}

/* Locked, for it may be going away. */
static RangeVar *
name_of(Oid relation)
{
	char	   *name;

	if (OidIsValid(relation))
		LockRelationOid(relation, AccessShareLock);
	name = get_rel_name(relation);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the table does not exist")));
	return makeRangeVar(get_namespace_name(get_rel_namespace(relation)),
						name, -1);
}

static RangeVar *
inside(const HmScratch *scratch, char *name)
{
	return makeRangeVar(pstrdup(scratch->schema), name, -1);
}

static List *
name_inside(const HmScratch *scratch, List *name)
{
	return list_make2(makeString(pstrdup(scratch->schema)), llast(name));
}

/* An empty table with the columns of another one, under the same name. */
static RangeVar *
copy_table(const HmScratch *scratch, Oid relation)
{
	CreateStmt *create = makeNode(CreateStmt);
	TableLikeClause *like = makeNode(TableLikeClause);

	like->relation = name_of(relation);
	create->relation = inside(scratch, like->relation->relname);
	create->tableElts = list_make1(like);
	create->oncommit = ONCOMMIT_NOOP;
	execute(scratch, (Node *) create);
	return inside(scratch, like->relation->relname);
}

static Node *
alter_table(RangeVar *relation, AlterTableCmd *command)
{
	AlterTableStmt *statement = makeNode(AlterTableStmt);

	statement->relation = relation;
	statement->objtype = OBJECT_TABLE;
	statement->cmds = list_make1(command);
	return (Node *) statement;
}

/* The attribute of a composite type becomes a column for the time being. */
static Node *
aim_action(const HmScratch *scratch, AlterTableStmt *statement, int part,
		   const HmAsked *existing)
{
	AlterTableCmd *command = copyObject(list_nth_node(AlterTableCmd,
													  statement->cmds, part));
	RangeVar   *copy = copy_table(scratch, existing->relation);

	command->missing_ok = false;
	if (command->subtype == AT_AddColumn)
	{
		AlterTableCmd *drop = makeNode(AlterTableCmd);

		drop->subtype = AT_DropColumn;
		drop->name = pstrdup(existing->part);
		drop->behavior = DROP_CASCADE;
		execute(scratch, alter_table(copyObject(copy), drop));
	}
	return alter_table(copy, command);
}

/* Once what is attached has been taken off, in its place. */
static Node *
aim_partition(const HmScratch *scratch, RangeVar *parent, RangeVar *child,
			  PartitionBoundSpec *bound)
{
	AlterTableCmd *detach = makeNode(AlterTableCmd);
	PartitionCmd *partition = makeNode(PartitionCmd);
	CreateStmt *create = makeNode(CreateStmt);

	partition->name = copyObject(child);
	detach->subtype = AT_DetachPartition;
	detach->def = (Node *) partition;
	execute(scratch, alter_table(copyObject(parent), detach));

	create->relation = inside(scratch, pstrdup(child->relname));
	create->inhRelations = list_make1(copyObject(parent));
	create->partbound = copyObject(bound);
	create->oncommit = ONCOMMIT_NOOP;
	return (Node *) create;
}

static Node *
aim_attach(const HmScratch *scratch, AlterTableStmt *statement, int part)
{
	AlterTableCmd *command = list_nth_node(AlterTableCmd, statement->cmds,
										   part);
	PartitionCmd *partition = castNode(PartitionCmd, command->def);

	return aim_partition(scratch, statement->relation, partition->name,
						 partition->bound);
}

static bool
is_partition(const CreateStmt *create, const HmAsked *existing)
{
	return create->partbound != NULL &&
		get_rel_relispartition(existing->object);
}

static Node *
aim_table(const HmScratch *scratch, CreateStmt *create,
		  const HmAsked *existing)
{
	if (is_partition(create, existing))
	{
		Node	   *aimed = aim_partition(scratch,
										  linitial_node(RangeVar,
														create->inhRelations),
										  create->relation, create->partbound);

		((CreateStmt *) aimed)->partspec = create->partspec;
		((CreateStmt *) aimed)->tableElts = create->tableElts;
		((CreateStmt *) aimed)->options = create->options;
		return aimed;
	}
	create->relation->schemaname = pstrdup(scratch->schema);
	create->if_not_exists = false;
	return (Node *) create;
}

/* Its owner is not made in the scratch schema. */
static Node *
aim_sequence(const HmScratch *scratch, CreateSeqStmt *create)
{
	ListCell   *cell;

	create->sequence->schemaname = pstrdup(scratch->schema);
	create->if_not_exists = false;
	foreach(cell, create->options)
	{
		if (strcmp(lfirst_node(DefElem, cell)->defname, "owned_by") == 0)
			create->options = foreach_delete_current(create->options, cell);
	}
	return (Node *) create;
}

static Node *
aim_table_as(const HmScratch *scratch, CreateTableAsStmt *create)
{
	create->into->rel->schemaname = pstrdup(scratch->schema);
	create->into->skipData = true;
	create->if_not_exists = false;
	return (Node *) create;
}

static Node *
aim_index(const HmScratch *scratch, IndexStmt *create)
{
	create->relation = copy_table(scratch,
								  hm_resolve_relation(create->relation));
	create->if_not_exists = false;
	create->concurrent = false;
	return (Node *) create;
}

static Node *
aim_statistics(const HmScratch *scratch, CreateStatsStmt *create)
{
	Node	   *relation = linitial(create->relations);

	create->defnames = name_inside(scratch, create->defnames);
	if (IsA(relation, RangeVar))
		create->relations =
			list_make1(copy_table(scratch,
								  hm_resolve_relation((RangeVar *) relation)));
	create->if_not_exists = false;
	return (Node *) create;
}

/* The default of a type is there already. */
static Node *
aim_operator_class(const HmScratch *scratch, CreateOpClassStmt *create)
{
	create->opclassname = name_inside(scratch, create->opclassname);
	create->isDefault = false;
	return (Node *) create;
}

static Node *
aim_constraint_of_domain(const HmScratch *scratch, AlterDomainStmt *alter)
{
	CreateDomainStmt *create = makeNode(CreateDomainStmt);
	TypeName   *domain = makeTypeNameFromNameList(alter->typeName);
	Oid			base = getBaseType(hm_resolve_type(domain));

	create->domainname = name_inside(scratch, alter->typeName);
	create->typeName = makeTypeNameFromOid(base, -1);
	execute(scratch, (Node *) create);
	alter->typeName = name_inside(scratch, alter->typeName);
	return (Node *) alter;
}

static Node *
aim_define(const HmScratch *scratch, DefineStmt *create)
{
	/* A type's own functions name it. */
	if (create->kind == OBJECT_TYPE && create->definition != NIL)
		return NULL;
	create->defnames = name_inside(scratch, create->defnames);
	create->if_not_exists = false;
	return (Node *) create;
}

/* What has a name of its own in the database, or belongs to a relation. */
static Node *
aim_other(HmScratch *scratch, Node *tree, const HmAsked *existing)
{
	switch (nodeTag(tree))
	{
		case T_CreatePolicyStmt:
			((CreatePolicyStmt *) tree)->table =
				copy_table(scratch, existing->relation);
			return tree;
		case T_CreateTrigStmt:
			((CreateTrigStmt *) tree)->relation =
				copy_table(scratch, existing->relation);
			return tree;
		case T_CreatePublicationStmt:
			((CreatePublicationStmt *) tree)->pubname = scratch->schema;
			return tree;
		case T_CreateRoleStmt:
			((CreateRoleStmt *) tree)->role = scratch->schema;
			return tree;
		case T_CreateFdwStmt:
			((CreateFdwStmt *) tree)->fdwname = scratch->schema;
			return tree;
		case T_CreateAmStmt:
			((CreateAmStmt *) tree)->amname = scratch->schema;
			return tree;
		case T_CreateForeignServerStmt:
			((CreateForeignServerStmt *) tree)->servername = scratch->schema;
			((CreateForeignServerStmt *) tree)->if_not_exists = false;
			return tree;
		default:
			return NULL;
	}
}

/* The command, changed so that it makes what it asks for in the schema. */
static Node *
aim(HmScratch *scratch, Node *tree, int part, const HmAsked *existing)
{
	switch (nodeTag(tree))
	{
		case T_AlterTableStmt:
			if (existing->bound_only)
				return aim_attach(scratch, (AlterTableStmt *) tree, part);
			return aim_action(scratch, (AlterTableStmt *) tree, part,
							  existing);
		case T_AlterDomainStmt:
			return aim_constraint_of_domain(scratch, (AlterDomainStmt *) tree);
		case T_CreateStmt:
		case T_CreateForeignTableStmt:
			return aim_table(scratch, (CreateStmt *) tree, existing);
		case T_CreateSeqStmt:
			return aim_sequence(scratch, (CreateSeqStmt *) tree);
		case T_CreateTableAsStmt:
			return aim_table_as(scratch, (CreateTableAsStmt *) tree);
		case T_IndexStmt:
			return aim_index(scratch, (IndexStmt *) tree);
		case T_CreateStatsStmt:
			return aim_statistics(scratch, (CreateStatsStmt *) tree);
		case T_CreateOpClassStmt:
			return aim_operator_class(scratch, (CreateOpClassStmt *) tree);
		case T_DefineStmt:
			return aim_define(scratch, (DefineStmt *) tree);
		case T_CompositeTypeStmt:
			((CompositeTypeStmt *) tree)->typevar->schemaname =
				pstrdup(scratch->schema);
			return tree;
#define NAMED_BY_LIST(tag, field) \
		case T_##tag: \
			((tag *) tree)->field = name_inside(scratch, ((tag *) tree)->field); \
			return tree
			NAMED_BY_LIST(CreateEnumStmt, typeName);
			NAMED_BY_LIST(CreateRangeStmt, typeName);
			NAMED_BY_LIST(CreateDomainStmt, domainname);
			NAMED_BY_LIST(CreateConversionStmt, conversion_name);
			NAMED_BY_LIST(CreateOpFamilyStmt, opfamilyname);
		default:
			return aim_other(scratch, tree, existing);
	}
}

HmAsked
hm_scratch_make(HmScratch *scratch, Node *tree, int part,
				const HmAsked *existing)
{
	Node	   *aimed = aim(scratch, copyObject(tree), part, existing);
	HmAsked		made = {HM_ASKED_ABSENT};

	if (aimed == NULL)
		return made;
	execute(scratch, copyObject(aimed));
	made = hm_asked_find(aimed, 0);
	made.bound_only = existing->bound_only;
	return made;
}
