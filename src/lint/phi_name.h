/*
 * src/lint/phi_name.h
 *	  Names that look like those of health information.
 *
 * By whole words of snake_case and camelCase names: what identifies a person
 * (45 CFR 164.514(b)(2)), and what tells of health.
 */
#ifndef HM_LINT_PHI_NAME_H
#define HM_LINT_PHI_NAME_H

#include "lint/world.h"

extern bool hm_phi_column_looks(const HmColumn *column);
extern bool hm_phi_table_looks(const char *name);

#endif							/* HM_LINT_PHI_NAME_H */
