/*
 * src/base/hash.c
 *	  SHA-256 over canonically encoded fields.
 */
#include "postgres.h"

#include "base/hash.h"
#include "common/cryptohash.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/resowner.h"

#define TYPE_TEXT	't'
#define TYPE_INT64	'i'

struct HmHash
{
	pg_cryptohash_ctx *state;
};

static void
append_bytes(HmHash *hash, const void *bytes, size_t length)
{
	if (pg_cryptohash_update(hash->state, bytes, length) < 0)
		elog(ERROR, "could not update SHA-256: %s",
			 pg_cryptohash_error(hash->state));
}

static void
append_field(HmHash *hash, uint8 field, char type, const void *bytes,
			 size_t length)
{
	uint8		header[7] = {field, type, bytes == NULL};
	uint32		length_be = pg_hton32((uint32) length);

	memcpy(header + 3, &length_be, sizeof(length_be));
	append_bytes(hash, header, sizeof(header));
	if (length > 0)
		append_bytes(hash, bytes, length);
}

HmHash *
hm_hash_begin(const char *domain)
{
	HmHash	   *hash = palloc(sizeof(HmHash));

	hash->state = pg_cryptohash_create(PG_SHA256);
	if (hash->state == NULL || pg_cryptohash_init(hash->state) < 0)
		elog(ERROR, "could not initialize SHA-256");
	append_field(hash, 0, TYPE_TEXT, domain, strlen(domain));
	return hash;
}

void
hm_hash_append_text(HmHash *hash, uint8 field, const char *text)
{
	char	   *utf8;

	if (text == NULL)
	{
		append_field(hash, field, TYPE_TEXT, NULL, 0);
		return;
	}
	utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);
	append_field(hash, field, TYPE_TEXT, utf8, strlen(utf8));
	if (utf8 != text)
		pfree(utf8);
}

void
hm_hash_append_int64(HmHash *hash, uint8 field, int64 value)
{
	uint64		value_be = pg_hton64((uint64) value);

	append_field(hash, field, TYPE_INT64, &value_be, sizeof(value_be));
}

void
hm_hash_end(HmHash *hash, uint8 digest[HM_HASH_LENGTH])
{
	if (pg_cryptohash_final(hash->state, digest, HM_HASH_LENGTH) < 0)
		elog(ERROR, "could not finish SHA-256: %s",
			 pg_cryptohash_error(hash->state));
	pg_cryptohash_free(hash->state);
	pfree(hash);
}

/*
 * The context belongs to a resource owner of its own, which nothing ever
 * releases: that of a transaction would take the context with it.
 */
static pg_cryptohash_ctx *
create_kept_context(void)
{
	ResourceOwner caller = CurrentResourceOwner;
	pg_cryptohash_ctx *context;

	CurrentResourceOwner = ResourceOwnerCreate(NULL, "hipaa_migrate hash");
	context = pg_cryptohash_create(PG_SHA256);
	CurrentResourceOwner = caller;
	if (context == NULL)
		elog(ERROR, "could not initialize SHA-256");
	return context;
}

void
hm_hash_bytes(const void *bytes, size_t length, uint8 digest[HM_HASH_LENGTH])
{
	static pg_cryptohash_ctx *context = NULL;

	if (context == NULL)
		context = create_kept_context();
	if (pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, bytes, length) < 0 ||
		pg_cryptohash_final(context, digest, HM_HASH_LENGTH) < 0)
		elog(ERROR, "could not compute SHA-256: %s",
			 pg_cryptohash_error(context));
}

char *
hm_hash_to_hex(const uint8 *digest, int length)
{
	char	   *hex = palloc(2 * length + 1);

	hex[hex_encode((const char *) digest, length, hex)] = '\0';
	return hex;
}
