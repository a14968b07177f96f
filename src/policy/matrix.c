/*
 * src/policy/matrix.c
 *	  The class that the risk matrix puts each statement into.
 */
#include "postgres.h"

#include "base/named.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "nodes/value.h"
#include "policy/matrix_parts.h"
#include "utils/builtins.h"

HmMatrixEntry *
hm_matrix_add(HmMatrix *matrix, HmSeverity severity, const char *what,
			  HmRelation *relation)
{
	HmMatrixEntry *entry = palloc0(sizeof(HmMatrixEntry));

	entry->severity = severity;
	entry->what = what;
	entry->relation = relation;
	entry->steps = 1;
	matrix->entries = lappend(matrix->entries, entry);
	return entry;
}

/* Tables and indexes. */

static void
add_made(HmMatrix *matrix, const char *what, const RangeVar *name)
{
	hm_matrix_add(matrix, HM_LOW, what, NULL)->name =
		hm_world_creation(matrix->world, name)->display;
}

/* What is new in it harms nobody. */
static void
add_create_table(HmMatrix *matrix, Node *node)
{
	add_made(matrix, "a table is made", ((CreateStmt *) node)->relation);
}

static void
add_create_as(HmMatrix *matrix, Node *node)
{
	add_made(matrix, "a table is made",
			 castNode(CreateTableAsStmt, node)->into->rel);
}

static void
add_create_sequence(HmMatrix *matrix, Node *node)
{
	add_made(matrix, "a sequence is made",
			 castNode(CreateSeqStmt, node)->sequence);
}

static void
add_index(HmMatrix *matrix, Node *node)
{
	IndexStmt  *statement = castNode(IndexStmt, node);
	HmRelation *table = hm_world_relation(matrix->world, statement->relation);
	HmMatrixEntry *entry;

	entry = hm_matrix_add(matrix, HM_LOW, statement->concurrent ?
						  "an index is built concurrently" :
						  "an index is built", table);
	entry->steps = 2;
	entry->rows = !statement->concurrent;
}

static void
add_written(HmMatrix *matrix, const RangeVar *name, const char *what)
{
	hm_matrix_add(matrix, HM_HIGH, what,
				  hm_world_relation(matrix->world, name))->rows = true;
}

static void
add_insert(HmMatrix *matrix, Node *node)
{
	InsertStmt *statement = castNode(InsertStmt, node);
	SelectStmt *source = (SelectStmt *) statement->selectStmt;

	if (source && IsA(source, SelectStmt) &&
		(source->fromClause != NIL || source->op != SETOP_NONE))
		add_written(matrix, statement->relation, "rows are moved");
	else
		hm_matrix_add(matrix, HM_MEDIUM, "single rows are added",
					  hm_world_relation(matrix->world, statement->relation));
}

static void
add_update(HmMatrix *matrix, Node *node)
{
	add_written(matrix, castNode(UpdateStmt, node)->relation,
				"rows are changed");
}

static void
add_delete(HmMatrix *matrix, Node *node)
{
	add_written(matrix, castNode(DeleteStmt, node)->relation,
				"rows are deleted");
}

static void
add_merge(HmMatrix *matrix, Node *node)
{
	add_written(matrix, castNode(MergeStmt, node)->relation,
				"rows are changed");
}

static void
add_copy(HmMatrix *matrix, Node *node)
{
	CopyStmt   *statement = castNode(CopyStmt, node);

	if (statement->is_from && statement->relation)
		add_written(matrix, statement->relation, "rows are copied in");
}

static void
add_truncate(HmMatrix *matrix, Node *node)
{
	ListCell   *cell;

	foreach(cell, castNode(TruncateStmt, node)->relations)
		add_written(matrix, lfirst_node(RangeVar, cell),
					"all rows are deleted");
}

static void
add_cluster(HmMatrix *matrix, Node *node)
{
	ClusterStmt *statement = castNode(ClusterStmt, node);

	if (statement->relation)
		add_written(matrix, statement->relation, "the table is written anew");
}

static void
add_refresh(HmMatrix *matrix, Node *node)
{
	RefreshMatViewStmt *statement = castNode(RefreshMatViewStmt, node);

	hm_matrix_add(matrix, HM_LOW, "a materialized view is refreshed",
				  hm_world_relation(matrix->world, statement->relation));
}

/* With CTEs that write. */
static void
add_select(HmMatrix *matrix, Node *node)
{
	SelectStmt *statement = castNode(SelectStmt, node);

	if (hm_named_into(statement))
		add_made(matrix, "a table is made", hm_named_into(statement)->rel);
}

/* Objects of any kind. */

