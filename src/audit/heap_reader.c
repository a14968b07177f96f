/*
 * src/audit/heap_reader.c
 *	  The tuples of a page that a snapshot shows, checked before they are read.
 */
#include "postgres.h"

#include "access/subtrans.h"
#include "access/transam.h"
#include "access/xact.h"
#include "audit/heap_reader.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "storage/itemptr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* A page read from the file while somebody wrote it is read again. */
#define READ_ATTEMPTS 3
#define READ_PAUSE 1000			/* microseconds */

/* Rows of these change; those of all others are there or are not. */
static bool
is_updated(Oid table)
{
	return table == hm_relation_find(HM_RELATION_AUDIT_STATE) ||
		table == hm_relation_find(HM_RELATION_AUDIT_EPOCH);
}

HmHeapReader *
hm_heap_open(Relation relation, Snapshot snapshot, HmDamage *damage)
{
	HmHeapReader *reader = palloc0(sizeof(HmHeapReader));

	reader->relation = relation;
	reader->updated = is_updated(RelationGetRelid(relation));
	reader->snapshot = snapshot;
	reader->page = hm_page_allocate();
	reader->block = InvalidBlockNumber;
	reader->next_xid = XidFromFullTransactionId(ReadNextFullTransactionId());
	*damage = hm_page_count(relation, &reader->npages);
	return reader;
}

/*
 * The page is left to its memory context, its start is not what was palloc'd.
 */
void
hm_heap_close(HmHeapReader *reader)
{
	pfree(reader);
}

static void
add_damage(HmHeapReader *reader, OffsetNumber offset, HmDamage damage)
{
	HmItemDamage *item = &reader->damages[reader->ndamages++];

	item->damage = damage;
	item->offset = offset;
}

/* Ids that the commit log can be asked about. */
static bool
xid_is_possible(HmHeapReader *reader, TransactionId xid)
{
	if (!TransactionIdIsNormal(xid))
		return false;
	if (!TransactionIdPrecedes(xid, reader->next_xid))
		reader->next_xid =
			XidFromFullTransactionId(ReadNextFullTransactionId());
	return TransactionIdPrecedes(xid, reader->next_xid) &&
		!TransactionIdPrecedes(xid, hm_compat_oldest_xid());
}

static bool
committed(HmHeapReader *reader, TransactionId xid)
{
	if (reader->known_xid != xid)
	{
		reader->known_committed = TransactionIdDidCommit(xid);
		reader->known_xid = xid;
	}
	return reader->known_committed;
}

/*
 * The rules of HeapTupleSatisfiesMVCC(), without its hint bits and for ids
 * that may be anything.
 */
static HmDamage
inserted(HmHeapReader *reader, HeapTupleHeader header, bool *visible)
{
	TransactionId xmin = HeapTupleHeaderGetRawXmin(header);

	*visible = true;
	if (HeapTupleHeaderXminFrozen(header))
		return HM_DAMAGE_NONE;
	if (HeapTupleHeaderXminInvalid(header))
		*visible = false;
	else if (!xid_is_possible(reader, xmin))
		return HM_DAMAGE_XMIN;
	else if (!HeapTupleHeaderXminCommitted(header) &&
			 TransactionIdIsCurrentTransactionId(xmin))
		/* A combined command id: we have also deleted it. */
		*visible = !(header->t_infomask & HEAP_COMBOCID) &&
			HeapTupleHeaderGetRawCommandId(header) <
			reader->snapshot->curcid;
	else if (XidInMVCCSnapshot(xmin, reader->snapshot))
		*visible = false;
	else if (!HeapTupleHeaderXminCommitted(header))
		*visible = committed(reader, xmin);
	return HM_DAMAGE_NONE;
}

