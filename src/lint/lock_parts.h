/*
 * src/lint/lock_parts.h
 *	  What the files about lock levels have between them: lock_level.c (which
 *	  statement is which file's), lock_query.c (what is read and written),
 *	  lock_table.c (CREATE and ALTER TABLE), lock_drop.c (DROP, and what goes
 *	  with it), lock_command.c (all others).
 */
#ifndef HM_LINT_LOCK_PARTS_H
#define HM_LINT_LOCK_PARTS_H

#include "lint/lock_level.h"

typedef struct HmLockList
{
	HmWorld    *world;
	bool		between;		/* what is added is let go between phases */
	List	   *taken;			/* of HmLockTaken * */
	List	   *views;			/* of HmRelation *: being looked behind */
} HmLockList;

/* Why. */
#define HM_LOCK_NAMED		NULL
#define HM_LOCK_CHILD		"a partition or child of it"
#define HM_LOCK_PARENT		"the parent of it"
#define HM_LOCK_DEFAULT		"the default partition beside it"
#define HM_LOCK_KEY			"a foreign key leads there"
#define HM_LOCK_KEY_FROM	"a foreign key comes from there"
#define HM_LOCK_READ		"it is read"
#define HM_LOCK_VIEW		"a view that is read shows it"
#define HM_LOCK_GOES		"it goes too, or what depends does"
#define HM_LOCK_OWNED		"a sequence that belongs to it"
#define HM_LOCK_TABLE		"the table of it"

/* What is gone, or a system catalog, is left out. */
extern void hm_lock_add(HmLockList *list, HmRelation *relation,
						LOCKMODE mode, const char *why);
extern void hm_lock_add_oid(HmLockList *list, Oid relid, LOCKMODE mode,
							const char *why);

/* What hangs below it in the catalogs, itself not included. */
extern void hm_lock_add_children(HmLockList *list, HmRelation *relation,
								 LOCKMODE mode);

/* The relation that is named, with what hangs below it unless ONLY. */
extern HmRelation *hm_lock_add_named(HmLockList *list, const RangeVar *name,
									 LOCKMODE mode);

/* A query or a statement that writes; an expression with queries in it. */
extern void hm_lock_query(HmLockList *list, Node *query);

/* The same where it is only understood and stored: not behind views. */
extern void hm_lock_stored_query(HmLockList *list, Node *query);

/* What a view shows, itself not included. */
extern void hm_lock_behind_view(HmLockList *list, HmRelation *view,
								LOCKMODE mode);

extern void hm_lock_create_table(HmLockList *list, Node *node);
extern void hm_lock_alter_table(HmLockList *list, Node *node);
extern void hm_lock_owned_sequences(HmLockList *list, HmRelation *relation,
									LOCKMODE mode);

extern void hm_lock_drop(HmLockList *list, Node *node);

/* What DROP of that object or column would take along. */
extern void hm_lock_dependents(HmLockList *list, Oid class_id, Oid object,
							   int32 part, bool cascade);

/* Foreign keys that lead to the relation or the column of it. */
extern void hm_lock_referencing(HmLockList *list, HmRelation *relation,
								AttrNumber column, LOCKMODE mode);

/* Foreign keys that lead from it. */
extern void hm_lock_referenced(HmLockList *list, HmRelation *relation,
							   LOCKMODE mode);

/* lock_command.c: NULL where such statements take no lock. */
typedef void (*HmLockTeller) (HmLockList *list, Node *node);
extern HmLockTeller hm_lock_teller_of(NodeTag tag);

#endif							/* HM_LINT_LOCK_PARTS_H */
