/*
 * src/lint/rewrite.c
 *	  How much work a command of ALTER TABLE is.
 *
 * After ATExecAddColumn(), ATExecSetNotNull(), ATPrepChangePersistence(),
 * CheckRelationTableSpaceMove() and ATRewriteTables().
 */
#include "postgres.h"

#include "access/tableam.h"
#include "base/compat.h"
#include "base/option.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "lint/column_type.h"
#include "lint/expression.h"
#include "lint/harmless.h"
#include "lint/proof.h"
#include "lint/rewrite.h"
#include "lint/tree.h"
#include "lint/world_parts.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

static const HmWork nothing = {HM_WORK_NONE, true, NULL};

static HmWork
surely(HmWorkKind kind, const char *reason)
{
	return hm_work_make(kind, true, reason);
}

static HmWork
perhaps(HmWorkKind kind, const char *reason)
{
	return hm_work_make(kind, false, reason);
}

static HmWork
heavier(HmWork one, HmWork other)
{
	if (one.kind == other.kind)
		return one.sure ? one : other;
	return one.kind > other.kind ? one : other;
}

/* ADD COLUMN. */

static const Constraint *
find_constraint(const ColumnDef *column, ConstrType kind)
{
	ListCell   *cell;

	foreach(cell, column->constraints)
	{
		Constraint *constraint = lfirst_node(Constraint, cell);

		if (constraint->contype == kind)
			return constraint;
	}
	return NULL;
}

static bool
is_null_constant(Node *expression)
{
	while (expression && IsA(expression, TypeCast))
		expression = ((TypeCast *) expression)->arg;
	return expression && IsA(expression, A_Const) &&
		((A_Const *) expression)->isnull;
}

/* A domain may have a default of its own. */
static HmNewValue
value_of_type(Oid type)
{
	Node	   *value = OidIsValid(type) ? get_typdefault(type) : NULL;

	if (value == NULL)
		return HM_VALUE_NULL;
	return contain_volatile_functions(value) ? HM_VALUE_VOLATILE :
		HM_VALUE_STORED_ONCE;
}

static HmNewValue
value_of_default(HmWorld *world, Node *raw, Oid type, int32 typmod)
{
	if (is_null_constant(raw))
		return HM_VALUE_NULL;
	switch (hm_expression_volatility(world, raw, type, typmod))
	{
		case HM_VOLATILE:
			return HM_VALUE_VOLATILE;
		case HM_VOLATILITY_UNKNOWN:
			return HM_VALUE_UNKNOWN;
		default:
			return HM_VALUE_STORED_ONCE;
	}
}

static bool
is_constrained(HmWorld *world, const TypeName *name, Oid type)
{
	HmType	   *found = name->arrayBounds == NIL ?
	hm_world_type(world, name) : NULL;

	return (found && found->constrained) ||
		(OidIsValid(type) && hm_harmless_domain_is_checked(type));
}

HmNewValue
hm_new_value(HmWorld *world, const ColumnDef *column)
{
	const Constraint *given = find_constraint(column, CONSTR_DEFAULT);
	const Constraint *generated = find_constraint(column, CONSTR_GENERATED);
	int32		typmod;
	Oid			type;

	if (column->typeName == NULL)
		return HM_VALUE_NULL;
	if (hm_is_serial(column->typeName) ||
		find_constraint(column, CONSTR_IDENTITY))
		return HM_VALUE_NUMBERED;
	if (generated)
		return hm_compat_generated_kind(generated) ==
			ATTRIBUTE_GENERATED_STORED ? HM_VALUE_GENERATED :
			HM_VALUE_COMPUTED;
	type = hm_column_type(world, column->typeName, &typmod);
	if (is_constrained(world, column->typeName, type))
		return HM_VALUE_CHECKED;
	return given ? value_of_default(world, given->raw_expr, type, typmod) :
		value_of_type(type);
}

static HmWork
work_of_value(HmNewValue value)
{
	switch (value)
	{
		case HM_VALUE_NUMBERED:
			return surely(HM_WORK_REWRITE, "every row gets a number");
		case HM_VALUE_GENERATED:
			return surely(HM_WORK_REWRITE,
						  "every row gets a value that is stored");
		case HM_VALUE_CHECKED:
			return surely(HM_WORK_REWRITE,
						  "its domain is checked for every row");
		case HM_VALUE_VOLATILE:
			return surely(HM_WORK_REWRITE,
						  "the default is volatile: every row gets its own");
		case HM_VALUE_UNKNOWN:
			return perhaps(HM_WORK_REWRITE, "the default may be volatile");
		default:
			return nothing;
	}
}

