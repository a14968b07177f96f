/*
 * src/base/named.c
 *	  What a command names.
 */
#include "postgres.h"

#include "base/named_parts.h"
#include "catalog/pg_user_mapping.h"
#include "foreign/foreign.h"
#include "nodes/value.h"
#include "utils/acl.h"
#include "utils/syscache.h"

typedef struct NameRule
{
	NodeTag		tag;
	List	   *(*collect) (Node *tree, const struct NameRule *rule);
	ObjectType	kind;
	int			offset;			/* of the name in the node */
	int			part;			/* and of the name of a part of that */
} NameRule;

#define FIELD(type, tree, offset) (*(type *) ((char *) (tree) + (offset)))

/* The common forms: a name stands in one field, or in two. */

static List *
by_relation(Node *tree, const NameRule *rule)
{
	return hm_named_relation(NIL, rule->kind,
							 FIELD(RangeVar *, tree, rule->offset));
}

static List *
by_made_relation(Node *tree, const NameRule *rule)
{
	return hm_named_made_relation(NIL, rule->kind,
								  FIELD(RangeVar *, tree, rule->offset));
}

static List *
by_part(Node *tree, const NameRule *rule)
{
	return hm_named_part(NIL, rule->kind,
						 FIELD(RangeVar *, tree, rule->offset),
						 FIELD(char *, tree, rule->part));
}

static List *
by_object(Node *tree, const NameRule *rule)
{
	return list_make1(hm_named_object(rule->kind,
									  FIELD(Node *, tree, rule->offset)));
}

/* Of a kind that stands in the other field. */
static List *
by_object_of_kind(Node *tree, const NameRule *rule)
{
	return list_make1(hm_named_object(FIELD(ObjectType, tree, rule->part),
									  FIELD(Node *, tree, rule->offset)));
}

static List *
by_made(Node *tree, const NameRule *rule)
{
	return hm_named_made(NIL, rule->kind, FIELD(List *, tree, rule->offset));
}

static List *
by_string(Node *tree, const NameRule *rule)
{
	return hm_named_string(NIL, rule->kind,
						   FIELD(char *, tree, rule->offset));
}

static List *
by_role(Node *tree, const NameRule *rule)
{
	return hm_named_role(NIL, FIELD(RoleSpec *, tree, rule->offset));
}

static List *
by_roles(Node *tree, const NameRule *rule)
{
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, FIELD(List *, tree, rule->offset))
		list = hm_named_role(list, lfirst_node(RoleSpec, cell));
	return list;
}

static List *
by_relations(Node *tree, const NameRule *rule)
{
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, FIELD(List *, tree, rule->offset))
		list = hm_named_relation(list, rule->kind, lfirst_node(RangeVar, cell));
	return list;
}

/* And those with forms of their own. */

static List *
by_create_table(Node *tree, const NameRule *rule)
{
	return hm_named_by_create_table((CreateStmt *) tree);
}

static List *
by_alter_table(Node *tree, const NameRule *rule)
{
	return hm_named_by_alter_table(castNode(AlterTableStmt, tree));
}

static List *
by_view(Node *tree, const NameRule *rule)
{
	return hm_named_by_view(castNode(ViewStmt, tree));
}

static List *
by_create_table_as(Node *tree, const NameRule *rule)
{
	CreateTableAsStmt *statement = castNode(CreateTableAsStmt, tree);

	return hm_named_made_relation(NIL, statement->objtype,
								  statement->into->rel);
}

/* Of a UNION, the first SELECT has it. */
IntoClause *
hm_named_into(const SelectStmt *select)
{
	while (select->op != SETOP_NONE && select->larg != NULL)
		select = select->larg;
	return select->intoClause;
}

/* As parsed, before it becomes a CREATE TABLE AS. */
static List *
by_select(Node *tree, const NameRule *rule)
{
	IntoClause *into = hm_named_into(castNode(SelectStmt, tree));

	return into == NULL ? NIL :
		hm_named_made_relation(NIL, OBJECT_TABLE, into->rel);
}

/* An index is made where its table is. */
static List *
by_index(Node *tree, const NameRule *rule)
{
	IndexStmt  *statement = castNode(IndexStmt, tree);
	List	   *list = hm_named_relation(NIL, OBJECT_TABLE,
										 statement->relation);

	return hm_named_made_index(list, linitial(list), statement->idxname);
}

static List *
by_trigger(Node *tree, const NameRule *rule)
{
	return hm_named_relation(by_part(tree, rule), OBJECT_TABLE,
							 castNode(CreateTrigStmt, tree)->constrrel);
}

