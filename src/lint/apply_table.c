/*
 * src/lint/apply_table.c
 *	  What CREATE TABLE does to the world, and CREATE INDEX.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/names.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "lint/choice.h"
#include "lint/column_type.h"
#include "lint/world_parts.h"
#include "nodes/value.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"

/* Indexes. */

/* It shares the relations' names. */
static void
enter_index(HmWorld *world, HmIndex *index)
{
	RangeVar	name = {.type = T_RangeVar};
	HmRelation *place;

	name.schemaname = index->table->schema;
	name.relname = index->name;
	name.relpersistence = RELPERSISTENCE_PERMANENT;
	place = hm_world_creation(world, &name);
	if (place->known && !place->gone)
		return;
	place = hm_world_make(world, place, RELKIND_INDEX,
						  index->table->persistence);
	place->index = index;
}

static HmIndex *
add_index(HmWorld *world, HmRelation *table, char *name, List *columns)
{
	HmIndex    *index = palloc0(sizeof(HmIndex));

	(void) hm_relation_indexes(table);
	index->name = name;
	index->table = table;
	index->method = "btree";
	index->valid = true;
	hm_world_note_change(world, table);
	index->columns = columns;
	index->made = world->now;
	table->indexes = lappend(table->indexes, index);
	enter_index(world, index);
	return index;
}

void
hm_apply_create_index(HmWorld *world, IndexStmt *statement)
{
	HmRelation *table = hm_world_relation(world, statement->relation);
	List	   *columns = hm_choice_index_columns(statement->indexParams);
	RangeVar	name = {.type = T_RangeVar};
	HmRelation *place;
	HmIndex    *index;

	name.schemaname = table->schema;
	name.relname = hm_choice_index_name(table, statement);
	name.relpersistence = RELPERSISTENCE_PERMANENT;
	place = hm_world_creation(world, &name);
	if (place->known && !place->gone)
		return;
	index = add_index(world, table, name.relname, columns);
	index->method = pstrdup(statement->accessMethod);
	index->unique = statement->unique;
	index->partial = statement->whereClause != NULL;
	index->concurrent = statement->concurrent;
	index->nulls_not_distinct = statement->nulls_not_distinct;
	index->included = hm_choice_index_columns(statement->indexIncludingParams);
	index->raw = copyObject(statement);
}

/* Constraints. */

/* The index that it takes over becomes its own. */
static void
take_over_index(HmRelation *relation, HmConstraint *constraint,
				const Constraint *raw)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(relation))
	{
		HmIndex    *index = lfirst(cell);

		if (index->name == NULL || strcmp(index->name, raw->indexname) != 0)
			continue;
		index->primary = raw->contype == CONSTR_PRIMARY;
		index->name = constraint->name;
		constraint->columns = index->columns;
	}
}

static void
add_key_index(HmWorld *world, HmRelation *relation, HmConstraint *constraint,
			  const Constraint *raw)
{
	HmIndex    *index;

	constraint->index = constraint->name;
	if (raw->indexname)
	{
		take_over_index(relation, constraint, raw);
		return;
	}
	index = add_index(world, relation, constraint->name, constraint->columns);
	index->unique = constraint->kind != CONSTRAINT_EXCLUSION;
	index->primary = constraint->kind == CONSTRAINT_PRIMARY;
	index->nulls_not_distinct = raw->nulls_not_distinct;
	if (constraint->kind == CONSTRAINT_EXCLUSION)
		index->method = pstrdup(raw->access_method);
}

void
hm_apply_set_not_null(HmRelation *relation, List *columns, bool not_null)
{
	ListCell   *cell;

	foreach(cell, columns)
	{
		HmColumn   *column = lfirst(cell) ?
		hm_relation_column(relation, lfirst(cell)) : NULL;

		if (column)
			column->not_null = not_null;
	}
}

/* CREATE TABLE checks nothing, for there is nothing: NOT VALID is idle. */
static bool
is_validated(HmWorld *world, HmRelation *relation, const Constraint *raw)
{
	if (!hm_compat_is_enforced(raw))
		return false;
	return !raw->skip_validation ||
		(relation->made.migration == world->now.migration &&
		 relation->made.statement == world->now.statement);
}

/* column: that it stands in, or NULL. */
static HmConstraint *
new_constraint(HmWorld *world, HmRelation *relation, const Constraint *raw,
			   char kind, const char *column)
{
	HmConstraint *constraint = palloc0(sizeof(HmConstraint));

	(void) hm_relation_constraints(relation);
	constraint->kind = kind;
	constraint->columns = hm_choice_constraint_columns(raw, column);
	constraint->name = hm_choice_constraint_name(relation, raw, column);
	constraint->validated = is_validated(world, relation, raw);
	constraint->deferrable = raw->deferrable;
	constraint->raw = copyObject((Node *) raw);
	constraint->made = world->now;
	relation->constraints = lappend(relation->constraints, constraint);
	return constraint;
}

static void
add_key(HmWorld *world, HmRelation *relation, const Constraint *raw,
		char kind, const char *column)
{
	HmConstraint *constraint = new_constraint(world, relation, raw, kind,
											  column);

	add_key_index(world, relation, constraint, raw);
	if (kind == CONSTRAINT_PRIMARY)
		hm_apply_set_not_null(relation, constraint->columns, true);
}

static void
add_foreign_key(HmWorld *world, HmRelation *relation, const Constraint *raw,
				const char *column)
{
	HmConstraint *constraint = new_constraint(world, relation, raw,
											  CONSTRAINT_FOREIGN, column);

	constraint->target = hm_world_relation(world, raw->pktable)->display;
	constraint->target_columns = hm_names_of(raw->pk_attrs);
}

