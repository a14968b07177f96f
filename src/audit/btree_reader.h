/*
 * src/audit/btree_reader.h
 *	  Walks the leaf pages of a btree index that may be damaged.
 *
 * Keys are made of a uuid and then 64-bit integers, none of them null, as all
 * unique indexes of the record are.  The walk goes down the left edge and
 * then along the right links, so that page splits under way lose nothing.
 */
#ifndef HM_AUDIT_BTREE_READER_H
#define HM_AUDIT_BTREE_READER_H

#include "storage/itemptr.h"
#include "utils/relcache.h"
#include "utils/uuid.h"

#define HM_BTREE_MAX_NUMBERS 2

typedef struct HmBtreeKey
{
	pg_uuid_t	id;
	int64		numbers[HM_BTREE_MAX_NUMBERS];
} HmBtreeKey;

/* Called for each entry, in the order of the index. */
typedef void (*HmBtreeVisit) (void *state, const HmBtreeKey *key,
							  ItemPointer tid);

/*
 * Returns NULL, or what is wrong with the index, as a clause to stand behind
 * its name; the walk ends there.
 */
extern const char *hm_btree_walk(Relation index, int nnumbers,
								 HmBtreeVisit visit, void *state,
								 int64 *npages);

/* As the index orders them. */
extern int	hm_btree_compare(const HmBtreeKey *one, const HmBtreeKey *other,
							 int nnumbers);

#endif							/* HM_AUDIT_BTREE_READER_H */