static const char *
name_of(Node *object)
{
	if (object == NULL)
		return NULL;
	if (IsA(object, List))
		return NameListToString((List *) object);
	if (IsA(object, String))
		return strVal(object);
	if (IsA(object, TypeName))
		return NameListToString(((TypeName *) object)->names);
	if (IsA(object, ObjectWithArgs))
		return NameListToString(((ObjectWithArgs *) object)->objname);
	return NULL;
}

static bool
is_table(ObjectType kind)
{
	return kind == OBJECT_TABLE || kind == OBJECT_FOREIGN_TABLE ||
		kind == OBJECT_MATVIEW;
}

static HmRelation *
index_table(HmMatrix *matrix, Node *object)
{
	HmRelation *index = hm_world_relation_named(matrix->world,
												castNode(List, object));
	RangeVar	name = {.type = T_RangeVar};
	HmIndex    *found;

	name.schemaname = index->schema;
	name.relname = index->name;
	name.relpersistence = RELPERSISTENCE_PERMANENT;
	found = hm_world_index(matrix->world, &name);
	return found ? found->table : NULL;
}

static void
add_dropped(HmMatrix *matrix, ObjectType kind, Node *object)
{
	HmMatrixEntry *entry;

	if (is_table(kind))
	{
		hm_matrix_add(matrix, HM_CRITICAL, "a table is dropped",
					  hm_world_relation_named(matrix->world,
											  castNode(List, object)));
		return;
	}
	if (kind == OBJECT_INDEX)
		entry = hm_matrix_add(matrix, HM_MEDIUM, "an index is dropped",
							  index_table(matrix, object));
	else if (kind == OBJECT_SCHEMA)
		entry = hm_matrix_add(matrix, HM_CRITICAL, "a schema is dropped", NULL);
	else if (kind == OBJECT_SEQUENCE || kind == OBJECT_TYPE ||
			 kind == OBJECT_DOMAIN || kind == OBJECT_EXTENSION ||
			 kind == OBJECT_FOREIGN_SERVER || kind == OBJECT_FDW)
		entry = hm_matrix_add(matrix, HM_HIGH, "an object is dropped", NULL);
	else
		entry = hm_matrix_add(matrix, HM_MEDIUM, "an object is dropped", NULL);
	entry->name = name_of(object);
}

static void
add_drop(HmMatrix *matrix, Node *node)
{
	DropStmt   *statement = castNode(DropStmt, node);
	ListCell   *cell;

	foreach(cell, statement->objects)
		add_dropped(matrix, statement->removeType, lfirst(cell));
}

static void
add_rename(HmMatrix *matrix, Node *node)
{
	RenameStmt *statement = castNode(RenameStmt, node);
	HmRelation *relation = statement->relation ?
	hm_world_relation(matrix->world, statement->relation) : NULL;
	HmMatrixEntry *entry;

	switch (statement->renameType)
	{
		case OBJECT_TABLE:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
			entry = hm_matrix_add(matrix, HM_CRITICAL, "it is renamed",
								  relation);
			break;
		case OBJECT_COLUMN:
			entry = hm_matrix_add(matrix, HM_CRITICAL, "a column is renamed",
								  relation);
			entry->part = statement->subname;
			break;
		case OBJECT_SCHEMA:
			entry = hm_matrix_add(matrix, HM_CRITICAL, "a schema is renamed",
								  NULL);
			entry->name = statement->subname;
			break;
		default:
			entry = hm_matrix_add(matrix, HM_MEDIUM, "an object is renamed",
								  relation);
			entry->part = statement->subname;
			break;
	}
}

static void
add_set_schema(HmMatrix *matrix, Node *node)
{
	AlterObjectSchemaStmt *statement = castNode(AlterObjectSchemaStmt, node);

	if (statement->relation)
		hm_matrix_add(matrix, HM_CRITICAL, "it moves to another schema",
					  hm_world_relation(matrix->world, statement->relation));
	else
		hm_matrix_add(matrix, HM_HIGH, "it moves to another schema",
					  NULL)->name = name_of(statement->object);
}

static void
add_enum(HmMatrix *matrix, Node *node)
{
	hm_matrix_add(matrix, HM_MEDIUM, "an enum changes", NULL)->name =
		NameListToString(castNode(AlterEnumStmt, node)->typeName);
}

static void
add_trigger(HmMatrix *matrix, Node *node)
{
	CreateTrigStmt *statement = castNode(CreateTrigStmt, node);

	hm_matrix_add(matrix, HM_MEDIUM, "a trigger is added",
				  hm_world_relation(matrix->world, statement->relation))->part =
		statement->trigname;
}

