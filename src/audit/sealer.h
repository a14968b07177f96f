/*
 * src/audit/sealer.h
 *	  The process that seals the record of its database.
 */
#ifndef HM_AUDIT_SEALER_H
#define HM_AUDIT_SEALER_H

#include "audit/shared.h"

/*
 * What a sealer does; set in _PG_init by those who do it.  Each is called
 * with no transaction open and leaves none.  An error is logged and counted,
 * and the call repeated later; it does not keep the others from being called.
 */
typedef struct HmSealerCallbacks
{
	/* Once after each start of the server, in this order, before the rest. */
	void		(*visit_epoch) (void);
	void		(*visit_runs) (void);

	/* Seals a block; false: there was nothing (more) to seal. */
	bool		(*seal) (void);

	/*
	 * Hands out digests.  Called after seals, and after the time that it
	 * returned, in ms; 0: only after the next seal.
	 */
	int			(*hand_out) (void);
} HmSealerCallbacks;

extern HmSealerCallbacks hm_sealer_callbacks;

/*
 * Has this database sealed, and waits for the end of that at most that long;
 * true: everything that was committed before the call is sealed.
 */
extern bool hm_sealer_request_seal(int wait_ms);

/*
 * Is there something to do for a sealer?  If not, *next becomes the time when
 * there will be, unless it is earlier, or is left alone.  The lock is held.
 */
extern bool hm_sealer_is_due(const HmDatabase *entry, TimestampTz now,
							 TimestampTz *next);

extern PGDLLEXPORT void hm_sealer_main(Datum argument);

#endif							/* HM_AUDIT_SEALER_H */
