/*
 * src/lint/world.h
 *	  The schema as a statement of the plan will meet it: what the catalogs say,
 *	  changed by all statements that come before.
 *
 * A world begins as the database and is changed by hm_world_apply(), statement
 * by statement.  Nothing is executed, written, or locked longer than a look
 * takes.  What is found is loaded once and then belongs to the world.
 *
 * A world without catalogs (of a text alone) knows only what the text makes.
 * So does any world of what it cannot tell: such things are not `known`, and
 * rules then judge by the text.
 *
 * All of it lives in the memory context that was current when it was made,
 * and needs a transaction; names mean what search_path makes of them while it
 * is asked.
 */
#ifndef HM_LINT_WORLD_H
#define HM_LINT_WORLD_H

#include "nodes/parsenodes.h"
#include "storage/lockdefs.h"
#include "utils/hsearch.h"

/* The statement that made something; nothing of the plan: HM_NOT_MADE. */
typedef struct HmMade
{
	int			migration;		/* number in the plan, from 1; 0: not made */
	int			statement;		/* number in its text, from 1 */
	int			transaction;	/* number in the plan, from 1 */
} HmMade;

struct HmRelation;
struct HmRetype;
struct HmWorld;

typedef struct HmColumn
{
	char	   *name;
	AttrNumber	number;			/* in the catalog, 0: made by the plan */
	Oid			type;			/* InvalidOid: not told by the catalogs */
	int32		typmod;
	Oid			collation;
	TypeName   *type_name;		/* as written, of what the plan makes */
	bool		not_null;
	bool		has_default;
	Node	   *default_tree;	/* raw, of what the plan makes */
	char		identity;		/* as in pg_attribute */
	char		generated;
	HmMade		made;
	int			location;		/* in the text that made it, or -1 */
} HmColumn;

typedef struct HmConstraint
{
	char	   *name;			/* NULL: the server will choose one */
	char		kind;			/* as pg_constraint.contype */
	Oid			oid;			/* InvalidOid: made by the plan */
	bool		validated;
	bool		deferrable;
	List	   *columns;		/* of char *, of check constraints those that
								 * it mentions */
	Node	   *raw;			/* the Constraint, of what the plan makes */
	char	   *target;			/* of a foreign key: the other table, as shown */
	List	   *target_columns; /* of char * */
	char	   *index;			/* name of the index behind it, or NULL */
	HmMade		made;
	HmMade		validated_at;	/* by the plan */
} HmConstraint;

typedef struct HmIndex
{
	char	   *name;			/* NULL: the server will choose one */
	Oid			oid;			/* InvalidOid: made by the plan */
	struct HmRelation *table;
	char	   *method;
	bool		unique;
	bool		primary;
	bool		valid;
	bool		partial;
	bool		concurrent;		/* made by CONCURRENTLY */
	List	   *columns;		/* of char *, NULL for an expression */
	List	   *included;		/* of char * */
	bool		nulls_not_distinct;
	char	   *definition;		/* from the catalogs, NULL: made by the plan */
	IndexStmt  *raw;			/* of what the plan makes */
	HmMade		made;
} HmIndex;

typedef struct HmRelation
{
	char	   *schema;			/* NULL: not told */
	char	   *name;
	char	   *display;		/* quoted where need be */
	struct HmWorld *world;
	bool		known;			/* the catalogs or the plan have it */
	bool		gone;			/* dropped by the plan, or not there */
	bool		temporary;
	Oid			oid;			/* InvalidOid unless the catalogs have it */
	char		kind;			/* as pg_class.relkind; 0: not known */
	char		persistence;
	bool		partition;
	bool		populated;		/* a materialized view has been filled */
	bool		row_security;
	bool		forced_row_security;
	char		replica_identity;
	Oid			method;			/* access method, InvalidOid: made by the plan */
	Oid			tablespace;		/* InvalidOid: the database's */
	HmMade		made;
	HmMade		emptied;		/* by TRUNCATE */

	/* Of those that the catalogs have; rows is -1 when not known. */
	double		rows;
	int64		bytes;
	bool		busy;

	/* Loaded when they are asked for: use the functions. */
	bool		columns_loaded;
	bool		constraints_loaded;
	bool		indexes_loaded;
	bool		size_loaded;
	List	   *columns;		/* of HmColumn * */
	List	   *constraints;	/* of HmConstraint * */
	List	   *indexes;		/* of HmIndex * */

	/* A view or materialized view that the plan makes. */
	Node	   *query;			/* raw */
	bool		query_read;
	List	   *query_tables;	/* of RangeVar *, once query_read */

	/* Triggers and policies that the plan has dropped: of char *. */
	List	   *parts_gone;

	/* An index: what it is to its table. */
	HmIndex    *index;

	/* The last migration that made it or added to it. */
	int			changed;
	bool		more;			/* it has parts that are not known: LIKE of
								 * what is not known */

	/* Rules that have a finding of it as a whole, in that migration. */
	List	   *said;			/* of HmLintRule * */
	int			said_in;

	/* The strongest lock that the present transaction has on it. */
	LOCKMODE	held;
	HmMade		held_since;
} HmRelation;