static HmWork
work_of_add_column(HmRelation *relation, const AlterTableStmt *statement,
				   const ColumnDef *column)
{
	HmWork		work;
	ListCell   *cell;

	if (hm_relation_column(relation, column->colname) ||
		relation->kind == RELKIND_FOREIGN_TABLE)
		return nothing;
	work = work_of_value(hm_new_value(relation->world, column));
	foreach(cell, column->constraints)
		work = heavier(work, hm_work_of_constraint(relation, statement,
												   lfirst_node(Constraint, cell),
												   column));
	return work;
}

/* Constraints. */

static HmWork
work_of_not_null(HmRelation *relation, const AlterTableStmt *statement,
				 const char *name)
{
	HmColumn   *column = name ? hm_relation_column(relation, name) : NULL;

	if (column == NULL)
		return perhaps(HM_WORK_SCAN, "every row is read for NULL");
	if (hm_column_never_null(relation, column) ||
		hm_proof_not_null(relation, column,
						  hm_dropped_constraints(statement)))
		return nothing;
	return surely(HM_WORK_SCAN, "every row is read for NULL");
}

static HmWork
work_of_key(HmRelation *relation, const AlterTableStmt *statement,
			const Constraint *constraint)
{
	HmWork		work = nothing;
	HmIndex    *index = NULL;
	ListCell   *cell;

	if (constraint->indexname == NULL)
		return surely(HM_WORK_INDEXES, "its index is built");
	if (constraint->contype != CONSTR_PRIMARY)
		return nothing;
	foreach(cell, hm_relation_indexes(relation))
	{
		index = lfirst(cell);
		if (index->name && strcmp(index->name, constraint->indexname) == 0)
			break;
		index = NULL;
	}
	foreach(cell, index ? index->columns : NIL)
		work = heavier(work, work_of_not_null(relation, statement,
											  lfirst(cell)));
	return work;
}

/* With ADD COLUMN, the server believes a foreign key of NULLs. */
static HmWork
work_of_foreign_key(HmRelation *relation, const ColumnDef *column)
{
	return column && !find_constraint(column, CONSTR_DEFAULT) ? nothing :
		surely(HM_WORK_SCAN, "every row is looked up in the other table");
}

static HmWork
work_of_column_not_null(HmRelation *relation, const ColumnDef *column)
{
	return hm_new_value(relation->world, column) == HM_VALUE_STORED_ONCE ?
		nothing : surely(HM_WORK_SCAN, "every row is read for NULL");
}

HmWork
hm_work_of_constraint(HmRelation *relation, const AlterTableStmt *statement,
					  const Constraint *constraint, const ColumnDef *column)
{
	HmWork		work = nothing;
	ListCell   *cell;

	if (constraint->skip_validation || !hm_compat_is_enforced(constraint) ||
		relation->kind == RELKIND_FOREIGN_TABLE)
		return nothing;
	switch (constraint->contype)
	{
		case CONSTR_CHECK:
			return surely(HM_WORK_SCAN, "every row is checked");
		case CONSTR_FOREIGN:
			return work_of_foreign_key(relation, column);
		case CONSTR_PRIMARY:
		case CONSTR_UNIQUE:
		case CONSTR_EXCLUSION:
			return work_of_key(relation, statement, constraint);
		case CONSTR_NOTNULL:
			if (column)
				return work_of_column_not_null(relation, column);
			foreach(cell, constraint->keys)
				work = heavier(work,
							   work_of_not_null(relation, statement,
												strVal(lfirst(cell))));
			return work;
		default:
			return nothing;
	}
}

static HmWork
work_of_validate(HmRelation *relation, const char *name)
{
	HmConstraint *constraint = hm_relation_constraint(relation, name);

	return constraint && constraint->validated ? nothing :
		surely(HM_WORK_SCAN, "every row is checked");
}

static HmWork
work_of_attach(HmRelation *relation, const PartitionCmd *command)
{
	HmRelation *table = hm_world_relation(relation->world, command->name);

	switch (hm_proof_attach(relation, command->bound, table, false))
	{
		case HM_PROVEN:
			return nothing;
		case HM_PROOF_MISSING:
			return surely(HM_WORK_SCAN,
						  "every row is checked against the bound");
		default:
			return perhaps(HM_WORK_SCAN,
						   "every row is checked against the bound");
	}
}

/* Storage. */

static HmWork
work_of_persistence(const HmRelation *relation, char persistence)
{
	if (relation->known && relation->persistence == persistence)
		return nothing;
	return surely(HM_WORK_REWRITE, persistence == RELPERSISTENCE_PERMANENT ?
				  "it is written to a new file, and to the write-ahead log" :
				  "it is written to a new file, without the write-ahead log");
}

static HmWork
work_of_access_method(const HmRelation *relation, const char *name)
{
	if (relation->kind == RELKIND_PARTITIONED_TABLE)
		return nothing;
	if (OidIsValid(relation->method) &&
		get_am_oid(name ? name : default_table_access_method, true) ==
		relation->method)
		return nothing;
	return surely(HM_WORK_REWRITE, "it is written in another access method");
}

