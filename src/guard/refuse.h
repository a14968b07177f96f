/*
 * src/guard/refuse.h
 *	  What is said, and put on record, when the guard refuses or observes.
 */
#ifndef HM_GUARD_REFUSE_H
#define HM_GUARD_REFUSE_H

#include "audit/event.h"
#include "base/compat.h"
#include "guard/class.h"
#include "guard/decide.h"

/* Which layer saw it; in the record as details.layer. */
#define HM_LAYER_UTILITY	"utility"
#define HM_LAYER_OBJECT		"object"
#define HM_LAYER_EXECUTOR	"executor"
#define HM_LAYER_FUNCTION	"function"
#define HM_LAYER_SETTING	"setting"
#define HM_LAYER_COMMIT		"commit"

typedef struct HmGuardCase
{
	HmGuardClass class;
	bool		shared;
	const char *layer;
	const char *command;		/* command tag or what stands for it */
	const char *object_type;	/* or NULL */
	const char *object;			/* identity, or NULL */
	const char *statement;		/* redacted, or NULL */
	const uint8 *statement_hash;	/* or NULL */
	int64		permit_id;		/* of an exemption or break-glass, or 0 */
	const char *ticket;			/* of a break-glass, or NULL */
	bool		appended;		/* on record here, by the transaction itself */
} HmGuardCase;

/*
 * Puts it on record outside the transaction, in this database or, of what
 * acts on the cluster, in every database that guards it; then raises.
 */
HM_NORETURN extern void hm_guard_refuse(const HmGuardCase *which);

/*
 * The same record for what passes, without an error; nothing for verdicts
 * that need none.
 */
extern void hm_guard_tell(const HmGuardCase *which, HmVerdict verdict);

/* The kind of event of a verdict that is put on record. */
extern HmEventKind hm_guard_event_kind(HmVerdict verdict);

/* details of its event, a JSON object. */
extern char *hm_guard_details(const HmGuardCase *which, HmVerdict verdict);

#endif							/* HM_GUARD_REFUSE_H */