typedef struct HmType
{
	char	   *schema;
	char	   *name;
	char		kind;			/* as pg_type.typtype; 0: not known */
	Oid			oid;			/* InvalidOid unless the catalogs have it */
	bool		gone;
	bool		constrained;	/* a domain that checks something */
	TypeName   *base;			/* of a domain that the plan makes */
	List	   *labels;			/* of char *, of an enum that the plan makes
								 * or adds to */
	List	   *added_labels;	/* of char *, by the present transaction */
	HmMade		made;
} HmType;

typedef struct HmRoutine
{
	char	   *schema;
	char	   *name;
	CreateFunctionStmt *raw;
	char		provolatile;
	bool		gone;
	bool		looked_at;		/* now: it calls itself */
	HmMade		made;
} HmRoutine;

/*
 * Sees each statement before it is applied, those inside of DO blocks, too,
 * and the locks that it takes, see lock_level.h.
 */
typedef void (*HmWorldWatch) (struct HmWorld *world, Node *statement,
							  List *locks, int line, void *argument);

typedef struct HmWorld
{
	MemoryContext context;
	bool		catalogs;		/* false: a text alone */
	bool		impartial;		/* statistics are looked at whoever asks: what
								 * is found is not shown to whom they would
								 * not be told */
	HTAB	   *relations;		/* by schema and name */
	List	   *types;			/* of HmType * that the plan makes or changes */
	List	   *routines;		/* of HmRoutine * that the plan makes */
	List	   *routines_gone;	/* of char *: names of others that it drops */
	List	   *schemas_made;	/* of char * */
	List	   *schemas_gone;	/* of char * */
	List	   *touched;		/* of HmRelation * with a lock held */
	List	   *changed;		/* of HmRelation *: what this migration has
								 * made or altered so far, each once */
	HmMade		now;			/* the statement that is being looked at */
	bool		labels_added;	/* to any of the types, by the transaction */

	/* retype.c: what it said last, of which command of the statement now. */
	const AlterTableCmd *retyped_command;
	HmMade		retyped_at;
	struct HmRetype *retyped;
	HmWorldWatch watch;			/* or NULL */
	void	   *watch_argument;
} HmWorld;

extern HmWorld *hm_world_create(bool catalogs);

/*
 * The next migration, the next transaction, the next statement.  Statements
 * are applied after they were judged.
 */
extern void hm_world_begin_migration(HmWorld *world);
extern void hm_world_begin_transaction(HmWorld *world);
extern void hm_world_begin_statement(HmWorld *world, int number);
extern void hm_world_apply(HmWorld *world, Node *statement);

/* An element of CREATE SCHEMA as a statement of its own. */
extern Node *hm_world_element(const CreateSchemaStmt *schema, Node *element);

/*
 * Never NULL: what is in neither is not `known`.  hm_world_relation() gives
 * what the name means, hm_world_creation() what CREATE would make: it may
 * exist already.
 */
extern HmRelation *hm_world_relation(HmWorld *world, const RangeVar *name);
extern HmRelation *hm_world_creation(HmWorld *world, const RangeVar *name);

/* By the list of names that DROP and COMMENT have. */
extern HmRelation *hm_world_relation_named(HmWorld *world, List *names);

/* Of the catalogs; NULL when there is none of that number. */
extern HmRelation *hm_world_relation_of(HmWorld *world, Oid relid);

/* Of HmRelation *: all that were asked for so far, gone or not. */
extern List *hm_world_relations(HmWorld *world);

/* NULL: not known by that name. */
extern HmIndex *hm_world_index(HmWorld *world, const RangeVar *name);
extern HmType *hm_world_type(HmWorld *world, const TypeName *name);
extern HmRoutine *hm_world_routine(HmWorld *world, List *names);
extern bool hm_world_schema_exists(HmWorld *world, const char *name);

/* By the plan. */
extern bool hm_world_schema_made(HmWorld *world, const char *name);

/* What a relation has; empty when it is not known. */
extern List *hm_relation_columns(HmRelation *relation);
extern List *hm_relation_constraints(HmRelation *relation);
extern List *hm_relation_indexes(HmRelation *relation);
extern HmColumn *hm_relation_column(HmRelation *relation, const char *name);
extern HmConstraint *hm_relation_constraint(HmRelation *relation,
											const char *name);
extern HmConstraint *hm_relation_primary_key(HmRelation *relation);
extern bool hm_relation_has_valid_check(HmRelation *relation);

/*
 * NOT NULL, and not one that was declared NOT VALID and not validated since,
 * as 18 allows it.
 */
extern bool hm_column_never_null(HmRelation *relation, const HmColumn *column);

/* An estimate from pages and statistics; -1 when not known. */
extern double hm_relation_rows(HmRelation *relation);
extern bool hm_relation_busy(HmRelation *relation);

/* There is surely nothing in it: no pages, or made or emptied by the plan. */
extern bool hm_relation_empty(HmRelation *relation);

static inline bool
hm_made(HmMade made)
{
	return made.migration > 0;
}

/* Made by the transaction that is being looked at. */
static inline bool
hm_made_now(const HmWorld *world, HmMade made)
{
	return hm_made(made) && made.transaction == world->now.transaction;
}

#endif							/* HM_LINT_WORLD_H */
