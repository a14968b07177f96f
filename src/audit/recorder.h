/*
 * src/audit/recorder.h
 *	  The process that writes what waits in the ring of its database.
 */
#ifndef HM_AUDIT_RECORDER_H
#define HM_AUDIT_RECORDER_H

#include "audit/ring.h"

/*
 * Writes a message, in the recorder's transaction, with a snapshot.  An error
 * fails this message only: the others are tried again without it.  bytes are
 * aligned, and gone when the handler returns.
 */
typedef void (*HmMessageHandler) (const char *bytes, Size length);

/* In _PG_init. */
extern void hm_recorder_handle(HmMessageKind kind, HmMessageHandler handler);

extern PGDLLEXPORT void hm_recorder_main(Datum argument);

#endif							/* HM_AUDIT_RECORDER_H */
