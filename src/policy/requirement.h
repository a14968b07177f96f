/*
 * src/policy/requirement.h
 *	  What a policy can ask: one entry for each requirement, which says what
 *	  its value looks like, how it reads, and whether a case meets it.
 *
 * To add one: a file requirement_<name>.c with its HmRequirement, an entry in
 * the table of requirement.c, a section in docs/policy.md.
 */
#ifndef HM_POLICY_REQUIREMENT_H
#define HM_POLICY_REQUIREMENT_H

#include "audit/person.h"
#include "datatype/timestamp.h"
#include "lint/severity.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

typedef struct HmPolicy HmPolicy;
typedef struct HmSubmission HmSubmission;
typedef struct HmRoster HmRoster;

/* A migration that shall run now, in one direction. */
typedef struct HmPolicyCase
{
	const HmPolicy *policy;
	const HmPersons *persons;
	HmRoster   *roster;
	const char *display;
	int64		migration_id;
	const char *checksum;		/* in hexadecimal */
	bool		up;
	HmSeverity	risk;			/* by the catalogs as they are */
	bool		phi;			/* it touches health information */
	List	   *authors;		/* of char *: claims, see person.h */
	List	   *author_persons; /* of HmPerson *: who registered or submitted */
	const HmPerson *executor;	/* NULL: not known yet */
	List	   *circles;		/* who is who of all these, and of those who
								 * have signed: see person.h */
	const HmSubmission *submission; /* the open one, or NULL */
	List	   *approvals;		/* of HmApproval *: of that submission, those
								 * that are not void; used and expired ones
								 * are not among them */
	bool		reverts;		/* a down that the approval of its up covers:
								 * asks for nothing but that there is no
								 * freeze */
	TimestampTz now;
} HmPolicyCase;

/* What is missing. */
typedef struct HmPolicyGap
{
	const char *requirement;
	char	   *what;			/* a clause: "needs the approval of a member
								 * of cto (anna, bert)" */
	int			errcode;		/* HM_ERRCODE_NOT_APPROVED or _NOT_NOW */
	TimestampTz opens_at;		/* it cannot be met before; 0: it can now */
	bool		submit;			/* submitting meets it, or comes first */
	List	   *roles;			/* of char *: whose member can meet it */
	const char *meaning;		/* of the approval that meets it, or NULL */
	const char *first;			/* not yet: a call that comes first; or NULL */
} HmPolicyGap;

typedef struct HmRequirement
{
	const char *name;
	bool		everywhere;		/* of risk ALL; false: of each risk */
	bool		by_signature;	/* signatures can meet it: its gaps may name
								 * roles */
	const char *example;		/* a value, as in migrate_set_policy() */

	/* Why it is no value of this requirement, as a sentence; NULL: it is. */
	char	   *(*check) (Jsonb *value);

	/* For people; one line.  Is asked of such a value only, as is judge. */
	char	   *(*describe) (Jsonb *value);

	/* Appends to the list what is missing; NULL: nothing ever is. */
	List	   *(*judge) (const HmPolicyCase *c, Jsonb *value, List *gaps);
} HmRequirement;

/* NULL: there is none. */
extern const HmRequirement *hm_requirement_find(const char *name);

/* The table, in the order in which people are told. */
extern const HmRequirement *const *hm_requirements(int *count);

/* In the current memory context; both strings are kept as they are. */
extern HmPolicyGap *hm_gap_create(const char *requirement, int errcode,
								  char *what);

/* That the migration is not submitted. */
extern HmPolicyGap *hm_gap_unsubmitted(const char *requirement);

/* Raises invalid_parameter_value unless it is a value of the requirement. */
extern void hm_requirement_require(const HmRequirement *requirement,
								   Jsonb *value);

/* The entries. */
extern const HmRequirement hm_requirement_preset;
extern const HmRequirement hm_requirement_approvers;
extern const HmRequirement hm_requirement_separation;
extern const HmRequirement hm_requirement_validity;
extern const HmRequirement hm_requirement_stages;
extern const HmRequirement hm_requirement_windows;
extern const HmRequirement hm_requirement_assessment;
extern const HmRequirement hm_requirement_relay;
extern const HmRequirement hm_requirement_identity;
extern const HmRequirement hm_requirement_two_persons;
extern const HmRequirement hm_requirement_break_glass;

#endif							/* HM_POLICY_REQUIREMENT_H */