static List *
by_define(Node *tree, const NameRule *rule)
{
	DefineStmt *statement = castNode(DefineStmt, tree);

	return hm_named_made(NIL, statement->kind, statement->defnames);
}

static List *
input_types(List *parameters)
{
	List	   *types = NIL;
	ListCell   *cell;

	foreach(cell, parameters)
	{
		FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);

		if (parameter->mode != FUNC_PARAM_OUT &&
			parameter->mode != FUNC_PARAM_TABLE)
			types = lappend(types, parameter->argType);
	}
	return types;
}

static List *
by_create_function(Node *tree, const NameRule *rule)
{
	CreateFunctionStmt *statement = castNode(CreateFunctionStmt, tree);
	List	   *list = hm_named_made(NIL, statement->is_procedure ?
									 OBJECT_PROCEDURE : OBJECT_FUNCTION,
									 statement->funcname);

	if (list != NIL)
		((HmNamed *) linitial(list))->arguments =
			input_types(statement->parameters);
	return list;
}

static List *
by_create_statistics(Node *tree, const NameRule *rule)
{
	CreateStatsStmt *statement = castNode(CreateStatsStmt, tree);
	List	   *list = hm_named_made(NIL, OBJECT_STATISTIC_EXT,
									 statement->defnames);
	ListCell   *cell;

	foreach(cell, statement->relations)
	{
		if (IsA(lfirst(cell), RangeVar))
			list = hm_named_relation(list, OBJECT_TABLE, lfirst(cell));
	}
	return list;
}

static List *
by_alter_operator_family(Node *tree, const NameRule *rule)
{
	AlterOpFamilyStmt *statement = castNode(AlterOpFamilyStmt, tree);
	List	   *name = lcons(makeString(statement->amname),
							 list_copy(statement->opfamilyname));

	return list_make1(hm_named_object(OBJECT_OPFAMILY, (Node *) name));
}

static List *
by_create_cast(Node *tree, const NameRule *rule)
{
	CreateCastStmt *statement = castNode(CreateCastStmt, tree);
	List	   *types = list_make2(statement->sourcetype,
								   statement->targettype);

	return list_make1(hm_named_object(OBJECT_CAST, (Node *) types));
}

static List *
by_create_transform(Node *tree, const NameRule *rule)
{
	CreateTransformStmt *statement = castNode(CreateTransformStmt, tree);
	List	   *name = list_make2(statement->type_name,
								  makeString(statement->lang));

	return list_make1(hm_named_object(OBJECT_TRANSFORM, (Node *) name));
}

static List *
by_drop(Node *tree, const NameRule *rule)
{
	DropStmt   *statement = castNode(DropStmt, tree);
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, statement->objects)
		list = lappend(list, hm_named_object(statement->removeType,
											 lfirst(cell)));
	return list;
}

static List *
by_vacuum(Node *tree, const NameRule *rule)
{
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, castNode(VacuumStmt, tree)->rels)
		list = hm_named_relation(list, OBJECT_TABLE,
								 lfirst_node(VacuumRelation, cell)->relation);
	return list;
}

static List *
by_reindex(Node *tree, const NameRule *rule)
{
	ReindexStmt *statement = castNode(ReindexStmt, tree);

	switch (statement->kind)
	{
		case REINDEX_OBJECT_INDEX:
			return hm_named_relation(NIL, OBJECT_INDEX, statement->relation);
		case REINDEX_OBJECT_TABLE:
			return hm_named_relation(NIL, OBJECT_TABLE, statement->relation);
		case REINDEX_OBJECT_SCHEMA:
			return hm_named_whole_schema(NIL,
										 unconstify(char *, statement->name));
		default:
			return NIL;
	}
}

static bool
is_part(ObjectType kind)
{
	return kind == OBJECT_COLUMN || kind == OBJECT_ATTRIBUTE ||
		kind == OBJECT_TABCONSTRAINT || kind == OBJECT_TRIGGER ||
		kind == OBJECT_RULE || kind == OBJECT_POLICY;
}

static List *
by_rename(Node *tree, const NameRule *rule)
{
	RenameStmt *statement = castNode(RenameStmt, tree);
	HmNamed    *named;

	if (statement->relation != NULL && is_part(statement->renameType))
		return hm_named_part(NIL, statement->renameType, statement->relation,
							 statement->subname);
	if (statement->relation != NULL)
		return hm_named_relation(NIL, statement->renameType,
								 statement->relation);
	if (statement->object == NULL)
		return hm_named_string(NIL, statement->renameType, statement->subname);
	named = hm_named_object(statement->renameType, statement->object);
	if (statement->renameType == OBJECT_DOMCONSTRAINT)
		named->part = statement->subname;
	return list_make1(named);
}

