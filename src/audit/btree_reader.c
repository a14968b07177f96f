/*
 * src/audit/btree_reader.c
 *	  Walks the leaf pages of a btree index that may be damaged.
 */
#include "postgres.h"

#include "access/itup.h"
#include "access/nbtree.h"
#include "audit/btree_reader.h"
#include "audit/heap_reader.h"
#include "miscadmin.h"

/* No tree of pages is higher. */
#define MAX_LEVELS 40

#define READ_ATTEMPTS 3
#define READ_PAUSE 1000			/* microseconds */

typedef struct Walk
{
	Relation	index;
	int			nnumbers;
	HmBtreeVisit visit;
	void	   *state;
	char	   *page;
	bool		has_last;
	HmBtreeKey	last;
	const char *problem;		/* static, or palloc'd */
	int64	   *npages;
} Walk;

static bool
fail(Walk *walk, const char *problem)
{
	walk->problem = problem;
	return false;
}

static bool
page_is_sound(Page page)
{
	return !PageIsNew(page) &&
		PageGetSpecialSize(page) == MAXALIGN(sizeof(BTPageOpaqueData));
}

static bool
read_page(Walk *walk, BlockNumber block)
{
	HmDamage	damage = HM_DAMAGE_NONE;
	bool		from_file;

	(*walk->npages)++;
	for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++)
	{
		damage = hm_page_read(walk->index, block, walk->page, &from_file);
		if (damage == HM_DAMAGE_NONE && !page_is_sound((Page) walk->page))
			damage = HM_DAMAGE_PAGE_HEADER;
		if (damage == HM_DAMAGE_NONE || !from_file)
			break;
		pg_usleep(READ_PAUSE);
	}
	if (damage == HM_DAMAGE_NONE)
		return true;
	return fail(walk, psprintf("page %u %s", block, hm_damage_text(damage)));
}

/* NULL where the item is out of bounds. */
static IndexTuple
get_item(Walk *walk, OffsetNumber offset)
{
	PageHeader	header = (PageHeader) walk->page;
	ItemId		item = PageGetItemId((Page) walk->page, offset);
	uint32		start = ItemIdGetOffset(item);
	uint32		length = ItemIdGetLength(item);
	IndexTuple	tuple;

	if (start != MAXALIGN(start) || start < header->pd_upper ||
		start + length > header->pd_special || length < sizeof(IndexTupleData))
		return NULL;
	tuple = (IndexTuple) (walk->page + start);
	return IndexTupleSize(tuple) <= length ? tuple : NULL;
}

static bool
read_key(Walk *walk, IndexTuple tuple, HmBtreeKey *key)
{
	Size		size = sizeof(pg_uuid_t) + walk->nnumbers * sizeof(int64);
	const char *data = (const char *) tuple +
	MAXALIGN(sizeof(IndexTupleData));

	if (IndexTupleHasNulls(tuple) ||
		IndexTupleSize(tuple) < MAXALIGN(sizeof(IndexTupleData)) + size)
		return false;
	memset(key, 0, sizeof(*key));
	memcpy(&key->id, data, sizeof(pg_uuid_t));
	memcpy(key->numbers, data + sizeof(pg_uuid_t),
		   walk->nnumbers * sizeof(int64));
	return true;
}

int
hm_btree_compare(const HmBtreeKey *one, const HmBtreeKey *other, int nnumbers)
{
	int			order = memcmp(&one->id, &other->id, sizeof(one->id));

	for (int i = 0; i < nnumbers && order == 0; i++)
		order = one->numbers[i] < other->numbers[i] ? -1 :
			one->numbers[i] > other->numbers[i];
	return order;
}

static bool
visit_posting_list(Walk *walk, IndexTuple tuple, const HmBtreeKey *key)
{
	uint32		start = BTreeTupleGetPostingOffset(tuple);
	uint32		count = BTreeTupleGetNPosting(tuple);

	if (start != MAXALIGN(start) ||
		start + count * sizeof(ItemPointerData) > IndexTupleSize(tuple))
		return fail(walk, "has a damaged posting list");
	for (uint32 i = 0; i < count; i++)
		walk->visit(walk->state, key, BTreeTupleGetPostingN(tuple, i));
	return true;
}

