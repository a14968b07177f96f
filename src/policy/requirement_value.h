/*
 * src/policy/requirement_value.h
 *	  What the values of requirements mean, for whoever goes by them.
 *
 * Of a value that is none of its requirement they read as much as they can:
 * nothing runs while the policy has one.  For what is true or false see
 * hm_policy_flag().
 */
#ifndef HM_POLICY_REQUIREMENT_VALUE_H
#define HM_POLICY_REQUIREMENT_VALUE_H

#include "policy/requirement.h"

/* In a set of approvers: whoever holds capability approver. */
#define HM_ANY_APPROVER "*"

/* Whether that is one of the roles (of char *), so that no other matters. */
extern bool hm_roles_any(List *roles);

typedef struct HmStage
{
	char	   *name;
	Interval	notice;
	char	   *notice_text;
	List	   *roles;			/* of char *; NIL: the submission itself */
} HmStage;

#define HM_STAGE_SUBMISSION "submission"

/*
 * Values may be NULL: the policy asks nothing.
 *
 * Of List * of char *: the sets of roles of which one member each approves.
 */
extern List *hm_approvers_read(Jsonb *value);

/* When an approval that is given at that moment ends; DT_NOEND: never. */
extern TimestampTz hm_validity_ends(Jsonb *value, TimestampTz given_at);

/* Of HmStage *. */
extern List *hm_stages_read(Jsonb *value);

/*
 * What several check, as they do: that it is true or false; an object (NULL:
 * the value is none) that has no key but these, which end with NULL; and such
 * an object that has each of them as true or false.
 */
extern char *hm_requirement_check_flag(Jsonb *value);
extern char *hm_requirement_check_keys(JsonbContainer *object,
									   const char *const *keys);
extern char *hm_requirement_check_flags(Jsonb *value,
										const char *const *keys);

#endif							/* HM_POLICY_REQUIREMENT_VALUE_H */
