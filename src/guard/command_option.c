/*
 * src/guard/command_option.c
 *	  What makes one command two: options, and what it names.
 */
#include "postgres.h"

#include "base/danger.h"
#include "base/option.h"
#include "base/resolve.h"
#include "catalog/catalog.h"
#include "commands/dbcommands.h"
#include "guard/command_option.h"
#include "guard/guard_state.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "utils/acl.h"

#define OUR_NAME "hipaa_migrate"

bool
hm_command_analyzes(Node *explain)
{
	return hm_option_is_on(castNode(ExplainStmt, explain)->options, "analyze");
}

static HmCommandVariant
dangerous_if(bool dangerous)
{
	return dangerous ? HM_VARIANT_DANGEROUS : HM_VARIANT_PLAIN;
}

static HmCommandVariant
variant_of_vacuum(Node *tree)
{
	return hm_option_is_on(castNode(VacuumStmt, tree)->options, "full") ?
		HM_VARIANT_FULL : HM_VARIANT_PLAIN;
}

static HmCommandVariant
variant_of_copy(Node *tree)
{
	CopyStmt   *statement = castNode(CopyStmt, tree);

	if (statement->is_from)
	{
		Oid			relid = hm_resolve_relation(statement->relation);

		if (OidIsValid(relid) && IsCatalogRelationOid(relid))
			return IsSharedRelation(relid) ? HM_VARIANT_SHARED :
				HM_VARIANT_CATALOG;
	}
	if (statement->is_program)
		return HM_VARIANT_PROGRAM;
	return statement->filename ? HM_VARIANT_FILE : HM_VARIANT_PLAIN;
}

static bool
is_dangerous_set(const VariableSetStmt *statement)
{
	return statement->name != NULL && hm_danger_setting(statement->name);
}

static bool
is_dangerous_stored_set(const VariableSetStmt *statement)
{
	return statement->name != NULL &&
		hm_danger_system_setting(statement->name);
}

static HmCommandVariant
variant_of_set(Node *tree)
{
	return dangerous_if(is_dangerous_set(castNode(VariableSetStmt, tree)));
}

static HmCommandVariant
variant_of_alter_system(Node *tree)
{
	VariableSetStmt *statement = castNode(AlterSystemStmt, tree)->setstmt;

	return dangerous_if(statement->kind == VAR_RESET_ALL ||
						is_dangerous_stored_set(statement));
}

static HmCommandVariant
variant_of_role_set(Node *tree)
{
	AlterRoleSetStmt *statement = castNode(AlterRoleSetStmt, tree);

	return dangerous_if(is_dangerous_stored_set(statement->setstmt));
}

static HmCommandVariant
variant_of_database_set(Node *tree)
{
	AlterDatabaseSetStmt *statement = castNode(AlterDatabaseSetStmt, tree);

	return dangerous_if(is_dangerous_stored_set(statement->setstmt));
}

static HmCommandVariant
armed_if(const char *database)
{
	Oid			oid = get_database_oid(database, true);

	return OidIsValid(oid) && hm_guard_is_armed(oid) ? HM_VARIANT_ARMED :
		HM_VARIANT_PLAIN;
}

static HmCommandVariant
variant_of_database(Node *tree)
{
	return armed_if(castNode(AlterDatabaseStmt, tree)->dbname);
}

static HmCommandVariant
variant_of_drop_database(Node *tree)
{
	return armed_if(castNode(DropdbStmt, tree)->dbname);
}

static HmCommandVariant
variant_of_rename(Node *tree)
{
	RenameStmt *statement = castNode(RenameStmt, tree);

	return statement->renameType == OBJECT_DATABASE ?
		armed_if(statement->subname) : HM_VARIANT_PLAIN;
}

static HmCommandVariant
variant_of_owner(Node *tree)
{
	AlterOwnerStmt *statement = castNode(AlterOwnerStmt, tree);

	return statement->objectType == OBJECT_DATABASE ?
		armed_if(strVal(statement->object)) : HM_VARIANT_PLAIN;
}

static HmCommandVariant
ours_if(const char *extension)
{
	return strcmp(extension, OUR_NAME) == 0 ? HM_VARIANT_OURS :
		HM_VARIANT_PLAIN;
}

