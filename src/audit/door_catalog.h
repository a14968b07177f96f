/*
 * src/audit/door_catalog.h
 *	  Rows of system catalogs that are written by hand.
 *
 * What a row of ours says must not change, nor may a row be added to what it
 * says; what a row of others says is no matter of the door.  So most catalogs
 * are watched: while a query writes one, what it has written is looked at
 * before anything else is executed, and when it is done.  Two things can not
 * be judged by the rows, and are refused before the query begins:
 *
 *	- a few catalogs are closed, because their rows are not of one object: of
 *	  the cluster's roles, which matter to the record of every database, and of
 *	  operators, casts and the like, which matter to whoever uses them;
 *	- in pg_class, to insert and to say in which files a relation is: what is
 *	  done to the files of another relation is not undone by an abort.
 *
 * Rows are told by who wrote them: this transaction, since the query began.
 * No other session is in the way, and what the row said before, or what it is
 * found by, does not matter.
 */
#ifndef HM_AUDIT_DOOR_CATALOG_H
#define HM_AUDIT_DOOR_CATALOG_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "audit/belongings.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

#define HM_CATALOG_KEYS 3

/* A column with the OID of an object that the row is about. */
typedef struct HmCatalogKey
{
	AttrNumber	object;			/* 0: no more */
	Oid			class_id;
	AttrNumber	class_column;	/* has the class, if that is 0 */
	bool		server;			/* what initdb made counts as ours does */
} HmCatalogKey;

typedef struct HmWatchedCatalog
{
	Oid			catalog;
	HmCatalogKey keys[HM_CATALOG_KEYS];
} HmWatchedCatalog;

/* Closed or watched. */
extern bool hm_door_is_catalog(Oid relid);

/* NULL: it is not watched. */
extern const HmWatchedCatalog *hm_door_watched(Oid relid);

extern bool hm_door_row_is_ours(const HmWatchedCatalog *watched,
								HeapTuple row, TupleDesc desc,
								const HmBelongings *ours, bool server);

/* Whether all that the query changes in pg_class is estimates. */
extern bool hm_door_only_estimates(const PlannedStmt *query,
								   RangeTblEntry *table);

/* Raises when it writes what can not be judged by the rows. */
extern void hm_door_check_catalog(const PlannedStmt *query,
								  RangeTblEntry *table);

#endif							/* HM_AUDIT_DOOR_CATALOG_H */
