/*
 * src/registry/name_map.h
 *	  From the names of other tools to the registry's.
 *
 * The result is 14 digits, a dash and lower-case words, at most
 * HM_NAME_MAX_BYTES, and sorts byte by byte as the tool sorts its own.  A
 * name that is in this form already comes back as it is.  A longer one is
 * cut and ends in eight digits of the SHA-256 of the whole.
 *
 * Functions that can find no such name return NULL and say why in *problem,
 * in the form of an error detail.  Pure: no catalogs, no settings.
 */
#ifndef HM_REGISTRY_NAME_MAP_H
#define HM_REGISTRY_NAME_MAP_H

/* What comes before the name of something that runs after all others. */
#define HM_NAME_REPEATABLE "99999999999999"

/* 14 digits, a dash, lower-case words, not too long. */
extern bool hm_name_map_is_strict(const char *name);

/*
 * Tools whose versions are whole numbers: 20250103000000_create_schema,
 * 3_add_index, 20250103000000123-x, 2025-01-03-000000-0000_create.  A name
 * without a leading number comes back unchanged: whether the registry takes
 * it is a setting.
 */
extern char *hm_name_map_stem(const char *stem, const char **problem);

/* The digits that hm_name_map_stem() takes as the version, or NULL. */
extern char *hm_name_map_version(const char *stem);

/* Compares numbers of any length, written in digits. */
extern int	hm_name_map_compare_digits(const char *a, const char *b);

/* Flyway: version "1.2.3" or "1_2_3"; original is the whole file's stem. */
extern char *hm_name_map_dotted(const char *version, const char *words,
								const char *original, const char **problem);

/* Flyway's repeatable migrations. */
extern char *hm_name_map_repeatable(const char *words, const char *original);

/* The n-th changeset of a file whose name begins with a number, or not. */
extern char *hm_name_map_nth(const char *stem, int n, const char *words,
							 const char **problem);

/* 14 digits that the caller has made, and what to call it. */
extern char *hm_name_map_join(const char *digits, const char *words,
							  const char *original);

#endif							/* HM_REGISTRY_NAME_MAP_H */
