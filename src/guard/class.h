/*
 * src/guard/class.h
 *	  Classes of commands, and what the guard does about each.
 */
#ifndef HM_GUARD_CLASS_H
#define HM_GUARD_CLASS_H

typedef enum HmGuardClass
{
	HM_CLASS_FREE,				/* never guarded */
	HM_CLASS_SCHEMA,			/* objects of the database */
	HM_CLASS_PRIVILEGE,			/* who may do what */
	HM_CLASS_ACCOUNTS,			/* roles, passwords, user mappings */
	HM_CLASS_CLUSTER,			/* databases, tablespaces, ALTER SYSTEM */
	HM_CLASS_MAINTENANCE,		/* rewrites of storage that change nothing */
	HM_CLASS_DANGER,			/* ways round all else: code, files, catalogs */
	HM_CLASS_OWN				/* the extension and armed databases: guarded
								 * while any other class is */
} HmGuardClass;

#define HM_GUARD_CLASSES (HM_CLASS_OWN + 1)

/* Those that have a mode of their own. */
#define HM_FIRST_MODAL_CLASS	HM_CLASS_SCHEMA
#define HM_LAST_MODAL_CLASS		HM_CLASS_DANGER

/* In the order of strictness. */
typedef enum HmGuardMode
{
	HM_GUARD_OFF,				/* as if there were no guard */
	HM_GUARD_OBSERVE,			/* record, refuse nothing */
	HM_GUARD_ENFORCE
} HmGuardMode;

extern const char *hm_guard_class_name(HmGuardClass class);
extern const char *hm_guard_mode_name(HmGuardMode mode);

/* False: there is none of that name, or it has no mode of its own. */
extern bool hm_guard_class_parse(const char *name, HmGuardClass *class);
extern bool hm_guard_mode_parse(const char *name, HmGuardMode *mode);

#endif							/* HM_GUARD_CLASS_H */
