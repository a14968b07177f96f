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
	bool		rows;			/* its work grows with them */
} Class;

static Class
create(HmSeverity severity, const char *what, bool rows)
{
	Class		class = {severity, what, rows};

	return class;
}

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
		return create(HM_CRITICAL, "a foreign key is added", false);
	if (column->is_not_null || hm_is_serial(column->typeName) ||
		has_constraint(column, CONSTR_NOTNULL) ||
		has_constraint(column, CONSTR_PRIMARY) ||
		has_constraint(column, CONSTR_IDENTITY))
		return create(HM_MEDIUM, "a column that is NOT NULL is added", false);
	if (has_constraint(column, CONSTR_UNIQUE) ||
		has_constraint(column, CONSTR_CHECK))
		return create(HM_MEDIUM, "a column with a constraint is added", false);
	return create(HM_LOW, "a nullable column is added", false);
}

static Class
class_of_constraint(const Constraint *constraint)
{
	if (constraint->contype == CONSTR_FOREIGN)
		return create(HM_CRITICAL, "a foreign key is added", true);
	return create(HM_MEDIUM, "a constraint is added", true);
}

static Class
class_of_dropped_constraint(HmRelation *relation, const char *name)
{
	HmConstraint *constraint = hm_relation_constraint(relation, name);

	if (constraint && constraint->kind == 'f')
		return create(HM_CRITICAL, "a foreign key is dropped", false);
	return create(HM_MEDIUM, "a constraint is dropped", false);
}

/* What the catalogs prove to be no work is no restructuring either. */
static Class
class_of_retype(HmRelation *relation, const AlterTableStmt *statement,
				const AlterTableCmd *command)
{
	HmRetype	retype = hm_retype_of(relation, statement, command);

	if (retype.work.kind == HM_WORK_NONE && retype.work.sure)
		return create(HM_MEDIUM,
					  "a column's type changes, which changes no row", false);
	return create(HM_CRITICAL, "a column's type changes", true);
}

/* Those commands whose kind says all. */
typedef struct Row
{
	AlterTableType kind;
	Class		class;
} Row;

#define PROPERTY		{HM_LOW, "a property changes", false}
#define NULLNESS		{HM_MEDIUM, "NOT NULL changes", false}
#define JOINED			{HM_CRITICAL, "tables are joined to one", false}
#define SPLIT			{HM_CRITICAL, "a table is split", false}
#define STORED			{HM_HIGH, "the table is stored in another way", true}
#define ROW_SECURITY	{HM_HIGH, "row security changes", false}

static const Row rows[] = {
	{AT_AlterConstraint, {HM_CRITICAL, "a foreign key changes", false}},
	{AT_DropColumn, {HM_HIGH, "a column is dropped", false}},
	{AT_ColumnDefault, PROPERTY},
	{AT_SetStatistics, PROPERTY},
	{AT_SetOptions, PROPERTY},
	{AT_ResetOptions, PROPERTY},
	{AT_SetStorage, PROPERTY},
	{AT_SetCompression, PROPERTY},
	{AT_ValidateConstraint, PROPERTY},
	{AT_ClusterOn, PROPERTY},
	{AT_DropCluster, PROPERTY},
	{AT_SetRelOptions, PROPERTY},
	{AT_ResetRelOptions, PROPERTY},
	{AT_SetNotNull, NULLNESS},
	{AT_DropNotNull, NULLNESS},
	{AT_AttachPartition, JOINED},
	{AT_AddInherit, JOINED},
	{AT_AddOf, JOINED},
	{AT_DetachPartition, SPLIT},
	{AT_DetachPartitionFinalize, SPLIT},
	{AT_DropInherit, SPLIT},
	{AT_DropOf, SPLIT},
	{AT_SetLogged, STORED},
	{AT_SetUnLogged, STORED},
	{AT_SetAccessMethod, STORED},
	{AT_SetTableSpace, STORED},
	{AT_EnableRowSecurity, ROW_SECURITY},
	{AT_DisableRowSecurity, ROW_SECURITY},
	{AT_ForceRowSecurity, ROW_SECURITY},
	{AT_NoForceRowSecurity, ROW_SECURITY},
};

static Class
class_of_kind(AlterTableType kind)
{
	for (int i = 0; i < lengthof(rows); i++)
	{
		if (rows[i].kind == kind)
			return rows[i].class;
	}
	return create(HM_MEDIUM, "the table changes", false);
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
		default:
			return class_of_kind(command->subtype);
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
