/*
 * src/audit/fingerprint.h
 *	  What the catalogs say about the tables of the record, as one hash.
 *
 * Every block holds it.  Columns renamed or exchanged, another file put in
 * the place of a table's, a rule, policy, trigger, parent or default that was
 * not there, a trigger function replaced: whatever would show a reader
 * something else than what is stored, changes it, also when the catalogs were
 * edited by hand.
 *
 * It holds object identifiers and file numbers, for an epoch never outlives
 * them: a restored dump, a copied database and a cluster that went through
 * pg_upgrade begin a new one, and nothing that gives a table another file is
 * let through the record's door.  What maintenance may change is left out:
 * indexes' files, statistics, freezing, privileges, owners, storage options.
 */
#ifndef HM_AUDIT_FINGERPRINT_H
#define HM_AUDIT_FINGERPRINT_H

#include "audit/merkle.h"

extern void hm_fingerprint_compute(HmMerkleHash *fingerprint);

#endif							/* HM_AUDIT_FINGERPRINT_H */
