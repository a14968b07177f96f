/*
 * src/guard/idle.c
 *	  Guarded forms that have nothing to do, and what nothing executes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/named.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_constraint.h"
#include "guard/idle.h"
#include "guard/label.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

typedef struct GuardedForm
{
	NodeTag		tag;
	int			offset;			/* of the boolean IF EXISTS, IF NOT EXISTS */
} GuardedForm;

static const GuardedForm forms_of_missing[] = {
	{T_AlterObjectSchemaStmt, offsetof(AlterObjectSchemaStmt, missing_ok)},
	{T_AlterSeqStmt, offsetof(AlterSeqStmt, missing_ok)},
	{T_AlterStatsStmt, offsetof(AlterStatsStmt, missing_ok)},
	{T_AlterTableStmt, offsetof(AlterTableStmt, missing_ok)},
	{T_DropdbStmt, offsetof(DropdbStmt, missing_ok)},
	{T_DropRoleStmt, offsetof(DropRoleStmt, missing_ok)},
	{T_DropStmt, offsetof(DropStmt, missing_ok)},
	{T_DropSubscriptionStmt, offsetof(DropSubscriptionStmt, missing_ok)},
	{T_DropTableSpaceStmt, offsetof(DropTableSpaceStmt, missing_ok)},
	{T_DropUserMappingStmt, offsetof(DropUserMappingStmt, missing_ok)},
	{T_RenameStmt, offsetof(RenameStmt, missing_ok)},
};

static const GuardedForm forms_of_existing[] = {
	{T_CreateExtensionStmt, offsetof(CreateExtensionStmt, if_not_exists)},
	{T_CreateForeignServerStmt,
	offsetof(CreateForeignServerStmt, if_not_exists)},
	{T_CreateForeignTableStmt, offsetof(CreateStmt, if_not_exists)},
	{T_CreateSchemaStmt, offsetof(CreateSchemaStmt, if_not_exists)},
	{T_CreateSeqStmt, offsetof(CreateSeqStmt, if_not_exists)},
	{T_CreateStatsStmt, offsetof(CreateStatsStmt, if_not_exists)},
	{T_CreateStmt, offsetof(CreateStmt, if_not_exists)},
	{T_CreateTableAsStmt, offsetof(CreateTableAsStmt, if_not_exists)},
	{T_CreateUserMappingStmt,
	offsetof(CreateUserMappingStmt, if_not_exists)},
	{T_DefineStmt, offsetof(DefineStmt, if_not_exists)},
	{T_IndexStmt, offsetof(IndexStmt, if_not_exists)},
};

static bool
is_of_form(Node *tree, const GuardedForm *forms, int nforms)
{
	for (int i = 0; i < nforms; i++)
	{
		if (forms[i].tag == nodeTag(tree))
			return *(bool *) ((char *) tree + forms[i].offset);
	}
	return false;
}

bool
hm_guard_tolerates_missing(Node *tree)
{
	return is_of_form(tree, forms_of_missing, lengthof(forms_of_missing));
}

static bool
is_missing(const HmNamed *named)
{
	return !OidIsValid(named->object) &&
		(named->name != NULL || named->arguments != NIL);
}

/* What a command names behind its subject does not count. */
static bool
all_missing(Node *tree, List *named)
{
	ListCell   *cell;

	if (named == NIL)
		return false;
	if (!IsA(tree, DropStmt) && !IsA(tree, DropRoleStmt))
		return is_missing(linitial(named));
	foreach(cell, named)
	{
		if (!is_missing(lfirst(cell)))
			return false;
	}
	return true;
}

/* An index comes after its table; all others come first. */
static bool
exists(Node *tree, List *named)
{
	const HmNamed *made;

	if (named == NIL)
		return false;
	made = IsA(tree, IndexStmt) ? llast(named) : linitial(named);
	return OidIsValid(made->object);
}

/* The column has no such property: identity, generation. */
static bool
lacks(Oid relation, const char *column, bool identity)
{
	HeapTuple	tuple = SearchSysCacheAttName(relation, column);
	Form_pg_attribute attribute;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	result = (identity ? attribute->attidentity :
			  attribute->attgenerated) == '\0';
	ReleaseSysCache(tuple);
	return result;
}

static bool
is_idle_action(Oid relation, const AlterTableCmd *command)
{
	if (!command->missing_ok)
		return false;
	switch (command->subtype)
	{
		case AT_AddColumn:
			return get_attnum(relation, castNode(ColumnDef,
												 command->def)->colname) !=
				InvalidAttrNumber;
		case AT_DropColumn:
			return get_attnum(relation, command->name) == InvalidAttrNumber;
		case AT_DropConstraint:
			return !OidIsValid(get_relation_constraint_oid(relation,
														   command->name,
														   true));
		case AT_DropExpression:
			return lacks(relation, command->name, false);
		case AT_DropIdentity:
			return lacks(relation, command->name, true);
		default:
			return false;
	}
}

static bool
is_idle_alter_table(const AlterTableStmt *statement, const HmNamed *table)
{
	ListCell   *cell;

	if (!OidIsValid(table->object))
		return false;
	foreach(cell, statement->cmds)
	{
		if (!is_idle_action(table->object, lfirst_node(AlterTableCmd, cell)))
			return false;
	}
	return statement->cmds != NIL;
}

static bool
is_idle_alter_enum(const AlterEnumStmt *statement, const HmNamed *type)
{
	return statement->skipIfNewValExists && statement->oldVal == NULL &&
		OidIsValid(type->object) &&
		SearchSysCacheExists2(ENUMTYPOIDNAME,
							  ObjectIdGetDatum(type->object),
							  CStringGetDatum(statement->newVal));
}

static bool
is_idle_alter_domain(const AlterDomainStmt *statement, const HmNamed *domain)
{
	return statement->subtype == 'X' && statement->missing_ok &&
		OidIsValid(domain->object) &&
		!OidIsValid(get_domain_constraint_oid(domain->object,
											  statement->name, true));
}

bool
hm_guard_is_idle(Node *tree, List *named)
{
	if (hm_guard_tolerates_missing(tree) && all_missing(tree, named))
		return true;
	if (is_of_form(tree, forms_of_existing, lengthof(forms_of_existing)))
		return exists(tree, named);
	switch (nodeTag(tree))
	{
		case T_AlterTableStmt:
			return is_idle_alter_table((AlterTableStmt *) tree,
									   linitial(named));
		case T_AlterEnumStmt:
			return is_idle_alter_enum((AlterEnumStmt *) tree, linitial(named));
		case T_AlterDomainStmt:
			return is_idle_alter_domain((AlterDomainStmt *) tree,
										linitial(named));
		case T_SecLabelStmt:
			return hm_label_is_brought(tree);
		default:
			return false;
	}
}
