/*
 * src/audit/confirm.h
 *	  Acts that need two people: one asks, another confirms.
 *
 * An act is asked for by a function of its own (audit_purge, audit_redact,
 * ...), which makes a row of pending_act and event act.requested, and is
 * performed by migrate_confirm(), called by another person.  States:
 *
 *		pending -> confirmed | expired | withdrawn
 *
 * Who is one person, person.h says.  What is performed is what was asked for:
 * the row must say what event act.requested of the transaction that made it
 * says, and the record cannot be changed unnoticed.  Who asked must be able to
 * ask still.  An error while performing leaves the act pending.
 */
#ifndef HM_AUDIT_CONFIRM_H
#define HM_AUDIT_CONFIRM_H

#include "audit/capability.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

#define HM_ACT_LIFETIME_DAYS	7

typedef struct HmAct
{
	int64		id;
	const char *name;
	const char *arguments;		/* a JSON object, as it was asked for */
	const char *reason;
	const char *requested_by;
	Oid			requested_oid;
	const char *requested_authn;	/* or NULL */
	const char *requested_person;	/* that it was registered as, or NULL */
	int64		requested_xid;
	TimestampTz requested_at;
	TimestampTz expires_at;
	const char *state;
	const char *ended_by;		/* who confirmed or withdrew it, or NULL */
} HmAct;

/*
 * Performs the act in the transaction of the confirmation; returns a JSON
 * object that says what was done, or NULL.
 */
typedef char *(*HmActPerform) (const HmAct *act);

typedef struct HmActKind
{
	const char *name;
	const char *function;		/* by which it is asked for */
	HmCapability capability;	/* of who asks and of who confirms */
	HmActPerform perform;

	/*
	 * What a superuser asks for, as in "permission denied to ...", and a
	 * superuser or approver confirms.  NULL: the capability counts.
	 */
	const char *superuser_act;

	/* Superusers may ask and confirm too, without the capability. */
	bool		or_superuser;
} HmActKind;

/* In _PG_init(); the struct must stay. */
extern void hm_act_register(const HmActKind *kind);

/*
 * What the policy, which is above this room, says about acts.  Without rules
 * one may do alone what needs not always two, and every login is a person.
 */
typedef struct HmActRules
{
	/* Whether acts that may need two people do, in this database, now. */
	bool		(*need_two) (void);

	/* Raises, after a record of it, unless whoever acts may be one of two. */
	void		(*require_person) (int64 act_id, const char *act);
} HmActRules;

/* In _PG_init(); the struct must stay. */
extern void hm_act_set_rules(const HmActRules *rules);

/*
 * For acts that need two people only where the policy says so: performs it
 * and returns 0, or asks for it, tells the client by a NOTICE how another
 * person confirms it, and returns its number.
 */
extern int64 hm_act_perform(const char *name, const char *arguments,
							const char *reason);

/*
 * The same, where it depends on the arguments whether the act is of those; one
 * that is not is asked for in words of one's own too, where others take two.
 * *done as the kind's perform returned it, NULL if it waits.
 */
extern int64 hm_act_decide(const char *name, const char *arguments,
						   const char *reason, bool may_need_two,
						   char **done);

/*
 * Raises unless the user may ask for the act, and does so in words of its own
 * (own_words.h); returns its number.
 */
extern int64 hm_act_request(const char *name, const char *arguments,
							const char *reason);

/*
 * Records event act.refused, which survives the error that the caller is
 * about to raise.  id 0: the act was never asked for.
 */
extern void hm_act_refused(int64 id, const char *name, const char *why);

/* Raises where the rules say that who acts cannot be one of two people. */
extern void hm_act_require_person(int64 id, const char *name);

/* An argument of the act, as text; NULL if it is absent or null. */
extern char *hm_act_text(const HmAct *act, const char *name);

/* One that is an array of texts: of char *. */
extern List *hm_act_texts(const HmAct *act, const char *name);

/*
 * Raises unless the role of that name is what it was when the act was asked
 * for; InvalidOid: there was none.
 */
extern void hm_act_require_role(const HmAct *act, const char *name,
								Oid role);

/*
 * What migrate_confirm() does; *done as the kind's perform returned it.  Locks
 * the row until the transaction ends, so that an act is confirmed once.
 * Raises, after event act.refused, when the act no longer waits, is not what
 * was asked for, or the user is the one who asked.
 */
extern const HmAct *hm_act_confirm(int64 id, const char *reason, char **done);

/* Ends what the user itself asked for; raises for anybody else's. */
extern void hm_act_withdraw(int64 id, const char *reason);

#endif							/* HM_AUDIT_CONFIRM_H */
