/*
 * src/audit/scope.h
 *	  What is being executed: the statement of the migration of the run.
 *
 * Set by the runner around each statement, in the process that executes it.
 * It is C state and not a setting, so nothing that the statement does can
 * change it.  It ends with the call that set it, also when that fails.
 */
#ifndef HM_AUDIT_SCOPE_H
#define HM_AUDIT_SCOPE_H

typedef struct HmScope
{
	int64		run_id;
	const char *migration;
	const char *author;			/* or NULL */
	const int  *statement_no;	/* from 1; 0: between statements */
	bool		repeatable;
	int			idempotency;	/* HmIdempotency, as the run began */
	int			waived;			/* bits of hm_guarded_form_bit() */
	int			nest_level;		/* of transactions, outside of its text */
} HmScope;

/* NULL: no migration is being executed. */
extern const HmScope *hm_scope_current(void);

/* NULL leaves it. */
extern void hm_scope_enter(const HmScope *scope);

extern void hm_scope_init(void);

#endif							/* HM_AUDIT_SCOPE_H */
