/*
 * src/lint/enum_use.h
 *	  Labels that the present transaction has added to an enum, and uses.
 */
#ifndef HM_LINT_ENUM_USE_H
#define HM_LINT_ENUM_USE_H

#include "lint/lint.h"

typedef struct HmEnumUse
{
	HmType	   *type;
	const char *label;
	int			location;
} HmEnumUse;

/*
 * True if the node, as rules look at it (a query, DEFAULT, CHECK, ...), uses
 * such a label: a constant that is cast to the enum, or one like the label
 * where a column of the enum is written or compared.
 */
extern bool hm_enum_use_find(HmLint *lint, Node *node, HmEnumUse *use);

#endif							/* HM_LINT_ENUM_USE_H */
