/*
 * src/audit/digest.h
 *	  Digests: what stands for the whole record up to a block, to be kept
 *	  where this server cannot reach it.
 */
#ifndef HM_AUDIT_DIGEST_H
#define HM_AUDIT_DIGEST_H

#include "access/xlogdefs.h"
#include "audit/block.h"

#define HM_DIGEST_CHANNEL "hipaa_migrate_digest"

/*
 * The digest as JSON text.  lsn is a position in the write-ahead log that the
 * block's commit lies before, and that is safe.
 */
extern char *hm_digest_build(const HmBlock *block, XLogRecPtr lsn);

/*
 * A position before which all is safe: flushed and, where there are
 * synchronous standbys, flushed there.  On a standby, what is replayed.
 */
extern XLogRecPtr hm_digest_safe_position(void);

/* A position that all that can be seen now lies before. */
extern XLogRecPtr hm_digest_written_position(void);

/*
 * In the sealer, outside transactions: hands out the digest of the last
 * block, with NOTIFY and hipaa_migrate.digest_command, and never waits for
 * it.  Returns after how many milliseconds it wants to be called again; 0:
 * after the next seal.
 */
extern int	hm_digest_hand_out(void);

#endif							/* HM_AUDIT_DIGEST_H */