static List *
by_set_schema(Node *tree, const NameRule *rule)
{
	AlterObjectSchemaStmt *statement = castNode(AlterObjectSchemaStmt, tree);
	List	   *list = statement->relation != NULL ?
	hm_named_relation(NIL, statement->objectType, statement->relation) :
	list_make1(hm_named_object(statement->objectType, statement->object));

	return hm_named_whole_schema(list, statement->newschema);
}

static List *
by_depends(Node *tree, const NameRule *rule)
{
	AlterObjectDependsStmt *statement = castNode(AlterObjectDependsStmt, tree);

	if (statement->objectType == OBJECT_TRIGGER)
		return hm_named_part(NIL, OBJECT_TRIGGER, statement->relation,
							 strVal(linitial((List *) statement->object)));
	if (statement->relation != NULL)
		return hm_named_relation(NIL, statement->objectType,
								 statement->relation);
	return list_make1(hm_named_object(statement->objectType,
									  statement->object));
}

static List *
by_members(Node *tree, const NameRule *rule)
{
	AlterExtensionContentsStmt *statement =
	castNode(AlterExtensionContentsStmt, tree);

	return lappend(hm_named_string(NIL, OBJECT_EXTENSION, statement->extname),
				   hm_named_object(statement->objtype, statement->object));
}

static List *
by_grant(Node *tree, const NameRule *rule)
{
	GrantStmt  *statement = castNode(GrantStmt, tree);
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, statement->objects)
	{
		if (statement->targtype == ACL_TARGET_ALL_IN_SCHEMA)
			list = hm_named_whole_schema(list, strVal(lfirst(cell)));
		else
			list = lappend(list, hm_named_object(statement->objtype,
												 lfirst(cell)));
	}
	return list;
}

static List *
by_default_privileges(Node *tree, const NameRule *rule)
{
	List	   *list = NIL;
	ListCell   *option;
	ListCell   *cell;

	foreach(option, castNode(AlterDefaultPrivilegesStmt, tree)->options)
	{
		DefElem    *element = lfirst_node(DefElem, option);

		if (strcmp(element->defname, "schemas") != 0)
			continue;
		foreach(cell, castNode(List, element->arg))
		{
			list = hm_named_whole_schema(list, strVal(lfirst(cell)));
			/* A default outlives whatever is in the schema. */
			((HmNamed *) llast(list))->temporary = false;
		}
	}
	return list;
}

static List *
by_grant_role(Node *tree, const NameRule *rule)
{
	GrantRoleStmt *statement = castNode(GrantRoleStmt, tree);
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, statement->granted_roles)
		list = hm_named_string(list, OBJECT_ROLE,
							   lfirst_node(AccessPriv, cell)->priv_name);
	foreach(cell, statement->grantee_roles)
		list = hm_named_role(list, lfirst_node(RoleSpec, cell));
	return list;
}

static List *
by_create_schema(Node *tree, const NameRule *rule)
{
	CreateSchemaStmt *statement = castNode(CreateSchemaStmt, tree);
	char	   *name = statement->schemaname;

	if (name == NULL && statement->authrole != NULL)
		name = hm_named_role_name(statement->authrole);
	return hm_named_string(NIL, OBJECT_SCHEMA, name);
}

static List *
by_import(Node *tree, const NameRule *rule)
{
	ImportForeignSchemaStmt *statement = castNode(ImportForeignSchemaStmt,
												  tree);

	return hm_named_whole_schema(NIL, statement->local_schema);
}

/* A mapping has no name of its own; that of PUBLIC has no role either. */
static List *
by_user_mapping(Node *tree, const NameRule *rule)
{
	RoleSpec   *spec = FIELD(RoleSpec *, tree, rule->part);
	char	   *role = hm_named_role_name(spec);
	char	   *server = FIELD(char *, tree, rule->offset);
	List	   *list = hm_named_string(NIL, OBJECT_USER_MAPPING,
									   psprintf("%s at %s",
												role ? role : "?", server));

	if (role != NULL)
		((HmNamed *) linitial(list))->object =
			GetSysCacheOid2(USERMAPPINGUSERSERVER, Anum_pg_user_mapping_oid,
							ObjectIdGetDatum(spec->roletype == ROLESPEC_PUBLIC ?
											 InvalidOid :
											 get_role_oid(role, true)),
							ObjectIdGetDatum(get_foreign_server_oid(server,
																	true)));
	return list;
}