static HmCommandVariant
variant_of_extension(Node *tree)
{
	return ours_if(castNode(AlterExtensionStmt, tree)->extname);
}

static HmCommandVariant
variant_of_members(Node *tree)
{
	return ours_if(castNode(AlterExtensionContentsStmt, tree)->extname);
}

static HmCommandVariant
variant_of_set_schema(Node *tree)
{
	AlterObjectSchemaStmt *statement = castNode(AlterObjectSchemaStmt, tree);

	return statement->objectType == OBJECT_EXTENSION ?
		ours_if(strVal(statement->object)) : HM_VARIANT_PLAIN;
}

static HmCommandVariant
variant_of_drop(Node *tree)
{
	DropStmt   *statement = castNode(DropStmt, tree);
	ListCell   *cell;

	if (statement->removeType != OBJECT_EXTENSION)
		return HM_VARIANT_PLAIN;
	foreach(cell, statement->objects)
	{
		if (ours_if(strVal(lfirst(cell))) == HM_VARIANT_OURS)
			return HM_VARIANT_OURS;
	}
	return HM_VARIANT_PLAIN;
}

static HmCommandVariant
shared_if(ObjectType type)
{
	return type == OBJECT_DATABASE || type == OBJECT_ROLE ||
		type == OBJECT_TABLESPACE || type == OBJECT_PARAMETER_ACL ?
		HM_VARIANT_SHARED : HM_VARIANT_PLAIN;
}

static HmCommandVariant
variant_of_comment(Node *tree)
{
	return shared_if(castNode(CommentStmt, tree)->objtype);
}

static HmCommandVariant
variant_of_label(Node *tree)
{
	return shared_if(castNode(SecLabelStmt, tree)->objtype);
}

static HmCommandVariant
variant_of_grant(Node *tree)
{
	GrantStmt  *statement = castNode(GrantStmt, tree);
	ListCell   *cell;

	if (statement->is_grant && statement->objtype == OBJECT_PARAMETER_ACL)
	{
		foreach(cell, statement->objects)
		{
			if (hm_danger_system_setting(strVal(lfirst(cell))))
				return HM_VARIANT_DANGEROUS;
		}
	}
	return shared_if(statement->objtype);
}

static bool
is_dangerous_role(const char *name)
{
	Oid			role = name ? get_role_oid(name, true) : InvalidOid;

	return OidIsValid(role) && hm_danger_role(role);
}

static HmCommandVariant
variant_of_grant_role(Node *tree)
{
	GrantRoleStmt *statement = castNode(GrantRoleStmt, tree);
	ListCell   *cell;

	if (!statement->is_grant)
		return HM_VARIANT_PLAIN;
	foreach(cell, statement->granted_roles)
	{
		if (is_dangerous_role(lfirst_node(AccessPriv, cell)->priv_name))
			return HM_VARIANT_DANGEROUS;
	}
	return HM_VARIANT_PLAIN;
}

static bool
has_dangerous_attribute(List *options)
{
	return hm_option_is_on(options, "superuser") ||
		hm_option_is_on(options, "isreplication") ||
		hm_option_is_on(options, "bypassrls");
}

static HmCommandVariant
variant_of_create_role(Node *tree)
{
	CreateRoleStmt *statement = castNode(CreateRoleStmt, tree);
	const DefElem *groups = hm_option_find(statement->options, "addroleto");
	ListCell   *cell;

	if (has_dangerous_attribute(statement->options))
		return HM_VARIANT_DANGEROUS;
	foreach(cell, groups ? castNode(List, groups->arg) : NIL)
	{
		if (is_dangerous_role(lfirst_node(RoleSpec, cell)->rolename))
			return HM_VARIANT_DANGEROUS;
	}
	return HM_VARIANT_PLAIN;
}

/* Also ALTER GROUP ... ADD USER. */
static HmCommandVariant
variant_of_alter_role(Node *tree)
{
	AlterRoleStmt *statement = castNode(AlterRoleStmt, tree);

	if (has_dangerous_attribute(statement->options))
		return HM_VARIANT_DANGEROUS;
	if (hm_option_find(statement->options, "rolemembers") == NULL)
		return HM_VARIANT_PLAIN;
	return statement->action > 0 &&
		is_dangerous_role(statement->role->rolename) ?
		HM_VARIANT_DANGEROUS : HM_VARIANT_MEMBERS;
}

