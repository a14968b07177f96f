/*
 * src/lint/severity.h
 *	  How much a finding weighs: the same scale as risk.
 */
#ifndef HM_LINT_SEVERITY_H
#define HM_LINT_SEVERITY_H

typedef enum HmSeverity
{
	HM_LOW,
	HM_MEDIUM,
	HM_HIGH,
	HM_CRITICAL
} HmSeverity;

extern const char *hm_severity_name(HmSeverity severity);

/* Any case; raises for what is none of the four. */
extern HmSeverity hm_severity_require(const char *name);

/* So many steps up or down, within the scale. */
extern HmSeverity hm_severity_shift(HmSeverity severity, int steps);

#endif							/* HM_LINT_SEVERITY_H */
