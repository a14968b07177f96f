/*
 * src/registry/content.h
 *	  What a migration does: a draft that has been judged, and its checksum.
 */
#ifndef HM_REGISTRY_CONTENT_H
#define HM_REGISTRY_CONTENT_H

#include "base/hash.h"
#include "registry/draft.h"
#include "registry/script.h"

typedef struct HmContent
{
	const HmDraft *draft;
	const char *project;
	char	   *display;		/* name as shown */
	HmScript   *up;				/* as it will run */
	HmScript   *down;			/* NULL: irreversible */
	HmScript   *verify;			/* NULL: none */
	List	   *depends_on;		/* of HmName *, sorted, each once */
	List	   *settings;		/* of HmSettingValue * */
	bool		up_transactional;
	bool		down_transactional;
	char	   *down_problem;	/* why it cannot run, or NULL */
	uint8		checksum[HM_HASH_LENGTH];

	/*
	 * What was handed in, where it was rewritten: the texts, or NULL where
	 * they are the same, and the checksum of it all.
	 */
	char	   *up_original;
	char	   *down_original;
	uint8		original_checksum[HM_HASH_LENGTH];
} HmContent;

/*
 * A higher room may put another text in the place of one that goes up or
 * down: returns it, with as many statements on the same lines, or NULL.
 */
typedef char *(*HmRewriter) (const HmScript *script);

extern void hm_content_set_rewriter(HmRewriter rewriter);

/* Raises, with file and line, when the draft cannot be a migration. */
extern HmContent *hm_content_build(const HmDraft *draft, const char *project);

#endif							/* HM_REGISTRY_CONTENT_H */