static HmDamage
deleted(HmHeapReader *reader, HeapTupleHeader header, bool *visible)
{
	TransactionId xmax = HeapTupleHeaderGetRawXmax(header);

	*visible = true;
	if ((header->t_infomask & HEAP_XMAX_INVALID) ||
		HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask))
		return HM_DAMAGE_NONE;
	if (xmax == InvalidTransactionId &&
		!(header->t_infomask & HEAP_XMAX_COMMITTED))
		return HM_DAMAGE_NONE;
	/* More than one locker of a row that is updated: not on our tables. */
	if ((header->t_infomask & HEAP_XMAX_IS_MULTI) || !xid_is_possible(reader, xmax))
		return HM_DAMAGE_XMAX;
	if (header->t_infomask & HEAP_XMAX_COMMITTED)
		*visible = XidInMVCCSnapshot(xmax, reader->snapshot);
	else if (TransactionIdIsCurrentTransactionId(xmax))
		*visible = HeapTupleHeaderGetRawCommandId(header) >=
			reader->snapshot->curcid;
	else
		*visible = XidInMVCCSnapshot(xmax, reader->snapshot) ||
			!committed(reader, xmax);
	return HM_DAMAGE_NONE;
}

static HmDamage
check_header(HeapTupleHeader header, uint32 length)
{
	int			natts = HeapTupleHeaderGetNatts(header);
	uint32		start = SizeofHeapTupleHeader;

	if (header->t_infomask & HEAP_HASNULL)
		start += BITMAPLEN(natts);
	if (header->t_hoff != MAXALIGN(start) || header->t_hoff > length)
		return HM_DAMAGE_TUPLE_HEADER;
	/* Moved by VACUUM FULL of 8.4. */
	if (header->t_infomask & HEAP_MOVED)
		return HM_DAMAGE_TUPLE_FLAGS;
	return HM_DAMAGE_NONE;
}

static HmDamage
read_item(HmHeapReader *reader, OffsetNumber offset, bool all_visible)
{
	PageHeader	page = (PageHeader) reader->page;
	ItemId		item = PageGetItemId((Page) reader->page, offset);
	uint32		start = ItemIdGetOffset(item);
	uint32		length = ItemIdGetLength(item);
	HeapTupleHeader header;
	HmDamage	damage;
	bool		visible;

	if (!ItemIdHasStorage(item))
		return ItemIdIsRedirected(item) && !reader->updated ?
			HM_DAMAGE_REDIRECT : HM_DAMAGE_NONE;
	if (start != MAXALIGN(start) || start < page->pd_upper ||
		start + length > page->pd_special || length < SizeofHeapTupleHeader)
		return HM_DAMAGE_LINE_POINTER;
	if (ItemIdIsDead(item))
		return HM_DAMAGE_NONE;
	header = (HeapTupleHeader) (reader->page + start);
	damage = check_header(header, length);
	if (damage == HM_DAMAGE_NONE)
		damage = inserted(reader, header, &visible);
	if (damage == HM_DAMAGE_NONE && visible)
		damage = deleted(reader, header, &visible);
	if (damage != HM_DAMAGE_NONE)
		return damage;
	if (all_visible && !visible)
		return HM_DAMAGE_ALL_VISIBLE;
	if (visible)
	{
		HmHeapTuple *tuple = &reader->tuples[reader->ntuples++];

		tuple->header = header;
		tuple->length = length;
		tuple->offset = offset;
	}
	return HM_DAMAGE_NONE;
}

static void
read_items(HmHeapReader *reader)
{
	Page		page = (Page) reader->page;
	int			nitems = PageIsNew(page) ? 0 : PageGetMaxOffsetNumber(page);
	bool		all_visible = nitems > 0 && PageIsAllVisible(page) &&
	!reader->snapshot->takenDuringRecovery;

	if (nitems > MaxHeapTuplesPerPage)
	{
		add_damage(reader, InvalidOffsetNumber, HM_DAMAGE_PAGE_HEADER);
		return;
	}
	for (OffsetNumber offset = 1; offset <= nitems; offset++)
	{
		HmDamage	damage = read_item(reader, offset, all_visible);

		if (damage != HM_DAMAGE_NONE)
			add_damage(reader, offset, damage);
	}
}

void
hm_heap_read(HmHeapReader *reader, BlockNumber block)
{
	reader->block = block;
	for (int attempt = 1; attempt <= READ_ATTEMPTS; attempt++)
	{
		HmDamage	damage = hm_page_read(reader->relation, block,
										  reader->page, &reader->from_file);

		reader->ntuples = 0;
		reader->ndamages = 0;
		if (damage == HM_DAMAGE_NONE)
			read_items(reader);
		else
			add_damage(reader, InvalidOffsetNumber, damage);
		if (reader->ndamages == 0 || !reader->from_file)
			return;
		pg_usleep(READ_PAUSE);
	}
}
