/*
 * src/audit/damage.h
 *	  What can be wrong with a page, a tuple or a value on disk.
 *
 * A code, not a message, since parallel workers pass it on through shared
 * memory.
 */
#ifndef HM_AUDIT_DAMAGE_H
#define HM_AUDIT_DAMAGE_H

typedef enum HmDamage
{
	HM_DAMAGE_NONE,
	HM_DAMAGE_UNREADABLE,
	HM_DAMAGE_CHECKSUM,
	HM_DAMAGE_PAGE_HEADER,
	HM_DAMAGE_LINE_POINTER,
	HM_DAMAGE_REDIRECT,
	HM_DAMAGE_TUPLE_HEADER,
	HM_DAMAGE_TUPLE_FLAGS,
	HM_DAMAGE_XMIN,
	HM_DAMAGE_XMAX,
	HM_DAMAGE_ALL_VISIBLE,
	HM_DAMAGE_COLUMNS,
	HM_DAMAGE_NULL,
	HM_DAMAGE_VALUE,
	HM_DAMAGE_COMPRESSION,
	HM_DAMAGE_TOAST,
	HM_DAMAGE_ENCODING
} HmDamage;

/* A clause to stand after "page 5" or "page 5, item 3": "has a ...". */
extern const char *hm_damage_text(HmDamage damage);

#endif							/* HM_AUDIT_DAMAGE_H */