static void
add_policy(HmMatrix *matrix, Node *node)
{
	const RangeVar *table = IsA(node, CreatePolicyStmt) ?
	((CreatePolicyStmt *) node)->table : ((AlterPolicyStmt *) node)->table;

	hm_matrix_add(matrix, HM_MEDIUM, "a policy changes",
				  hm_world_relation(matrix->world, table));
}

static void
add_rule(HmMatrix *matrix, Node *node)
{
	hm_matrix_add(matrix, HM_MEDIUM, "a rule is added",
				  hm_world_relation(matrix->world,
									castNode(RuleStmt, node)->relation));
}

static void
add_view(HmMatrix *matrix, Node *node)
{
	ViewStmt   *statement = castNode(ViewStmt, node);
	HmRelation *place = hm_world_creation(matrix->world, statement->view);

	if (statement->replace && place->known && !place->gone)
		hm_matrix_add(matrix, HM_MEDIUM, "a view is replaced", place);
	else
		add_made(matrix, "a view is made", statement->view);
}

static void
add_function(HmMatrix *matrix, Node *node)
{
	CreateFunctionStmt *statement = castNode(CreateFunctionStmt, node);

	hm_matrix_add(matrix, statement->replace ? HM_MEDIUM : HM_LOW,
				  statement->replace ? "a function is made or replaced" :
				  "a function is made", NULL)->name =
		NameListToString(statement->funcname);
}

static void
add_schema(HmMatrix *matrix, Node *node)
{
	CreateSchemaStmt *statement = castNode(CreateSchemaStmt, node);
	ListCell   *cell;

	hm_matrix_add(matrix, HM_LOW, "a schema is made", NULL)->name =
		statement->schemaname;
	foreach(cell, statement->schemaElts)
	{
		List	   *entries = hm_matrix_of(matrix->world,
										   hm_world_element(statement,
															lfirst(cell)));

		matrix->entries = list_concat(matrix->entries, entries);
	}
}

/* By the kind of statement. */

typedef struct Row
{
	NodeTag		tag;
	HmSeverity	severity;		/* where add is NULL */
	const char *what;			/* NULL: nothing that lasts */
	void		(*add) (HmMatrix *matrix, Node *node);
} Row;

