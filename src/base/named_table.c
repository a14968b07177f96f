/*
 * src/base/named_table.c
 *	  What the definition of a table or view names.
 */
#include "postgres.h"

#include "base/named_parts.h"
#include "base/resolve.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"

typedef struct QuerySurvey
{
	List	   *relations;		/* RangeVar nodes */
	List	   *queries;		/* names of WITH queries */
} QuerySurvey;

static bool
same_schema(const RangeVar *made, const RangeVar *other)
{
	if (other->schemaname != NULL)
		return made->schemaname != NULL &&
			strcmp(made->schemaname, other->schemaname) == 0;
	return made->schemaname == NULL ||
		strncmp(made->schemaname, "pg_temp", 7) == 0;
}

/* A foreign key may refer to the table that is being made. */
static bool
is_itself(const RangeVar *made, const RangeVar *other)
{
	return made != NULL && same_schema(made, other) &&
		strcmp(made->relname, other->relname) == 0;
}

static List *
append_referred(List *list, List *constraints, const RangeVar *made)
{
	ListCell   *cell;

	foreach(cell, constraints)
	{
		Constraint *constraint = (Constraint *) lfirst(cell);

		if (IsA(constraint, Constraint) && constraint->pktable != NULL &&
			!is_itself(made, constraint->pktable))
			list = hm_named_relation(list, OBJECT_TABLE, constraint->pktable);
	}
	return list;
}

List *
hm_named_by_create_table(const CreateStmt *statement)
{
	ObjectType	kind = IsA(statement, CreateForeignTableStmt) ?
	OBJECT_FOREIGN_TABLE : OBJECT_TABLE;
	List	   *list = hm_named_made_relation(NIL, kind, statement->relation);
	ListCell   *cell;

	foreach(cell, statement->inhRelations)
		list = hm_named_relation(list, OBJECT_TABLE,
								 lfirst_node(RangeVar, cell));
	list = append_referred(list, statement->tableElts, statement->relation);
	list = append_referred(list, statement->constraints, statement->relation);
	foreach(cell, statement->tableElts)
	{
		if (IsA(lfirst(cell), ColumnDef))
			list = append_referred(list,
								   ((ColumnDef *) lfirst(cell))->constraints,
								   statement->relation);
	}
	return list;
}

/* The other relations of one ALTER TABLE action. */
static List *
append_relatives(List *list, const AlterTableCmd *command)
{
	if (command->def == NULL)
		return list;
	switch (command->subtype)
	{
		case AT_AddInherit:
		case AT_DropInherit:
			return hm_named_relation(list, OBJECT_TABLE,
									 castNode(RangeVar, command->def));
		case AT_AttachPartition:
		case AT_DetachPartition:
			return hm_named_relation(list, OBJECT_TABLE,
									 castNode(PartitionCmd, command->def)->name);
		case AT_AddConstraint:
			return append_referred(list, list_make1(command->def), NULL);
		case AT_AddColumn:
			return append_referred(list, castNode(ColumnDef,
												  command->def)->constraints,
								   NULL);
		default:
			return list;
	}
}

List *
hm_named_by_alter_table(const AlterTableStmt *statement)
{
	List	   *list = hm_named_relation(NIL, statement->objtype,
										 statement->relation);
	ListCell   *cell;

	foreach(cell, statement->cmds)
		list = append_relatives(list, lfirst_node(AlterTableCmd, cell));
	return list;
}

static bool
survey_query(Node *node, void *context)
{
	QuerySurvey *survey = context;

	if (node == NULL)
		return false;
	if (IsA(node, RangeVar))
		survey->relations = lappend(survey->relations, node);
	else if (IsA(node, CommonTableExpr))
		survey->queries = lappend(survey->queries,
								  ((CommonTableExpr *) node)->ctename);
	return raw_expression_tree_walker(node, survey_query, context);
}

static bool
names_query(const QuerySurvey *survey, const RangeVar *relation)
{
	ListCell   *cell;

	foreach(cell, survey->queries)
	{
		if (relation->schemaname == NULL &&
			strcmp(lfirst(cell), relation->relname) == 0)
			return true;
	}
	return false;
}

/* The server makes a view of a temporary table a temporary one. */
static bool
reads_temporary(Node *query)
{
	QuerySurvey survey = {NIL, NIL};
	Oid			schema;
	Oid			toast_schema;
	ListCell   *cell;

	GetTempNamespaceState(&schema, &toast_schema);
	if (!OidIsValid(schema))
		return false;
	survey_query(query, &survey);
	foreach(cell, survey.relations)
	{
		RangeVar   *relation = lfirst_node(RangeVar, cell);
		Oid			relid = names_query(&survey, relation) ? InvalidOid :
		hm_resolve_relation(relation);

		if (OidIsValid(relid) && get_rel_namespace(relid) == schema)
			return true;
	}
	return false;
}

List *
hm_named_by_view(const ViewStmt *statement)
{
	RangeVar	view = *statement->view;

	if (view.schemaname == NULL && reads_temporary(statement->query))
		view.relpersistence = RELPERSISTENCE_TEMP;
	return hm_named_made_relation(NIL, OBJECT_VIEW, &view);
}
