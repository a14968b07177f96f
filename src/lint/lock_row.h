/*
 * src/lint/lock_row.h
 *	  The locks of a text, statement by statement, as people are told.
 *
 *		HmLockRows	locks = {.context = CurrentMemoryContext};
 *
 *		wish.watch = hm_lock_rows_watch; wish.argument = &locks;
 */
#ifndef HM_LINT_LOCK_ROW_H
#define HM_LINT_LOCK_ROW_H

#include "lint/lock_level.h"

/* A lock of a statement, and what it had been on before. */
typedef struct HmLockRow
{
	int			statement_no;
	int			line;
	char	   *relation;		/* as it is called before the statement */
	HmLockTaken taken;
	bool		made;
	LOCKMODE	held;
} HmLockRow;

/* All of them outlive the text that they are of. */
typedef struct HmLockRows
{
	MemoryContext context;
	List	   *rows;			/* of HmLockRow * */
} HmLockRows;

/*
 * A HmWorldWatch; argument is the HmLockRows.  A statement that contains
 * others has the strongest lock of all of them.
 */
extern void hm_lock_rows_watch(HmWorld *world, Node *statement,
							   List *locks, int line, void *argument);

/* "reads and writes", "writes", "nothing". */
extern const char *hm_lock_row_blocks(const HmLockRow *row);

/* "to the end", "between phases". */
extern const char *hm_lock_row_lasts(const HmLockRow *row);

extern const char *hm_lock_row_reason(const HmLockRow *row);

/* An estimate; -1 when not known. */
extern double hm_lock_row_rows(const HmLockRow *row);

#endif							/* HM_LINT_LOCK_ROW_H */
