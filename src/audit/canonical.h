/*
 * src/audit/canonical.h
 *	  The canonical form of a row: the bytes that are hashed.
 *
 * Four bytes of domain, version, field count; for each field its number, a
 * type tag, a null flag, a 32-bit big-endian length, and the bytes.  Two
 * different rows never have the same form.  Text is UTF-8 whatever the
 * encoding of the database, integers are 64 bits, timestamps 64 bits of
 * microseconds since 1970-01-01 UTC, both big-endian.  docs/audit.md
 * specifies it for programs that verify without PostgreSQL, and
 * test/vectors freezes it.
 */
#ifndef HM_AUDIT_CANONICAL_H
#define HM_AUDIT_CANONICAL_H

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

#define HM_CANONICAL_VERSION 1

/* Type tags. */
#define HM_CANONICAL_TEXT		't'
#define HM_CANONICAL_INT64		'i'
#define HM_CANONICAL_TIMESTAMP	'd'
#define HM_CANONICAL_UUID		'u'
#define HM_CANONICAL_BYTES		'b'

/* Appends to buffer; a prefix that is hashed with it may stand before. */
extern void hm_canonical_begin(StringInfo buffer, const char *domain,
							   int nfields);

/* A value of a row, of a type that has a tag; it may be compressed. */
extern void hm_canonical_datum(StringInfo buffer, int field, char type,
							   Datum value, bool isnull);

#endif							/* HM_AUDIT_CANONICAL_H */