static List *
by_setting(Node *tree, const NameRule *rule)
{
	VariableSetStmt *statement = rule->offset == 0 ?
	castNode(VariableSetStmt, tree) :
	FIELD(VariableSetStmt *, tree, rule->offset);

	return hm_named_string(NIL, OBJECT_PARAMETER_ACL, statement->name);
}

static const NameRule name_rules[] = {
#define OWN(tag, collect) {T_##tag, collect}
#define FIELD_OF(tag, collect, kind, field) \
	{T_##tag, collect, kind, offsetof(tag, field)}
#define PART_OF(tag, collect, kind, field, part) \
	{T_##tag, collect, kind, offsetof(tag, field), offsetof(tag, part)}

	OWN(AlterDefaultPrivilegesStmt, by_default_privileges),
	OWN(AlterExtensionContentsStmt, by_members),
	OWN(AlterObjectDependsStmt, by_depends),
	OWN(AlterObjectSchemaStmt, by_set_schema),
	OWN(AlterOpFamilyStmt, by_alter_operator_family),
	OWN(AlterTableStmt, by_alter_table),
	OWN(CreateCastStmt, by_create_cast),
	OWN(CreateForeignTableStmt, by_create_table),
	OWN(CreateFunctionStmt, by_create_function),
	OWN(CreateSchemaStmt, by_create_schema),
	OWN(CreateStatsStmt, by_create_statistics),
	OWN(CreateStmt, by_create_table),
	OWN(CreateTableAsStmt, by_create_table_as),
	OWN(CreateTransformStmt, by_create_transform),
	OWN(DefineStmt, by_define),
	OWN(DropStmt, by_drop),
	OWN(GrantRoleStmt, by_grant_role),
	OWN(GrantStmt, by_grant),
	OWN(ImportForeignSchemaStmt, by_import),
	OWN(IndexStmt, by_index),
	OWN(ReindexStmt, by_reindex),
	OWN(RenameStmt, by_rename),
	OWN(SelectStmt, by_select),
	OWN(VacuumStmt, by_vacuum),
	OWN(VariableSetStmt, by_setting),
	OWN(ViewStmt, by_view),

	FIELD_OF(AlterCollationStmt, by_object, OBJECT_COLLATION, collname),
	FIELD_OF(AlterDatabaseRefreshCollStmt, by_string, OBJECT_DATABASE, dbname),
	FIELD_OF(AlterDatabaseSetStmt, by_string, OBJECT_DATABASE, dbname),
	FIELD_OF(AlterDatabaseStmt, by_string, OBJECT_DATABASE, dbname),
	FIELD_OF(AlterDomainStmt, by_object, OBJECT_DOMAIN, typeName),
	FIELD_OF(AlterEnumStmt, by_object, OBJECT_TYPE, typeName),
	FIELD_OF(AlterEventTrigStmt, by_string, OBJECT_EVENT_TRIGGER, trigname),
	FIELD_OF(AlterExtensionStmt, by_string, OBJECT_EXTENSION, extname),
	FIELD_OF(AlterFdwStmt, by_string, OBJECT_FDW, fdwname),
	FIELD_OF(AlterForeignServerStmt, by_string, OBJECT_FOREIGN_SERVER,
			 servername),
	FIELD_OF(AlterOperatorStmt, by_object, OBJECT_OPERATOR, opername),
	FIELD_OF(AlterPublicationStmt, by_string, OBJECT_PUBLICATION, pubname),
	FIELD_OF(AlterRoleSetStmt, by_role, OBJECT_ROLE, role),
	FIELD_OF(AlterRoleStmt, by_role, OBJECT_ROLE, role),
	FIELD_OF(AlterSeqStmt, by_relation, OBJECT_SEQUENCE, sequence),
	FIELD_OF(AlterStatsStmt, by_object, OBJECT_STATISTIC_EXT, defnames),
	FIELD_OF(AlterSubscriptionStmt, by_string, OBJECT_SUBSCRIPTION, subname),
	FIELD_OF(AlterSystemStmt, by_setting, OBJECT_PARAMETER_ACL, setstmt),
	FIELD_OF(AlterTableMoveAllStmt, by_string, OBJECT_TABLESPACE,
			 orig_tablespacename),
	FIELD_OF(AlterTableSpaceOptionsStmt, by_string, OBJECT_TABLESPACE,
			 tablespacename),
	FIELD_OF(AlterTSConfigurationStmt, by_object, OBJECT_TSCONFIGURATION,
			 cfgname),
	FIELD_OF(AlterTSDictionaryStmt, by_object, OBJECT_TSDICTIONARY, dictname),
	FIELD_OF(AlterTypeStmt, by_object, OBJECT_TYPE, typeName),
	FIELD_OF(ClusterStmt, by_relation, OBJECT_TABLE, relation),
	FIELD_OF(CompositeTypeStmt, by_made_relation, OBJECT_TYPE, typevar),
	FIELD_OF(CopyStmt, by_relation, OBJECT_TABLE, relation),
	FIELD_OF(CreateAmStmt, by_string, OBJECT_ACCESS_METHOD, amname),
	FIELD_OF(CreateConversionStmt, by_made, OBJECT_CONVERSION, conversion_name),
	FIELD_OF(CreatedbStmt, by_string, OBJECT_DATABASE, dbname),
	FIELD_OF(CreateDomainStmt, by_made, OBJECT_DOMAIN, domainname),
	FIELD_OF(CreateEnumStmt, by_made, OBJECT_TYPE, typeName),
	FIELD_OF(CreateEventTrigStmt, by_string, OBJECT_EVENT_TRIGGER, trigname),
	FIELD_OF(CreateExtensionStmt, by_string, OBJECT_EXTENSION, extname),
	FIELD_OF(CreateFdwStmt, by_string, OBJECT_FDW, fdwname),
	FIELD_OF(CreateForeignServerStmt, by_string, OBJECT_FOREIGN_SERVER,
			 servername),
	FIELD_OF(CreateOpClassStmt, by_made, OBJECT_OPCLASS, opclassname),
	FIELD_OF(CreateOpFamilyStmt, by_made, OBJECT_OPFAMILY, opfamilyname),
	FIELD_OF(CreatePLangStmt, by_string, OBJECT_LANGUAGE, plname),
	FIELD_OF(CreatePublicationStmt, by_string, OBJECT_PUBLICATION, pubname),
	FIELD_OF(CreateRangeStmt, by_made, OBJECT_TYPE, typeName),
	FIELD_OF(CreateRoleStmt, by_string, OBJECT_ROLE, role),
	FIELD_OF(CreateSeqStmt, by_made_relation, OBJECT_SEQUENCE, sequence),
	FIELD_OF(CreateSubscriptionStmt, by_string, OBJECT_SUBSCRIPTION, subname),
	FIELD_OF(CreateTableSpaceStmt, by_string, OBJECT_TABLESPACE,
			 tablespacename),
	FIELD_OF(DropdbStmt, by_string, OBJECT_DATABASE, dbname),
	FIELD_OF(DropOwnedStmt, by_roles, OBJECT_ROLE, roles),
	FIELD_OF(DropRoleStmt, by_roles, OBJECT_ROLE, roles),
	FIELD_OF(DropSubscriptionStmt, by_string, OBJECT_SUBSCRIPTION, subname),
	FIELD_OF(DropTableSpaceStmt, by_string, OBJECT_TABLESPACE, tablespacename),
	FIELD_OF(LockStmt, by_relations, OBJECT_TABLE, relations),
	FIELD_OF(ReassignOwnedStmt, by_roles, OBJECT_ROLE, roles),
	FIELD_OF(RefreshMatViewStmt, by_relation, OBJECT_MATVIEW, relation),
	FIELD_OF(TruncateStmt, by_relations, OBJECT_TABLE, relations),

	PART_OF(AlterFunctionStmt, by_object_of_kind, 0, func, objtype),
	PART_OF(AlterOwnerStmt, by_object_of_kind, 0, object, objectType),
	PART_OF(AlterPolicyStmt, by_part, OBJECT_POLICY, table, policy_name),
	PART_OF(AlterUserMappingStmt, by_user_mapping, OBJECT_USER_MAPPING,
			servername, user),
	PART_OF(CommentStmt, by_object_of_kind, 0, object, objtype),
	PART_OF(CreatePolicyStmt, by_part, OBJECT_POLICY, table, policy_name),
	PART_OF(CreateTrigStmt, by_trigger, OBJECT_TRIGGER, relation, trigname),
	PART_OF(CreateUserMappingStmt, by_user_mapping, OBJECT_USER_MAPPING,
			servername, user),
	PART_OF(DropUserMappingStmt, by_user_mapping, OBJECT_USER_MAPPING,
			servername, user),
	PART_OF(RuleStmt, by_part, OBJECT_RULE, relation, rulename),
	PART_OF(SecLabelStmt, by_object_of_kind, 0, object, objtype),
};

List *
hm_named_by(Node *tree)
{
	for (int i = 0; i < lengthof(name_rules); i++)
	{
		if (name_rules[i].tag == nodeTag(tree))
			return name_rules[i].collect(tree, &name_rules[i]);
	}
	return NIL;
}
