/*
 * src/registry/load.h
 *	  From a folder to the registry.
 */
#ifndef HM_REGISTRY_LOAD_H
#define HM_REGISTRY_LOAD_H

#include "registry/format.h"
#include "registry/register.h"

typedef enum HmLoadMode
{
	HM_LOAD_ADD,				/* registers what the folder holds */
	HM_LOAD_EXACT,				/* and lists what is registered but gone */
	HM_LOAD_CHECK				/* changes nothing */
} HmLoadMode;

typedef struct HmLoadRow
{
	const char *file;
	const char *migration;		/* as displayed, or NULL */
	const char *format;			/* or NULL */
	const char *outcome;		/* registered | revised | unchanged | absent |
								 * ignored */
	int			revision;		/* 0: none */
	const char *message;		/* or NULL */
} HmLoadRow;

/*
 * The files of a folder on the server, from all its subfolders, as a list of
 * HmSourceFile * (load_walk.c).  Names that begin with a dot are skipped;
 * what no format reads is in the list without content.  Raises, naming the
 * file, when one cannot be read or is no UTF-8.  Privileges are checked by
 * the caller.
 */
extern List *hm_load_walk(const char *directory);

/*
 * A file from its bytes, which are UTF-8 with or without byte order mark:
 * converted to the server's encoding, refused with the line when invalid.
 */
extern HmSourceFile *hm_load_decode(const char *path, const char *bytes,
									size_t length);

/* A file that is there, but of no use; why must not be NULL. */
extern HmSourceFile *hm_load_unread(const char *path, const char *why);

/*
 * Registers everything or, by raising, nothing.  The result is a list of
 * HmLoadRow * in the current memory context.
 */
extern List *hm_load_register(const HmFolder *folder, const char *project,
							  HmLoadMode mode, Jsonb *source);

/* Registers what one file holds: a list of HmRegistered *. */
extern List *hm_load_register_file(const HmSourceFile *file,
								   const char *project, Jsonb *source);

#endif							/* HM_REGISTRY_LOAD_H */
