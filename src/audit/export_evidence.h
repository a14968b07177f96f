/*
 * src/audit/export_evidence.h
 *	  Events that say why the content of other events is gone.
 *
 * record.purged names blocks, record.redacted an event, both in their
 * details.  They are looked for when the first leaf without its event is met.
 */
#ifndef HM_AUDIT_EXPORT_EVIDENCE_H
#define HM_AUDIT_EXPORT_EVIDENCE_H

#include "nodes/pg_list.h"
#include "utils/uuid.h"

typedef struct HmEvidence
{
	pg_uuid_t	epoch;			/* of the event itself */
	int64		event_id;
	int64		seq;			/* its leaf, 0: it is not sealed yet */
	int64		block;
	bool		redacted;		/* else purged */
	pg_uuid_t	about;			/* the epoch that it speaks of, */
	int64		first;			/* and the event, or the blocks, of it */
	int64		last;
	bool		used;
} HmEvidence;

/* In the current memory context; within a query bracket. */
extern List *hm_evidence_load(void);

/* What explains that the event is gone, marked as used, or NULL. */
extern HmEvidence *hm_evidence_find(List *evidence, const pg_uuid_t *epoch,
									int64 block, int64 event_id);

#endif							/* HM_AUDIT_EXPORT_EVIDENCE_H */
