/*
 * src/audit/verify_sum.c
 *	  Sums of sets that nobody can forge: SipHash-2-4 with 128 bits, added up.
 */
#include "postgres.h"

#include "audit/verify_work.h"

typedef struct SipState
{
	uint64		v0;
	uint64		v1;
	uint64		v2;
	uint64		v3;
} SipState;

static inline uint64
rotate_left(uint64 word, int bits)
{
	return (word << bits) | (word >> (64 - bits));
}

static inline void
sip_round(SipState *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate_left(s->v1, 13) ^ s->v0;
	s->v3 = rotate_left(s->v3, 16) ^ s->v2;
	s->v0 = rotate_left(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate_left(s->v1, 17) ^ s->v2;
	s->v3 = rotate_left(s->v3, 21) ^ s->v0;
	s->v2 = rotate_left(s->v2, 32);
}

static inline void
sip_word(SipState *s, uint64 word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

static inline uint64
sip_finish(SipState *s)
{
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

void
hm_sum_add(HmSum *sum, const HmSumKey *key, const uint64 *words, int nwords)
{
	SipState	s = {
		key->words[0] ^ UINT64CONST(0x736f6d6570736575),
		key->words[1] ^ UINT64CONST(0x646f72616e646f6d) ^ 0xee,
		key->words[0] ^ UINT64CONST(0x6c7967656e657261),
		key->words[1] ^ UINT64CONST(0x7465646279746573),
	};
	uint64		low;
	uint64		high;

	for (int i = 0; i < nwords; i++)
		sip_word(&s, words[i]);
	sip_word(&s, (uint64) nwords << 59);
	s.v2 ^= 0xee;
	low = sip_finish(&s);
	s.v1 ^= 0xdd;
	high = sip_finish(&s);
	sum->low += low;
	sum->high += high + (sum->low < low);
	sum->count++;
}

void
hm_sum_add_event(HmSum *sum, const HmSumKey *key, int64 event_id, int64 xid,
				 const uint8 *leaf_hash)
{
	uint64		words[2 + HM_HASH_LENGTH / sizeof(uint64)];

	words[0] = (uint64) event_id;
	words[1] = (uint64) xid;
	memcpy(&words[2], leaf_hash, HM_HASH_LENGTH);
	hm_sum_add(sum, key, words, lengthof(words));
}

void
hm_sum_merge(HmSum *sum, const HmSum *other)
{
	sum->low += other->low;
	sum->high += other->high + (sum->low < other->low);
	sum->count += other->count;
}
