/*
 * src/policy/waiver.h
 *	  Waivers: somebody has judged a finding of the linter and lets it be.
 *
 * A waiver is about one rule and one text: it is bound to the checksum, so
 * that another revision is not waived.  It hides nothing: the finding is
 * shown, with who waived it, and no longer counts for the risk.  Giving and
 * ending are on record.
 */
#ifndef HM_POLICY_WAIVER_H
#define HM_POLICY_WAIVER_H

#include "nodes/pg_list.h"

typedef struct HmWaiver
{
	int64		waiver_id;
	int64		migration_id;
	char	   *checksum;		/* in hexadecimal */
	char	   *rule;
	char	   *given_by;
	Oid			given_by_oid;	/* of that role, then */
	char	   *reason;
	bool		on_record;		/* of this database, as the row says it */
	bool		used;			/* for whoever looks */
} HmWaiver;

/* What a waiver is given for. */
typedef struct HmWaived
{
	int64		migration_id;
	const char *display;
	const char *checksum;		/* in hexadecimal */
	const char *author;
} HmWaived;

/*
 * Of HmWaiver *, in the current memory context: all that have not ended.
 * Works on a standby.
 */
extern List *hm_waivers_load(void);

/* NULL: there is none. */
extern HmWaiver *hm_waiver_find(List *waivers, int64 migration_id,
								const char *checksum, const char *rule);

/* Returns its number; raises when there is one already. */
extern int64 hm_waiver_give(const HmWaived *waived, const char *rule,
							const char *reason);

/* Raises when there is none of that number, or it has ended. */
extern void hm_waiver_end(int64 waiver_id, const char *reason);

#endif							/* HM_POLICY_WAIVER_H */