/* Functions have as many SET clauses as their options have elements "set". */
static bool
sets_dangerous(List *options)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "set") == 0 && option->arg != NULL &&
			is_dangerous_set(castNode(VariableSetStmt, option->arg)))
			return true;
	}
	return false;
}

static bool
has_dangerous_language(List *options)
{
	const DefElem *language = hm_option_find(options, "language");

	return language != NULL && language->arg != NULL &&
		IsA(language->arg, String) &&
		hm_danger_language(strVal(language->arg));
}

static HmCommandVariant
variant_of_create_function(Node *tree)
{
	CreateFunctionStmt *statement = castNode(CreateFunctionStmt, tree);

	return dangerous_if(has_dangerous_language(statement->options) ||
						sets_dangerous(statement->options));
}

static HmCommandVariant
variant_of_alter_function(Node *tree)
{
	return dangerous_if(sets_dangerous(castNode(AlterFunctionStmt,
												tree)->actions));
}

static HmCommandVariant
variant_of_do(Node *tree)
{
	return dangerous_if(has_dangerous_language(castNode(DoStmt, tree)->args));
}

typedef struct VariantRule
{
	NodeTag		tag;
	HmCommandVariant (*variant) (Node *tree);
} VariantRule;

/* The frequent ones first. */
static const VariantRule variant_rules[] = {
	{T_VariableSetStmt, variant_of_set},
	{T_CopyStmt, variant_of_copy},
	{T_DoStmt, variant_of_do},
	{T_VacuumStmt, variant_of_vacuum},
	{T_AlterDatabaseSetStmt, variant_of_database_set},
	{T_AlterDatabaseStmt, variant_of_database},
	{T_AlterExtensionContentsStmt, variant_of_members},
	{T_AlterExtensionStmt, variant_of_extension},
	{T_AlterFunctionStmt, variant_of_alter_function},
	{T_AlterObjectSchemaStmt, variant_of_set_schema},
	{T_AlterOwnerStmt, variant_of_owner},
	{T_AlterRoleSetStmt, variant_of_role_set},
	{T_AlterRoleStmt, variant_of_alter_role},
	{T_AlterSystemStmt, variant_of_alter_system},
	{T_CommentStmt, variant_of_comment},
	{T_CreateFunctionStmt, variant_of_create_function},
	{T_CreateRoleStmt, variant_of_create_role},
	{T_DropdbStmt, variant_of_drop_database},
	{T_DropStmt, variant_of_drop},
	{T_GrantRoleStmt, variant_of_grant_role},
	{T_GrantStmt, variant_of_grant},
	{T_RenameStmt, variant_of_rename},
	{T_SecLabelStmt, variant_of_label},
};

HmCommandVariant
hm_command_variant(Node *tree)
{
	for (int i = 0; i < lengthof(variant_rules); i++)
	{
		if (variant_rules[i].tag == nodeTag(tree))
			return variant_rules[i].variant(tree);
	}
	return HM_VARIANT_PLAIN;
}

static const char *
name_of_database(Node *tree)
{
	switch (nodeTag(tree))
	{
		case T_AlterDatabaseRefreshCollStmt:
			return ((AlterDatabaseRefreshCollStmt *) tree)->dbname;
		case T_AlterDatabaseSetStmt:
			return ((AlterDatabaseSetStmt *) tree)->dbname;
		case T_AlterDatabaseStmt:
			return ((AlterDatabaseStmt *) tree)->dbname;
		case T_AlterOwnerStmt:
			return ((AlterOwnerStmt *) tree)->objectType == OBJECT_DATABASE ?
				strVal(((AlterOwnerStmt *) tree)->object) : NULL;
		case T_DropdbStmt:
			return ((DropdbStmt *) tree)->dbname;
		case T_RenameStmt:
			return ((RenameStmt *) tree)->renameType == OBJECT_DATABASE ?
				((RenameStmt *) tree)->subname : NULL;
		default:
			return NULL;
	}
}

Oid
hm_command_database(Node *tree)
{
	const char *name = name_of_database(tree);

	return name ? get_database_oid(name, true) : InvalidOid;
}
