/*
 * src/audit/event.h
 *	  Events: the one way into the record.
 *
 * What happened in a transaction is appended by that transaction, after the
 * command: it is there if and only if the transaction commits.  What was
 * refused or failed is handed to the recorder, another process, and stays
 * whatever becomes of the transaction.
 *
 * Rows are written through the table access method: no rule, trigger,
 * default, search path or row security comes into it, no two appenders share
 * a lock, and no transaction identifier is assigned before the command.
 */
#ifndef HM_AUDIT_EVENT_H
#define HM_AUDIT_EVENT_H

#include "audit/kind.h"
#include "base/hash.h"

/*
 * The facts of an event: what is NULL or 0 is null in the record.  Who,
 * where and when are added.  Texts are in the database's encoding and must
 * hold nothing that may not be stored: see audit/redact.h.
 */
typedef struct HmEvent
{
	HmEventKind kind;
	const char *outcome;		/* NULL: the kind's own */
	const char *command;
	const char *object_type;
	const char *object;
	const char *objects;		/* one "type identity" a line */
	const char *statement;
	const uint8 *statement_hash;
	int64		statement_no;
	const char *migration;
	int64		run_id;
	const char *rule;
	const char *ticket;
	const char *author;
	const char *approvers;
	const char *reason;
	const char *maintenance_window;
	const uint8 *schema_before;
	const uint8 *schema_after;
	int64		duration;		/* microseconds */
	const char *sqlstate;
	const char *details;		/* a JSON object */
	int64		occurred_at;	/* TimestampTz; 0: now */
} HmEvent;

/* Appends to the current transaction, which gets an identifier. */
extern void hm_event_append(const HmEvent *event);

/* The current transaction has inserted a row, which is to be sealed. */
extern void hm_event_note_appended(void);

/* A prepared transaction was committed, which may have inserted some. */
extern void hm_event_note_committed(void);

typedef enum HmRecorded
{
	HM_RECORDED,				/* committed by the recorder */
	HM_RECORD_QUEUED,			/* the recorder has it, and will */
	HM_RECORD_LOST				/* only the WAL and the server's log have it */
} HmRecorded;

/*
 * Puts the event on record outside the transaction, waiting at most wait_ms
 * (0: not at all) for the recorder's commit.  Raises nothing, also while an
 * error is handled, in an aborted transaction and while the process exits.
 * Events of the same fold_key are counted instead of written one by one when
 * they come in numbers; 0: never.
 */
extern HmRecorded hm_event_record(const HmEvent *event, uint64 fold_key,
								  int wait_ms);

/*
 * The same, in the record of another database, which must have one.  What it
 * cannot spell is replaced by question marks.
 */
extern HmRecorded hm_event_record_in(Oid database, const HmEvent *event,
									 uint64 fold_key, int wait_ms);

/* A fold_key: alike is what the user tries again, of that kind and text. */
extern uint64 hm_event_fold_key(HmEventKind kind, const char *text);

/* Whether the current database has a record. */
extern bool hm_event_possible(void);

extern void hm_event_init(void);

#endif							/* HM_AUDIT_EVENT_H */
