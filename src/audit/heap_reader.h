/*
 * src/audit/heap_reader.h
 *	  Reads pages of a table that may be damaged, and the tuples on them that
 *	  a snapshot shows.
 *
 * A damaged page or tuple is an answer, never an error or a crash: checksum,
 * page header, line pointers, tuple headers and transaction ids are checked
 * before they are used.  Nothing is written, not even a hint bit, and a page
 * that is not in shared buffers is not brought there.  Each page is copied,
 * so no buffer stays pinned or locked and nobody waits for the reader.
 *
 * An error of the operating system while a page is read is damage; a commit
 * log that cannot be read is still an error.
 */
#ifndef HM_AUDIT_HEAP_READER_H
#define HM_AUDIT_HEAP_READER_H

#include "access/htup_details.h"
#include "audit/damage.h"
#include "storage/block.h"
#include "storage/bufpage.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

typedef struct HmHeapTuple
{
	HeapTupleHeader header;		/* in the reader's copy of the page */
	uint32		length;
	OffsetNumber offset;
} HmHeapTuple;

typedef struct HmItemDamage
{
	HmDamage	damage;
	OffsetNumber offset;		/* InvalidOffsetNumber: the page itself */
} HmItemDamage;

typedef struct HmHeapReader
{
	Relation	relation;
	bool		updated;		/* rows may have been updated */
	Snapshot	snapshot;
	BlockNumber npages;			/* when the reader was opened */

	/* The page that hm_heap_read() was called for last. */
	BlockNumber block;
	char	   *page;
	bool		from_file;		/* it was not in shared buffers */
	int			ntuples;		/* visible, in order of their line pointers */
	int			ndamages;
	HmHeapTuple tuples[MaxHeapTuplesPerPage];
	HmItemDamage damages[MaxHeapTuplesPerPage + 1];

	TransactionId next_xid;		/* as it was when last needed */

	/* Answers of the commit log are asked for once. */
	TransactionId known_xid;
	bool		known_committed;
} HmHeapReader;

/*
 * relation must stay open as long as the reader.  A file that is not there
 * has no pages, and *damage says so.  Lives in the current memory context.
 */
extern HmHeapReader *hm_heap_open(Relation relation, Snapshot snapshot,
								  HmDamage *damage);
extern void hm_heap_read(HmHeapReader *reader, BlockNumber block);
extern void hm_heap_close(HmHeapReader *reader);

/*
 * Only the page, checked as far as its header, for what is no heap.  The
 * copy is BLCKSZ bytes that hm_page_allocate() returned.
 */
extern char *hm_page_allocate(void);
extern HmDamage hm_page_read(Relation relation, BlockNumber block,
							 char *page, bool *from_file);
extern HmDamage hm_page_count(Relation relation, BlockNumber *npages);

#endif							/* HM_AUDIT_HEAP_READER_H */
