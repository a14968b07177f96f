/*
 * src/policy/risk.h
 *	  How risky a text is, and why: the highest of what the matrix says of its
 *	  statements and of what the linter finds in it.
 *
 * The catalogs lower what is about an empty or a new table, and raise by a
 * step what is about a large one, a busy one, or one that holds health
 * information.  Every reason is kept, those that were forgiven too.
 *
 *		HmRisk	   *risk = hm_risk_begin();
 *
 *		wish.watch = hm_risk_watch; wish.argument = risk;
 *		... the linter walks through the text ...
 *		hm_risk_end(risk, findings, "up");
 */
#ifndef HM_POLICY_RISK_H
#define HM_POLICY_RISK_H

#include "lint/lint.h"

typedef struct HmRiskReason
{
	int			statement_no;	/* 0: the text as a whole */
	bool		counts;			/* false: it was waived */
	HmSeverity	adds;
	const char *source;			/* "matrix", "rule", "size", "phi" */
	char	   *object;			/* as shown, or NULL */
	char	   *reason;
	char	   *forgiven_because;	/* why it is not more, or NULL; where it
									 * counts all the same, why it does */
} HmRiskReason;

/* Health information that a text touches, and what tells that it is. */
typedef struct HmRiskHealth
{
	char	   *object;			/* as shown */
	char	   *why;
} HmRiskHealth;

typedef struct HmRisk
{
	MemoryContext context;
	HmSeverity	total;
	bool		phi;			/* it touches health information */
	List	   *reasons;		/* of HmRiskReason *, the heaviest first */
	LOCKMODE	worst_lock;		/* on what others use; NoLock */
	List	   *rewritten;		/* of char *: tables of others that are
								 * written anew */
	List	   *health;			/* of HmRiskHealth *: labelled, about to be
								 * labelled, or called as if it should be; NIL
								 * unless phi */
} HmRisk;

/* In the current memory context, and all that it comes to hold. */
extern HmRisk *hm_risk_begin(void);

/* A HmWorldWatch; argument is the HmRisk. */
extern void hm_risk_watch(HmWorld *world, Node *statement, List *locks,
						  int line, void *argument);

/* Findings of that direction only: the text's own. */
extern void hm_risk_end(HmRisk *risk, List *findings, const char *direction);

#endif							/* HM_POLICY_RISK_H */
