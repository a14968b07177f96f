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
	HmScript   *up;
	HmScript   *down;			/* NULL: irreversible */
	HmScript   *verify;			/* NULL: none */
	List	   *depends_on;		/* of HmName *, sorted, each once */
	List	   *settings;		/* of HmSettingValue * */
	bool		up_transactional;
	bool		down_transactional;
	char	   *down_problem;	/* why it cannot run, or NULL */
	uint8		checksum[HM_HASH_LENGTH];
} HmContent;

/* Raises, with file and line, when the draft cannot be a migration. */
extern HmContent *hm_content_build(const HmDraft *draft, const char *project);

#endif							/* HM_REGISTRY_CONTENT_H */
