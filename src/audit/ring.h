/*
 * src/audit/ring.h
 *	  The way into the record for what a transaction cannot append itself,
 *	  because it has failed, is read only, or must not hold an identifier.
 *
 * A message is copied into a slot of shared memory, from where the recorder
 * of the database writes it in a transaction of its own.  Slots of one
 * database are recorded in the order of their tickets.
 */
#ifndef HM_AUDIT_RING_H
#define HM_AUDIT_RING_H

#include "audit/shared.h"

typedef enum HmMessageKind
{
	HM_MESSAGE_EVENT,
	HM_MESSAGE_FAILURE,

	/* Made by the recorder itself. */
	HM_MESSAGE_GAP,				/* bytes: an HmGap */
	HM_MESSAGE_FOLDED			/* bytes: an HmFolded and what follows it */
} HmMessageKind;

#define HM_MESSAGE_KINDS 4

#define HM_MESSAGE_MAX (12 * 1024)	/* bytes */
#define HM_RING_BATCH 64		/* slots that a recorder takes at a time */

/* Messages that were only counted, because there were many alike. */
typedef struct HmFolded
{
	HmMessageKind kind;
	int64		count;
	TimestampTz first;
	TimestampTz last;
	Size		length;
	char		bytes[FLEXIBLE_ARRAY_MEMBER];	/* the first of them */
} HmFolded;

typedef enum HmRingResult
{
	HM_RING_RECORDED,			/* committed */
	HM_RING_QUEUED,				/* will be, unless the server crashes */
	HM_RING_LOST				/* counted; in the WAL and the log only */
} HmRingResult;

/*
 * Sends a message to the recorder of a database and waits at most that long
 * for its commit.  Works in any state of a connected process: while an error
 * is handled, in an aborted transaction, from before_shmem_exit callbacks.
 * Raises nothing, allocates nothing, serves no interrupt meanwhile.
 *
 * What was waited for in vain, or cannot be sent, is put into the WAL, as a
 * logical message with prefix "hipaa_migrate", and flushed; a LOG line says
 * where.  With a wait of 0 a message that found its place stays QUEUED
 * without either.
 *
 * Of messages that have the same fold_key, unless that is 0, the first few
 * of a minute go one by one.  The others are QUEUED at once and counted, for
 * one HM_MESSAGE_FOLDED to say how many they were.
 */
extern HmRingResult hm_ring_send(Oid database, HmMessageKind kind,
								 const char *bytes, Size length,
								 uint64 fold_key, int wait_ms);

/*
 * Waits until what was sent to the recorder of a database before is in its
 * record, or cannot be.  False: it is not, after that time, or because there
 * is no recorder.
 */
extern bool hm_ring_settle(Oid database, int wait_ms);

/*
 * Below is what the recorder and the launcher use.
 */

typedef enum HmSlotState
{
	HM_SLOT_FREE,
	HM_SLOT_READY,
	HM_SLOT_FOLDING,			/* ready when it is due */
	HM_SLOT_TAKEN,				/* the recorder works on it */
	HM_SLOT_RECORDED,			/* its sender frees it */
	HM_SLOT_LOST				/* its sender frees it */
} HmSlotState;

typedef struct HmSlot
{
	HmSlotState state;
	HmMessageKind kind;
	Oid			database;
	bool		witnessed;		/* is in the WAL already */
	uint64		ticket;
	PGPROC	   *waiter;			/* NULL: nobody waits */
	uint64		fold_key;
	HmGap		folded;			/* count 0: a message by itself */
	Size		length;
	char		bytes[HM_MESSAGE_MAX];
} HmSlot;

typedef struct HmRing
{
	uint64		last_ticket;
	int			nslots;
	int			used;
	HmSlot		slots[FLEXIBLE_ARRAY_MEMBER];
} HmRing;

extern HmRing *hm_ring;

extern Size hm_ring_size(void);
extern void hm_ring_initialize(bool found);

/*
 * Takes what is ready (or folding and due; with flush, due or not), oldest
 * first.  Slots stay taken until they are acknowledged or given back (the
 * lock is held exclusively for that); their bytes can be read without it.
 */
extern int	hm_ring_take(Oid database, bool flush,
						 HmSlot *slots[HM_RING_BATCH]);
extern void hm_ring_acknowledge(HmSlot *const *slots, int count,
								bool recorded);
extern void hm_ring_give_back(Oid database);

/* When the next folding slot is due, or 0. */
extern TimestampTz hm_ring_next_due(Oid database);

/* Has the database anything for a recorder?  The lock is held. */
extern bool hm_ring_has_work(const HmDatabase *entry);

/* Frees all slots of a database that is gone.  The lock is held. */
extern void hm_ring_forget(HmDatabase *entry);

/* Puts what no recorder is there for into the WAL, and leaves it there. */
extern void hm_ring_witness_all(void);

#endif							/* HM_AUDIT_RING_H */
