/*
 * src/registry/register.h
 *	  Takes a draft into the registry.
 */
#ifndef HM_REGISTRY_REGISTER_H
#define HM_REGISTRY_REGISTER_H

#include "base/hash.h"
#include "registry/draft.h"

typedef struct HmRegistered
{
	char	   *migration;		/* as displayed */
	int			revision;
	const char *outcome;		/* registered | revised | unchanged */
	uint8		checksum[HM_HASH_LENGTH];
	int			statements;		/* of up */
	char	   *down_problem;	/* why it cannot run, or NULL */
	Jsonb	   *details;
} HmRegistered;

/*
 * Requires the capability author, judges the draft, and writes a migration
 * or a new revision of one; the same content again is a no-op.  Raises when
 * the draft is refused, when another text is applied, or when dependencies
 * would close a cycle.  The result lives in the current memory context.
 */
extern HmRegistered *hm_registry_register(const HmDraft *draft,
										  const char *project,
										  Jsonb *source);

#endif							/* HM_REGISTRY_REGISTER_H */
