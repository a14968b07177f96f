/*
 * src/guard/effect_parts.h
 *	  What the files of the effects share among themselves.
 */
#ifndef HM_GUARD_EFFECT_PARTS_H
#define HM_GUARD_EFFECT_PARTS_H

#include "executor/execdesc.h"
#include "guard/frame.h"
#include "guard/refuse.h"

/* What exemptions call what no command is there for. */
#define HM_EFFECT_LARGE_OBJECT	"LARGE OBJECT"
#define HM_EFFECT_SERVER_FILE	"SERVER FILE"
#define HM_EFFECT_SET			"SET DANGEROUS"
#define HM_EFFECT_STATISTICS	"TABLE STATISTICS"

/*
 * Whether such an effect has to be looked at: neither for our own code and
 * the server's processes nor where the class is off.
 */
extern bool hm_effect_concerns(HmGuardClass class, bool shared);

/*
 * Decides about an effect that no command covers: raises, or puts it on
 * record, once for what a statement repeats.  layer, object and object_type of
 * the case are the caller's to fill.  query is what it is part of; NULL: what
 * the client sent.
 */
extern void hm_effect_judge(const HmGuardedCommand *command,
							HmGuardCase *about, const QueryDesc *query);

/* effect.c: the class of what the rows of a catalog describe. */
extern HmGuardClass hm_effect_class(Oid catalog);

/* effect_function.c: a function is about to be called. */
extern void hm_effect_check_function(Oid function);

/* effect_setting.c: set_config() is about to be called. */
extern void hm_effect_note_set_config(void);

#endif							/* HM_GUARD_EFFECT_PARTS_H */