/* column: that it stands in, or NULL. */
void
hm_apply_add_constraint(HmWorld *world, HmRelation *relation, const Constraint *raw,
						const char *column)
{
	switch (raw->contype)
	{
		case CONSTR_PRIMARY:
			add_key(world, relation, raw, CONSTRAINT_PRIMARY, column);
			break;
		case CONSTR_UNIQUE:
			add_key(world, relation, raw, CONSTRAINT_UNIQUE, column);
			break;
		case CONSTR_EXCLUSION:
			add_key(world, relation, raw, CONSTRAINT_EXCLUSION, column);
			break;
		case CONSTR_CHECK:
			new_constraint(world, relation, raw, CONSTRAINT_CHECK, column);
			break;
		case CONSTR_FOREIGN:
			add_foreign_key(world, relation, raw, column);
			break;
		case CONSTR_NOTNULL:
			hm_apply_set_not_null(relation,
								  hm_choice_constraint_columns(raw, column),
								  true);
			if (raw->skip_validation)
				new_constraint(world, relation, raw, HM_CONSTRAINT_NOTNULL,
							   column);
			break;
		default:
			break;
	}
}

/* Columns. */

static void
heed_column_constraint(HmColumn *column, const Constraint *raw)
{
	switch (raw->contype)
	{
		case CONSTR_NOTNULL:
			column->not_null = true;
			break;
		case CONSTR_DEFAULT:
			column->has_default = true;
			column->default_tree = copyObject(raw->raw_expr);
			break;
		case CONSTR_IDENTITY:
			column->identity = raw->generated_when;
			column->not_null = true;
			break;
		case CONSTR_GENERATED:
			column->generated = hm_compat_generated_kind(raw);
			break;
		default:
			break;
	}
}

static bool
is_numbered(const ColumnDef *definition)
{
	ListCell   *cell;

	foreach(cell, definition->constraints)
	{
		if (lfirst_node(Constraint, cell)->contype == CONSTR_IDENTITY)
			return true;
	}
	return definition->typeName && hm_is_serial(definition->typeName);
}

/* A numbered column brings a sequence with it. */
static void
add_sequence(HmWorld *world, HmRelation *relation, const ColumnDef *definition)
{
	RangeVar	name = {.type = T_RangeVar};
	HmRelation *place;

	name.schemaname = relation->schema;
	name.relname = hm_choice_name(relation, list_make1(definition->colname),
								  "seq");
	name.relpersistence = relation->persistence;
	place = hm_world_creation(world, &name);
	if (!place->known || place->gone)
		hm_world_make(world, place, RELKIND_SEQUENCE, relation->persistence);
}

void
hm_apply_add_column(HmWorld *world, HmRelation *relation, ColumnDef *definition)
{
	HmColumn   *column = palloc0(sizeof(HmColumn));
	ListCell   *cell;

	(void) hm_relation_columns(relation);
	column->name = pstrdup(definition->colname);
	column->location = definition->location;
	column->made = world->now;
	column->typmod = -1;
	if (definition->typeName)
	{
		column->type_name = copyObject(definition->typeName);
		column->type = hm_column_type(world, definition->typeName,
									  &column->typmod);
		column->collation = world->catalogs ?
			hm_column_collation(definition, column->type) : InvalidOid;
		if (hm_is_serial(definition->typeName))
			column->has_default = column->not_null = true;
	}
	column->not_null |= definition->is_not_null;
	relation->columns = lappend(relation->columns, column);
	if (is_numbered(definition))
		add_sequence(world, relation, definition);
	foreach(cell, definition->constraints)
	{
		Constraint *raw = lfirst_node(Constraint, cell);

		heed_column_constraint(column, raw);
		hm_apply_add_constraint(world, relation, raw, definition->colname);
	}
}

static void
add_element(HmWorld *world, HmRelation *relation, Node *element)
{
	if (IsA(element, ColumnDef))
		hm_apply_add_column(world, relation, (ColumnDef *) element);
	else if (IsA(element, Constraint))
		hm_apply_add_constraint(world, relation, (Constraint *) element, NULL);
	else if (IsA(element, TableLikeClause))
		hm_apply_like(world, relation, (TableLikeClause *) element);
}

void
hm_apply_create_table(HmWorld *world, CreateStmt *statement)
{
	HmRelation *relation = hm_world_creation(world, statement->relation);
	ListCell   *cell;

	if (relation->known && !relation->gone)
		return;
	relation = hm_world_make(world, relation,
							 IsA(statement, CreateForeignTableStmt) ?
							 RELKIND_FOREIGN_TABLE :
							 statement->partspec ? RELKIND_PARTITIONED_TABLE :
							 RELKIND_RELATION,
							 statement->relation->relpersistence);
	relation->partition = statement->partbound != NULL;
	foreach(cell, statement->inhRelations)
		hm_apply_inherits(world, relation,
						  hm_world_relation(world,
											lfirst_node(RangeVar, cell)));
	foreach(cell, statement->tableElts)
		add_element(world, relation, lfirst(cell));
	foreach(cell, statement->constraints)
		add_element(world, relation, lfirst(cell));
}

/* Columns of a query are not told: it is there, that is all. */
void
hm_apply_create_as(HmWorld *world, IntoClause *into, Node *query, char kind)
{
	HmRelation *relation = hm_world_creation(world, into->rel);

	if (relation->known && !relation->gone)
		return;
	relation = hm_world_make(world, relation, kind,
							 into->rel->relpersistence);
	if (!IsA(query, ExecuteStmt))
		relation->query = copyObject(query);
}
