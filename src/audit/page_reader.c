/*
 * src/audit/page_reader.c
 *	  Copies of pages, from shared buffers or from the file, header checked.
 *
 * A page in shared buffers is what everybody sees; it is copied under a share
 * lock.  One that is not there is read from its file past the buffers,
 * because a failed read through them cannot be caught without a
 * subtransaction, which parallel workers must not have.  Whatever changed
 * such a page before the caller's snapshot was taken has been written out,
 * for a changed page leaves the buffers only that way.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/heap_reader.h"
#include "base/compat.h"
#include "storage/bufmgr.h"
#include "storage/checksum.h"
#include "storage/smgr.h"
#include "utils/rel.h"

#define IO_ALIGNMENT 4096

static const char *const damage_texts[] = {
	[HM_DAMAGE_NONE] = "is sound",
	[HM_DAMAGE_UNREADABLE] = "could not be read",
	[HM_DAMAGE_CHECKSUM] = "has a wrong checksum",
	[HM_DAMAGE_PAGE_HEADER] = "has a damaged page header",
	[HM_DAMAGE_LINE_POINTER] = "has a line pointer out of bounds",
	[HM_DAMAGE_REDIRECT] = "is redirected, as only an update leaves it",
	[HM_DAMAGE_TUPLE_HEADER] = "has a damaged tuple header",
	[HM_DAMAGE_TUPLE_FLAGS] = "has flags that no insert sets",
	[HM_DAMAGE_XMIN] = "was inserted by a transaction that cannot be",
	[HM_DAMAGE_XMAX] = "was deleted by a transaction that cannot be",
	[HM_DAMAGE_ALL_VISIBLE] = "is marked as visible to everybody and is not",
	[HM_DAMAGE_COLUMNS] = "has another number of columns",
	[HM_DAMAGE_NULL] = "has a null where none can be",
	[HM_DAMAGE_VALUE] = "has a value that does not end in the tuple",
	[HM_DAMAGE_COMPRESSION] = "has a compressed value that cannot be expanded",
	[HM_DAMAGE_TOAST] = "has a value outside the table that is not whole",
	[HM_DAMAGE_ENCODING] = "has a text that is not in the database's encoding",
};

const char *
hm_damage_text(HmDamage damage)
{
	return damage_texts[damage];
}

/* Aligned for direct I/O. */
char *
hm_page_allocate(void)
{
	return (char *) TYPEALIGN(IO_ALIGNMENT, palloc(BLCKSZ + IO_ALIGNMENT));
}

/*
 * Calls an smgr function, which holds no lock and no resource of the
 * transaction when it raises; that makes it safe to go on.
 */
HmDamage
hm_page_count(Relation relation, BlockNumber *npages)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool read = false;

	*npages = 0;
	PG_TRY();
	{
		*npages = smgrnblocks(RelationGetSmgr(relation), MAIN_FORKNUM);
		read = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return read ? HM_DAMAGE_NONE : HM_DAMAGE_UNREADABLE;
}

static bool
read_file(Relation relation, BlockNumber block, char *page)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool read = false;

	PG_TRY();
	{
		smgrread(RelationGetSmgr(relation), MAIN_FORKNUM, block, page);
		read = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return read;
}

static bool
copy_buffer(Relation relation, BlockNumber block, char *page)
{
	PrefetchBufferResult cached =
	PrefetchSharedBuffer(RelationGetSmgr(relation), MAIN_FORKNUM, block);

	if (!BufferIsValid(cached.recent_buffer) ||
		!ReadRecentBuffer(hm_compat_locator(relation), MAIN_FORKNUM, block,
						  cached.recent_buffer))
		return false;
	LockBuffer(cached.recent_buffer, BUFFER_LOCK_SHARE);
	memcpy(page, BufferGetPage(cached.recent_buffer), BLCKSZ);
	UnlockReleaseBuffer(cached.recent_buffer);
	return true;
}

static bool
is_zero(const char *page)
{
	const uint64 *words = (const uint64 *) page;

	for (int i = 0; i < BLCKSZ / sizeof(uint64); i++)
	{
		if (words[i] != 0)
			return false;
	}
	return true;
}

static bool
header_is_sane(PageHeader header)
{
	return (header->pd_flags & ~PD_VALID_FLAG_BITS) == 0 &&
		header->pd_lower >= SizeOfPageHeaderData &&
		header->pd_lower <= header->pd_upper &&
		header->pd_upper <= header->pd_special &&
		header->pd_special <= BLCKSZ &&
		header->pd_special == MAXALIGN(header->pd_special) &&
		PageGetPageSize((Page) header) == BLCKSZ &&
		PageGetPageLayoutVersion((Page) header) == PG_PAGE_LAYOUT_VERSION;
}

HmDamage
hm_page_read(Relation relation, BlockNumber block, char *page, bool *from_file)
{
	PageHeader	header = (PageHeader) page;

	*from_file = !copy_buffer(relation, block, page);
	if (*from_file && !read_file(relation, block, page))
		return HM_DAMAGE_UNREADABLE;
	if (PageIsNew((Page) page))
		return is_zero(page) ? HM_DAMAGE_NONE : HM_DAMAGE_PAGE_HEADER;
	/* In shared buffers the checksum is not kept up. */
	if (*from_file && DataChecksumsEnabled() &&
		pg_checksum_page(page, block) != header->pd_checksum)
		return HM_DAMAGE_CHECKSUM;
	if (!header_is_sane(header))
		return HM_DAMAGE_PAGE_HEADER;
	return HM_DAMAGE_NONE;
}