static bool
visit_item(Walk *walk, BlockNumber block, OffsetNumber offset)
{
	IndexTuple	tuple = get_item(walk, offset);
	HmBtreeKey	key;

	if (tuple == NULL || BTreeTupleIsPivot(tuple) ||
		!read_key(walk, tuple, &key))
		return fail(walk, psprintf("page %u, item %u is damaged", block,
								   offset));
	if (walk->has_last &&
		hm_btree_compare(&walk->last, &key, walk->nnumbers) > 0)
		return fail(walk, psprintf("page %u, item %u is out of order", block,
								   offset));
	walk->last = key;
	walk->has_last = true;
	if (BTreeTupleIsPosting(tuple))
		return visit_posting_list(walk, tuple, &key);
	walk->visit(walk->state, &key, &tuple->t_tid);
	return true;
}

static bool
visit_leaves(Walk *walk, BlockNumber block, BlockNumber npages)
{
	for (BlockNumber count = 0; block != P_NONE; count++)
	{
		Page		page = (Page) walk->page;
		BTPageOpaque opaque;

		CHECK_FOR_INTERRUPTS();
		/* Pages may be added to the right while we walk, but not so many. */
		if (count > npages * (uint64) 2 + 1000)
			return fail(walk, "leaf pages follow each other in a circle");
		if (!read_page(walk, block))
			return false;
		opaque = BTPageGetOpaque(page);
		if (!P_IGNORE(opaque))
		{
			if (!P_ISLEAF(opaque))
				return fail(walk, psprintf("page %u is not a leaf page",
										   block));
			for (OffsetNumber offset = P_FIRSTDATAKEY(opaque);
				 offset <= PageGetMaxOffsetNumber(page); offset++)
			{
				if (!visit_item(walk, block, offset))
					return false;
			}
		}
		block = opaque->btpo_next;
	}
	return true;
}

/* From the root to the leftmost leaf page. */
static bool
descend(Walk *walk, BlockNumber *block)
{
	for (int level = 0; level < MAX_LEVELS; level++)
	{
		BTPageOpaque opaque;
		IndexTuple	tuple;

		if (!read_page(walk, *block))
			return false;
		opaque = BTPageGetOpaque((Page) walk->page);
		if (P_ISLEAF(opaque))
			return true;
		if (P_IGNORE(opaque))
		{
			*block = opaque->btpo_next;
			continue;
		}
		if (PageGetMaxOffsetNumber((Page) walk->page) < P_FIRSTDATAKEY(opaque))
			return fail(walk, psprintf("page %u is empty", *block));
		tuple = get_item(walk, P_FIRSTDATAKEY(opaque));
		if (tuple == NULL)
			return fail(walk, psprintf("page %u is damaged", *block));
		*block = BTreeTupleGetDownLink(tuple);
	}
	return fail(walk, "its pages are linked in a circle");
}

static bool
read_root(Walk *walk, BlockNumber *root)
{
	BTMetaPageData *meta;

	if (!read_page(walk, BTREE_METAPAGE))
		return false;
	meta = BTPageGetMeta((Page) walk->page);
	if (!P_ISMETA(BTPageGetOpaque((Page) walk->page)) ||
		meta->btm_magic != BTREE_MAGIC)
		return fail(walk, "does not begin as an index does");
	*root = meta->btm_root;
	return true;
}

const char *
hm_btree_walk(Relation index, int nnumbers, HmBtreeVisit visit, void *state,
			  int64 *npages)
{
	Walk		walk = {index, nnumbers, visit, state};
	BlockNumber count;
	BlockNumber block;

	walk.page = hm_page_allocate();
	walk.npages = npages;
	if (hm_page_count(index, &count) != HM_DAMAGE_NONE || count == 0)
		return "has no file";
	if (read_root(&walk, &block) && block != P_NONE &&
		descend(&walk, &block))
		visit_leaves(&walk, block, count);
	return walk.problem;
}
