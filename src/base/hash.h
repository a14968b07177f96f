/*
 * src/base/hash.h
 *	  SHA-256 over canonically encoded fields.
 *
 * The encoding, of which the domain tag tells the version: the domain tag,
 * then for each field its number (1 byte), type tag (1 byte), null flag (1
 * byte), length (4 bytes, big-endian) and bytes.  Text is UTF-8 whatever the
 * database's encoding, integers are 64 bits, big-endian.  Two different field
 * lists can therefore never have the same encoding.
 */
#ifndef HM_BASE_HASH_H
#define HM_BASE_HASH_H

#include "common/sha2.h"

#define HM_HASH_LENGTH PG_SHA256_DIGEST_LENGTH

typedef struct HmHash HmHash;	/* lives in the context of its begin */

extern HmHash *hm_hash_begin(const char *domain);
extern void hm_hash_append_text(HmHash *hash, uint8 field, const char *text);
extern void hm_hash_append_int64(HmHash *hash, uint8 field, int64 value);
extern void hm_hash_end(HmHash *hash, uint8 digest[HM_HASH_LENGTH]);

/*
 * SHA-256 of one buffer.  Keeps one context for the life of the backend: a
 * new one each time costs as much as hashing a short text.
 */
extern void hm_hash_bytes(const void *bytes, size_t length,
						  uint8 digest[HM_HASH_LENGTH]);

/* Lower-case hexadecimal, palloc'd. */
extern char *hm_hash_to_hex(const uint8 *digest, int length);

#endif							/* HM_BASE_HASH_H */
