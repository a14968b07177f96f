/*
 * src/lint/finding_row.h
 *	  Findings as rows of a SQL function.
 */
#ifndef HM_LINT_FINDING_ROW_H
#define HM_LINT_FINDING_ROW_H

#include "lint/lint.h"
#include "nodes/execnodes.h"

/*
 * One row for each that weighs enough: migration, statement_no, line,
 * severity, rule, object, message, safe_way, waived_by.  migration may be NULL.
 */
extern void hm_findings_put(ReturnSetInfo *result, const char *migration,
							List *findings, HmSeverity least);

/* Argument rules of the functions: whether the catalogs are asked. */
extern bool hm_findings_ask_catalogs(const char *rules);

#endif							/* HM_LINT_FINDING_ROW_H */
