/*
 * src/policy/policy.h
 *	  The approval policy of this database, as one snapshot has it.
 *
 * It binds where the guard enforces class "schema", and nowhere else: what
 * nobody is kept from doing by hand needs no approval as a migration.  Where
 * the guard is not armed, a run that the policy would refuse goes on record.
 * So a restored dump, or a copy of a database, has the policy and the
 * approvals of its origin, and they apply to nothing until somebody arms the
 * guard there.
 *
 * Without rows nothing is asked.
 *
 * A row with a fault is met by nothing: of a value that is none of its
 * requirement nobody can say what it asks, nor of a requirement that this
 * version does not have.  Functions store neither, but a dump may bring them.
 */
#ifndef HM_POLICY_POLICY_H
#define HM_POLICY_POLICY_H

#include "policy/requirement.h"

typedef struct HmPolicyRow
{
	bool		everywhere;		/* risk ALL */
	HmSeverity	risk;			/* unless it is */
	const HmRequirement *requirement;	/* NULL: not of this version */
	const char *name;			/* of the requirement */
	Jsonb	   *value;
	const char *fault;			/* a sentence, or NULL */
	char	   *changed_by;
	TimestampTz changed_at;
	char	   *reason;
} HmPolicyRow;

struct HmPolicy
{
	const char *preset;			/* that it began with, or NULL */
	List	   *rows;			/* of HmPolicyRow * */
	List	   *freezes;		/* of HmFreeze * */
};

/* What the rooms above know; set in _PG_init(), the struct must stay. */
typedef struct HmPolicyGround
{
	bool		(*armed) (void);	/* the guard enforces class schema */
	int64		(*break_glass) (void);	/* open in this session, or 0 */
	bool		(*enforces) (const char *class);	/* about roles */
} HmPolicyGround;

extern void hm_policy_set_ground(const HmPolicyGround *ground);

/* In the current memory context; works on a standby. */
extern HmPolicy *hm_policy_load(void);

/* Whether anything is asked at all: rows or freezes. */
extern bool hm_policy_asks(const HmPolicy *policy);

/* Whether what it asks is a condition here. */
extern bool hm_policy_binds(void);

/* Whether the guard wants commands about roles in migrations: their class. */
extern bool hm_policy_guards_roles(const char *class);

/* The break-glass that is open in this session, or 0. */
extern int64 hm_policy_break_glass(void);

/* The setting for people, or the fault; one line. */
extern char *hm_policy_describe(const HmPolicyRow *row);

/* NULL: it asks nothing of the kind.  risk is ignored where it is of ALL. */
extern const HmPolicyRow *hm_policy_row(const HmPolicy *policy,
										const char *requirement,
										HmSeverity risk);
extern Jsonb *hm_policy_value(const HmPolicy *policy, const char *requirement,
							  HmSeverity risk);

/*
 * A truth value that is the requirement's value, or, with a key, a member of
 * it; absent is what holds where the policy does not say, and asks for less:
 * a row with a fault is the opposite.
 */
extern bool hm_policy_flag(const HmPolicy *policy, const char *requirement,
						   const char *key, HmSeverity risk, bool absent);

/* Whether it keeps authors from approving, at any level of risk. */
extern bool hm_policy_separates_authors(const HmPolicy *policy);

/* Whether it asks for registered persons, for proven identities. */
extern bool hm_policy_wants_registered(const HmPolicy *policy);
extern bool hm_policy_wants_proof(const HmPolicy *policy);

/* Until when an approval counts that is given now. */
extern TimestampTz hm_policy_expiry(const HmPolicy *policy, HmSeverity risk,
									TimestampTz now);

/* In _PG_init(). */
extern void hm_policy_init(void);

#endif							/* HM_POLICY_POLICY_H */
