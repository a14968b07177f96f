/*
 * src/policy/policy_preset.h
 *	  Presets: policies to begin with, as data.
 */
#ifndef HM_POLICY_POLICY_PRESET_H
#define HM_POLICY_POLICY_PRESET_H

typedef struct HmPresetRow
{
	const char *risk;			/* or ALL */
	const char *requirement;
	const char *value;			/* JSON; "$zone" stands for the time zone */
} HmPresetRow;

typedef struct HmPreset
{
	const char *name;
	const HmPresetRow *rows;
	int			nrows;
	bool		zoned;			/* its windows are in a time zone */
} HmPreset;

/* NULL: there is none. */
extern const HmPreset *hm_preset_find(const char *name);

/* A row's value, with that time zone; NULL where none is needed. */
extern char *hm_preset_value(const HmPresetRow *row, const char *zone);

#endif							/* HM_POLICY_POLICY_PRESET_H */
