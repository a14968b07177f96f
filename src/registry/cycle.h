/*
 * src/registry/cycle.h
 *	  Whether the dependencies of a migration lead back to it.
 */
#ifndef HM_REGISTRY_CYCLE_H
#define HM_REGISTRY_CYCLE_H

/*
 * A shortest cycle through the migration, as "a -> b -> a", or NULL.  Each
 * migration that it depends on is visited once, however many ways lead
 * there.  To be called inside a query bracket; the result does not outlive it.
 */
extern char *hm_cycle_find(int64 migration_id);

#endif							/* HM_REGISTRY_CYCLE_H */
