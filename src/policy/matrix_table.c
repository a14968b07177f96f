/*
 * src/policy/matrix_table.c
 *	  The risk matrix: what ALTER TABLE does.
 */
#include "postgres.h"

#include "lint/column_type.h"
#include "lint/rewrite.h"
#include "policy/matrix_parts.h"

typedef struct Class
{
	HmSeverity	severity;
	const char *what;
	bool		rows;
} Class;

static bool
has_constraint(const ColumnDef *column, ConstrType kind)
{
	ListCell   *cell;

	foreach(cell, column->constraints)
	{
		if (lfirst_node(Constraint, cell)->contype == kind)
			return true;
	}
	return false;
}

static Class
class_of_column(const ColumnDef *column)
{
	if (has_constraint(column, CONSTR_FOREIGN))
		return (Class)
	{
		HM_CRITICAL, "a foreign key is added", false
	};
	if (column->is_not_null || hm_is_serial(column->typeName) ||
		has_constraint(column, CONSTR_NOTNULL) ||
		has_constraint(column, CONSTR_PRIMARY) ||
		has_constraint(column, CONSTR_IDENTITY))
		return (Class)
	{
		HM_MEDIUM, "a column that is NOT NULL is added", false
	};
	if (has_constraint(column, CONSTR_UNIQUE) ||
		has_constraint(column, CONSTR_CHECK))
		return (Class)
	{
		HM_MEDIUM, "a column with a constraint is added", false
	};
	return (Class)
	{
		HM_LOW, "a nullable column is added", false
	};
}

static Class
class_of_constraint(const Constraint *constraint)
{
	if (constraint->contype == CONSTR_FOREIGN)
		return (Class)
	{
		HM_CRITICAL, "a foreign key is added", true
	};
	return (Class)
	{
		HM_MEDIUM, "a constraint is added", true
	};
}

static Class
class_of_dropped_constraint(HmRelation *relation, const char *name)
{
	HmConstraint *constraint = hm_relation_constraint(relation, name);

	if (constraint && constraint->kind == 'f')
		return (Class)
	{
		HM_CRITICAL, "a foreign key is dropped", false
	};
	return (Class)
	{
		HM_MEDIUM, "a constraint is dropped", false
	};
}

/* What the catalogs prove to be no work is no restructuring either. */
static Class
class_of_retype(HmRelation *relation, const AlterTableStmt *statement,
				const AlterTableCmd *command)
{
	HmRetype	retype = hm_retype_of(relation, statement, command);

	if (retype.work.kind == HM_WORK_NONE && retype.work.sure)
		return (Class)
	{
		HM_MEDIUM, "a column's type changes, which changes no row", false
	};
	return (Class)
	{
		HM_CRITICAL, "a column's type changes", true
	};
}

static Class
class_of(HmRelation *relation, const AlterTableStmt *statement,
		 const AlterTableCmd *command)
{
	switch (command->subtype)
	{
		case AT_AddColumn:
			return class_of_column(castNode(ColumnDef, command->def));
		case AT_AddConstraint:
			return class_of_constraint(castNode(Constraint, command->def));
		case AT_DropConstraint:
			return class_of_dropped_constraint(relation, command->name);
		case AT_AlterColumnType:
			return class_of_retype(relation, statement, command);
		case AT_AlterConstraint:
			return (Class)
			{
				HM_CRITICAL, "a foreign key changes", false
			};
		case AT_DropColumn:
			return (Class)
			{
				HM_HIGH, "a column is dropped", false
			};
		case AT_ColumnDefault:
		case AT_SetStatistics:
		case AT_SetOptions:
		case AT_ResetOptions:
		case AT_SetStorage:
		case AT_SetCompression:
		case AT_ValidateConstraint:
		case AT_ClusterOn:
		case AT_DropCluster:
		case AT_SetRelOptions:
		case AT_ResetRelOptions:
			return (Class)
			{
				HM_LOW, "a property changes", false
			};
		case AT_SetNotNull:
		case AT_DropNotNull:
			return (Class)
			{
				HM_MEDIUM, "NOT NULL changes", false
			};
		case AT_AttachPartition:
		case AT_AddInherit:
		case AT_AddOf:
			return (Class)
			{
				HM_CRITICAL, "tables are joined to one", false
			};
		case AT_DetachPartition:
		case AT_DetachPartitionFinalize:
		case AT_DropInherit:
		case AT_DropOf:
			return (Class)
			{
				HM_CRITICAL, "a table is split", false
			};
		case AT_SetLogged:
		case AT_SetUnLogged:
		case AT_SetAccessMethod:
		case AT_SetTableSpace:
			return (Class)
			{
				HM_HIGH, "the table is stored in another way", true
			};
		case AT_EnableRowSecurity:
		case AT_DisableRowSecurity:
		case AT_ForceRowSecurity:
		case AT_NoForceRowSecurity:
			return (Class)
			{
				HM_HIGH, "row security changes", false
			};
		default:
			return (Class)
			{
				HM_MEDIUM, "the table changes", false
			};
	}
}

/* A command that gives the name of a column or a constraint. */
static const char *
part_of(const AlterTableCmd *command)
{
	if (command->def && IsA(command->def, ColumnDef) &&
		command->subtype == AT_AddColumn)
		return ((ColumnDef *) command->def)->colname;
	if (command->def && IsA(command->def, Constraint))
		return ((Constraint *) command->def)->conname;
	return command->name;
}

void
hm_matrix_alter_table(HmMatrix *matrix, Node *node)
{
	AlterTableStmt *statement = castNode(AlterTableStmt, node);
	HmRelation *relation = hm_world_relation(matrix->world,
											 statement->relation);
	ListCell   *cell;

	if (statement->objtype == OBJECT_TYPE)
	{
		hm_matrix_add(matrix, HM_MEDIUM, "a type changes", NULL)->name =
			statement->relation->relname;
		return;
	}
	foreach(cell, statement->cmds)
	{
		const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
		Class		class = class_of(relation, statement, command);
		HmMatrixEntry *entry = hm_matrix_add(matrix, class.severity,
											 class.what, relation);

		entry->part = part_of(command);
		entry->rows = class.rows ||
			hm_work_of_command(relation, statement, command).kind !=
			HM_WORK_NONE;
	}
}
