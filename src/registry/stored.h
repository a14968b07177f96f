/*
 * src/registry/stored.h
 *	  A revision read back from the registry, ready to be executed.
 */
#ifndef HM_REGISTRY_STORED_H
#define HM_REGISTRY_STORED_H

#include "nodes/pg_list.h"
#include "registry/script.h"

typedef struct HmStored
{
	int64		migration_id;
	int			revision;
	char	   *display;
	char	   *original_name;	/* or NULL */
	HmDraftText up;
	HmDraftText down;
	HmDraftText verify;
	char	   *run_as;			/* or NULL */
	List	   *settings;		/* of HmSettingValue *, search_path among them */
	char	   *author;			/* its name when it was registered */
	Oid			author_oid;		/* the role, which may be gone */
	char	   *kind;			/* schema | data | repeatable */
	char	   *checksum;		/* in hexadecimal */
	char	   *up_original;	/* before it was rewritten, or NULL */
	char	   *down_original;
} HmStored;

/* In the current memory context; raises when there is no such revision. */
extern HmStored *hm_stored_require(int64 migration_id, int revision);

/* Bytes of each of its texts. */
#define HM_STORED_SMALL (256 * 1024)

/*
 * The same of several migrations, in their order: one by one takes longer.
 * Only of those that are small, for many others may not fit into memory: NULL
 * stands for one that is large, that is there twice or that is missing.
 */
extern HmStored **hm_stored_load_small(const int64 *migrations,
									   const int64 *revisions, int count);

/*
 * Splits the text of that direction (up, down, verify); NULL when there is
 * none.  Raises on another direction.
 */
extern HmScript *hm_stored_parse(const HmStored *stored,
								 const char *direction);

/* The same to look at: what the runner refuses was refused at registration. */
extern HmScript *hm_stored_read(const HmStored *stored, const char *direction);

/* The same of the text as it was handed in; NULL where that was kept. */
extern HmScript *hm_stored_parse_original(const HmStored *stored,
										  const char *direction);

#endif							/* HM_REGISTRY_STORED_H */