static const Row rows[] = {
	{T_AlterTableStmt, 0, NULL, hm_matrix_alter_table},
	{T_CreateStmt, 0, NULL, add_create_table},
	{T_CreateForeignTableStmt, 0, NULL, add_create_table},
	{T_CreateTableAsStmt, 0, NULL, add_create_as},
	{T_CreateSeqStmt, 0, NULL, add_create_sequence},
	{T_IndexStmt, 0, NULL, add_index},
	{T_DropStmt, 0, NULL, add_drop},
	{T_RenameStmt, 0, NULL, add_rename},
	{T_AlterObjectSchemaStmt, 0, NULL, add_set_schema},
	{T_InsertStmt, 0, NULL, add_insert},
	{T_UpdateStmt, 0, NULL, add_update},
	{T_DeleteStmt, 0, NULL, add_delete},
	{T_MergeStmt, 0, NULL, add_merge},
	{T_CopyStmt, 0, NULL, add_copy},
	{T_TruncateStmt, 0, NULL, add_truncate},
	{T_ClusterStmt, 0, NULL, add_cluster},
	{T_RefreshMatViewStmt, 0, NULL, add_refresh},
	{T_SelectStmt, 0, NULL, add_select},
	{T_AlterEnumStmt, 0, NULL, add_enum},
	{T_CreateTrigStmt, 0, NULL, add_trigger},
	{T_CreatePolicyStmt, 0, NULL, add_policy},
	{T_AlterPolicyStmt, 0, NULL, add_policy},
	{T_RuleStmt, 0, NULL, add_rule},
	{T_ViewStmt, 0, NULL, add_view},
	{T_CreateFunctionStmt, 0, NULL, add_function},
	{T_CreateSchemaStmt, 0, NULL, add_schema},

	/* New things. */
	{T_CompositeTypeStmt, HM_LOW, "a type is made", NULL},
	{T_CreateCastStmt, HM_MEDIUM, "a cast is made", NULL},
	{T_CreateConversionStmt, HM_LOW, "a conversion is made", NULL},
	{T_CreateDomainStmt, HM_LOW, "a domain is made", NULL},
	{T_CreateEnumStmt, HM_LOW, "a type is made", NULL},
	{T_CreateRangeStmt, HM_LOW, "a type is made", NULL},
	{T_CreateStatsStmt, HM_LOW, "statistics are made", NULL},
	{T_DefineStmt, HM_LOW, "an object is made", NULL},

	/* What nobody notices. */
	{T_CallStmt, 0, NULL, NULL},
	{T_CheckPointStmt, 0, NULL, NULL},
	{T_CommentStmt, 0, NULL, NULL},
	{T_ConstraintsSetStmt, 0, NULL, NULL},
	{T_DeallocateStmt, 0, NULL, NULL},
	{T_DeclareCursorStmt, 0, NULL, NULL},
	{T_DiscardStmt, 0, NULL, NULL},
	{T_DoStmt, 0, NULL, NULL},
	{T_ExecuteStmt, 0, NULL, NULL},
	{T_FetchStmt, 0, NULL, NULL},
	{T_ListenStmt, 0, NULL, NULL},
	{T_LockStmt, 0, NULL, NULL},
	{T_NotifyStmt, 0, NULL, NULL},
	{T_PrepareStmt, 0, NULL, NULL},
	{T_TransactionStmt, 0, NULL, NULL},
	{T_UnlistenStmt, 0, NULL, NULL},
	{T_VacuumStmt, 0, NULL, NULL},
	{T_VariableSetStmt, 0, NULL, NULL},
	{T_VariableShowStmt, 0, NULL, NULL},

	/* Who may do what, and what the whole server does. */
	{T_AlterDatabaseSetStmt, HM_HIGH, "settings of the database change", NULL},
	{T_AlterDatabaseStmt, HM_HIGH, "the database changes", NULL},
	{T_AlterDefaultPrivilegesStmt, HM_MEDIUM, "privileges change", NULL},
	{T_AlterRoleSetStmt, HM_HIGH, "settings of a role change", NULL},
	{T_AlterRoleStmt, HM_HIGH, "a role changes", NULL},
	{T_AlterSystemStmt, HM_HIGH, "settings of the server change", NULL},
	{T_CreateRoleStmt, HM_HIGH, "a role is made", NULL},
	{T_CreatedbStmt, HM_HIGH, "a database is made", NULL},
	{T_DropOwnedStmt, HM_CRITICAL, "all that a role owns is dropped", NULL},
	{T_DropRoleStmt, HM_HIGH, "a role is dropped", NULL},
	{T_DropdbStmt, HM_CRITICAL, "a database is dropped", NULL},
	{T_GrantRoleStmt, HM_HIGH, "memberships change", NULL},
	{T_GrantStmt, HM_MEDIUM, "privileges change", NULL},
	{T_ReassignOwnedStmt, HM_HIGH, "owners change", NULL},
	{T_SecLabelStmt, HM_MEDIUM, "a security label changes", NULL},
};

static const Row *
find_row(NodeTag tag)
{
	for (int i = 0; i < lengthof(rows); i++)
	{
		if (rows[i].tag == tag)
			return &rows[i];
	}
	return NULL;
}

/* VALUES and WITH are statements of their own to what they write. */
static void
add_written_in_with(HmMatrix *matrix, Node *statement)
{
	WithClause *with = NULL;
	ListCell   *cell;

	if (IsA(statement, SelectStmt))
		with = ((SelectStmt *) statement)->withClause;
	else if (IsA(statement, InsertStmt))
		with = ((InsertStmt *) statement)->withClause;
	else if (IsA(statement, UpdateStmt))
		with = ((UpdateStmt *) statement)->withClause;
	else if (IsA(statement, DeleteStmt))
		with = ((DeleteStmt *) statement)->withClause;
	foreach(cell, with ? with->ctes : NIL)
		matrix->entries =
		list_concat(matrix->entries,
					hm_matrix_of(matrix->world,
								 lfirst_node(CommonTableExpr,
											 cell)->ctequery));
}

/* Of what is named first. */
static const char *
named_first(Node *statement)
{
	List	   *all = hm_named_by(statement);
	const HmNamed *named = all == NIL ? NULL : linitial(all);

	if (named == NULL || named->name == NULL)
		return NULL;
	return quote_qualified_identifier(named->schema_name, named->name);
}

List *
hm_matrix_of(HmWorld *world, Node *statement)
{
	HmMatrix	matrix = {.world = world};
	const Row  *row = find_row(nodeTag(statement));

	add_written_in_with(&matrix, statement);
	if (row == NULL)
		hm_matrix_add(&matrix, HM_MEDIUM, "something else changes",
					  NULL)->name = named_first(statement);
	else if (row->add)
		row->add(&matrix, statement);
	else if (row->what)
		hm_matrix_add(&matrix, row->severity, row->what, NULL)->name =
			named_first(statement);
	return matrix.entries;
}
