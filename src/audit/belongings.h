/*
 * src/audit/belongings.h
 *	  All objects that are ours, of whatever kind: the extension, its schema
 *	  and members, and of its relations the indexes, TOAST tables and types.
 */
#ifndef HM_AUDIT_BELONGINGS_H
#define HM_AUDIT_BELONGINGS_H

typedef struct HmBelonging
{
	Oid			class_id;
	Oid			object_id;
} HmBelonging;

typedef struct HmBelongings
{
	int			count;
	int			size;
	HmBelonging *items;			/* sorted */
} HmBelongings;

/* As the catalogs are now, in the current memory context. */
extern HmBelongings *hm_belongings_load(void);
extern bool hm_belongings_have(const HmBelongings *belongings, Oid class_id,
							   Oid object_id);
extern void hm_belongings_free(HmBelongings *belongings);

#endif							/* HM_AUDIT_BELONGINGS_H */
