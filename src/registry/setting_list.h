/*
 * src/registry/setting_list.h
 *	  The settings a migration runs under, as registered with it.
 */
#ifndef HM_REGISTRY_SETTING_LIST_H
#define HM_REGISTRY_SETTING_LIST_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

typedef struct HmSettingValue
{
	char	   *name;
	char	   *value;
} HmSettingValue;

/*
 * A JSON object as a list of HmSettingValue, sorted by name.  NULL gives
 * an empty list; anything but an object of scalars is an error.
 */
extern List *hm_setting_list_from_jsonb(Jsonb *object);

/*
 * What a migration is registered with: the given ones, each valid on this
 * server and not the runner's own, and search_path in any case.
 */
extern List *hm_setting_list_for_registration(Jsonb *object);

extern Jsonb *hm_setting_list_to_jsonb(List *settings);

#endif							/* HM_REGISTRY_SETTING_LIST_H */
