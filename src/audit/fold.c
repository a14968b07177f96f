/*
 * src/audit/fold.c
 *	  Which messages of a flood still go one by one.
 */
#include "postgres.h"

#include "audit/fold.h"

/* The entry of the key, or the one to use for it. */
static HmFoldKey *
find(HmFoldTable *table, Oid database, uint64 key)
{
	HmFoldKey  *bucket = table->keys[key % HM_FOLD_BUCKETS];
	HmFoldKey  *oldest = bucket;

	for (int i = 0; i < HM_FOLD_WAYS; i++)
	{
		if (bucket[i].key == key && bucket[i].database == database)
			return &bucket[i];
		if (bucket[i].since < oldest->since)
			oldest = &bucket[i];
	}
	oldest->database = database;
	oldest->key = key;
	oldest->since = 0;
	return oldest;
}

bool
hm_fold_passes(HmFoldTable *table, Oid database, uint64 key, TimestampTz now)
{
	HmFoldKey  *entry = find(table, database, key);

	if (entry->since == 0 || now >= entry->since + HM_FOLD_MINUTE ||
		now < entry->since)
	{
		entry->since = now;
		entry->sent = 0;
	}
	if (entry->sent >= HM_FOLD_FIRST)
		return false;
	entry->sent++;
	return true;
}