static HmWork
work_of_tablespace(const HmRelation *relation, const char *name)
{
	Oid			tablespace = relation->world->catalogs ?
	get_tablespace_oid(name, true) : InvalidOid;

	if (relation->kind == RELKIND_PARTITIONED_TABLE ||
		relation->kind == RELKIND_PARTITIONED_INDEX)
		return nothing;
	if (relation->known && OidIsValid(tablespace) &&
		(relation->tablespace == tablespace ||
		 (relation->tablespace == InvalidOid &&
		  tablespace == MyDatabaseTableSpace)))
		return nothing;
	return relation->kind == RELKIND_INDEX ?
		surely(HM_WORK_INDEXES, "it is copied to another tablespace") :
		surely(HM_WORK_REWRITE, "it is copied to another tablespace");
}

/* Of a generated column: the other expression is stored, or only read. */
static HmWork
work_of_set_expression(HmRelation *relation, const char *name)
{
	HmColumn   *column = hm_relation_column(relation, name);

	if (column && column->generated != ATTRIBUTE_GENERATED_STORED)
		return column->not_null ?
			surely(HM_WORK_SCAN, "every row is read for NULL") : nothing;
	return surely(HM_WORK_REWRITE, "every row gets a value that is stored");
}

/* Commands. */

HmWork
hm_work_of_command(HmRelation *relation, const AlterTableStmt *statement,
				   const AlterTableCmd *command)
{
	if (command->subtype == HM_AT_SET_EXPRESSION)
		return work_of_set_expression(relation, command->name);
	switch (command->subtype)
	{
		case AT_AddColumn:
			return work_of_add_column(relation, statement,
									  castNode(ColumnDef, command->def));
		case AT_AlterColumnType:
			return hm_retype_of(relation, statement, command).work;
		case AT_SetNotNull:
			return work_of_not_null(relation, statement, command->name);
		case AT_AddConstraint:
			return hm_work_of_constraint(relation, statement,
										 castNode(Constraint, command->def),
										 NULL);
		case AT_ValidateConstraint:
			return work_of_validate(relation, command->name);
		case AT_AttachPartition:
			return IsA(command->def, PartitionCmd) && statement->objtype !=
				OBJECT_INDEX ?
				work_of_attach(relation, (PartitionCmd *) command->def) :
				nothing;
		case AT_SetLogged:
			return work_of_persistence(relation, RELPERSISTENCE_PERMANENT);
		case AT_SetUnLogged:
			return work_of_persistence(relation, RELPERSISTENCE_UNLOGGED);
		case AT_SetAccessMethod:
			return work_of_access_method(relation, command->name);
		case AT_SetTableSpace:
			return work_of_tablespace(relation, command->name);
		default:
			return nothing;
	}
}

static HmWork
work_of_alter_table(HmRelation *relation, const AlterTableStmt *statement)
{
	HmWork		work = nothing;
	ListCell   *cell;

	if (statement->objtype == OBJECT_TYPE)
		return nothing;
	foreach(cell, statement->cmds)
		work = heavier(work, hm_work_of_command(relation, statement,
												lfirst_node(AlterTableCmd, cell)));
	return work;
}

static bool
is_full(const VacuumStmt *statement)
{
	return statement->is_vacuumcmd &&
		hm_option_is_on(statement->options, "full");
}

static HmWork
work_of_vacuum(HmWorld *world, const VacuumStmt *statement,
			   HmRelation **relation)
{
	if (!is_full(statement))
		return nothing;
	if (list_length(statement->rels) == 1)
	{
		VacuumRelation *only = linitial_node(VacuumRelation, statement->rels);

		*relation = hm_world_relation(world, only->relation);
	}
	return surely(HM_WORK_REWRITE, "VACUUM FULL writes it to a new file");
}

HmWork
hm_work_of_statement(HmWorld *world, Node *statement, HmRelation **relation)
{
	*relation = NULL;
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			*relation = hm_world_relation(world,
										  ((AlterTableStmt *) statement)->relation);
			return work_of_alter_table(*relation,
									   (AlterTableStmt *) statement);
		case T_VacuumStmt:
			return work_of_vacuum(world, (VacuumStmt *) statement, relation);
		case T_ClusterStmt:
			if (((ClusterStmt *) statement)->relation)
				*relation = hm_world_relation(world,
											  ((ClusterStmt *) statement)->relation);
			return surely(HM_WORK_REWRITE, "CLUSTER writes it to a new file");
		case T_RefreshMatViewStmt:
			*relation = hm_world_relation(world,
										  ((RefreshMatViewStmt *) statement)->relation);
			return ((RefreshMatViewStmt *) statement)->concurrent ? nothing :
				surely(HM_WORK_REWRITE, "it is written to a new file");
		default:
			return nothing;
	}
}
