/*
 * src/policy/window_parts.h
 *	  Windows as they are read from JSON; for the files of window.h.
 */
#ifndef HM_POLICY_WINDOW_PARTS_H
#define HM_POLICY_WINDOW_PARTS_H

#include "pgtime.h"
#include "policy/window.h"

#define HM_WINDOW_HORIZON_DAYS	400

#define HM_WINDOW_EXAMPLE \
	"[{\"days\": \"mon-fri\", \"from\": \"18:00\", \"until\": \"06:00\", \"zone\": \"America/New_York\"}]"

/* Recurring, or one span. */
typedef struct HmWindow
{
	bool		recurs;
	HmWindowSpan span;			/* unless it does */
	int			days;			/* on which it begins: bit 0 is Sunday */
	int			from;			/* seconds after midnight */
	int			until;			/* likewise; not after from: the next day */
	pg_tz	   *zone;
} HmWindow;

/* always, or a list, or a fault. */
typedef struct HmWindows
{
	bool		always;
	List	   *list;			/* of HmWindow * */
	char	   *fault;			/* a sentence: why it is not understood */
} HmWindows;

/*
 * Raises nothing because of the value: what cannot be understood is never
 * open, and must not keep break-glass from running.
 */
extern HmWindows *hm_windows_parse(Jsonb *value);

#endif							/* HM_POLICY_WINDOW_PARTS_H */
