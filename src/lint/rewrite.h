/*
 * src/lint/rewrite.h
 *	  How much work a command of ALTER TABLE is: whether it rewrites the table,
 *	  builds its indexes anew, reads all of it, or only changes the catalogs.
 *
 * Decided as the server decides it, from the world before the statement; the
 * table is not touched.
 */
#ifndef HM_LINT_REWRITE_H
#define HM_LINT_REWRITE_H

#include "lint/world.h"

/* In the order of their weight. */
typedef enum HmWorkKind
{
	HM_WORK_NONE,				/* catalogs only */
	HM_WORK_SCAN,				/* all rows are read */
	HM_WORK_INDEXES,			/* an index is built */
	HM_WORK_REWRITE				/* all rows are written, all indexes built */
} HmWorkKind;

typedef struct HmWork
{
	HmWorkKind	kind;
	bool		sure;			/* false: judged by the text */
	const char *reason;			/* a clause: "the default is volatile"; NULL
								 * with HM_WORK_NONE */
} HmWork;

/* What the rows that are there get in a column that is added. */
typedef enum HmNewValue
{
	HM_VALUE_NULL,				/* nothing is written */
	HM_VALUE_STORED_ONCE,		/* the same for all: kept in the catalogs */
	HM_VALUE_COMPUTED,			/* generated, when it is read */
	HM_VALUE_NUMBERED,			/* serial, identity */
	HM_VALUE_GENERATED,			/* and stored */
	HM_VALUE_CHECKED,			/* by a domain */
	HM_VALUE_VOLATILE,			/* each its own default */
	HM_VALUE_UNKNOWN			/* the default may be volatile */
} HmNewValue;

/* What ALTER COLUMN ... TYPE does to the column and to what hangs on it. */
typedef struct HmRetype
{
	HmWork		work;
	Oid			type;			/* the new one; InvalidOid: not known */
	List	   *indexes;		/* of char *: built anew, though the table is
								 * not written */
	List	   *checks;			/* of char *: constraints checked again */
	List	   *keys;			/* of char *: foreign keys checked again, "fk
								 * on public.t" */
} HmRetype;

static inline HmWork
hm_work_make(HmWorkKind kind, bool sure, const char *reason)
{
	HmWork		work;

	work.kind = kind;
	work.sure = sure;
	work.reason = reason;
	return work;
}

/*
 * Of one command; statement is the whole that it is a part of: its passes
 * come in the server's order, what it drops is gone before.
 */
extern HmWork hm_work_of_command(HmRelation *relation,
								 const AlterTableStmt *statement,
								 const AlterTableCmd *command);

/* Of ADD COLUMN. */
extern HmNewValue hm_new_value(HmWorld *world, const ColumnDef *column);

/* Of a constraint in ALTER TABLE; column is that it stands in, or NULL. */
extern HmWork hm_work_of_constraint(HmRelation *relation,
									const AlterTableStmt *statement,
									const Constraint *constraint,
									const ColumnDef *column);

/*
 * Of any statement, on the one relation that it is about, which is NULL if
 * there is none.
 */
extern HmWork hm_work_of_statement(HmWorld *world, Node *statement,
								   HmRelation **relation);

/* Of ALTER COLUMN ... TYPE. */
extern HmRetype hm_retype_of(HmRelation *relation,
							 const AlterTableStmt *statement,
							 const AlterTableCmd *command);

/* Names of the constraints that the statement drops. */
extern List *hm_dropped_constraints(const AlterTableStmt *statement);

#endif							/* HM_LINT_REWRITE_H */
