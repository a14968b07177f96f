/*
 * src/lint/severity.c
 *	  How much a finding weighs.
 */
#include "postgres.h"

#include "lint/severity.h"

static const char *const names[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL"};

const char *
hm_severity_name(HmSeverity severity)
{
	return names[severity];
}

HmSeverity
hm_severity_require(const char *name)
{
	for (int i = 0; i < lengthof(names); i++)
	{
		if (pg_strcasecmp(name, names[i]) == 0)
			return (HmSeverity) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid severity \"%s\"", name),
			 errhint("Use one of \"LOW\", \"MEDIUM\", \"HIGH\", \"CRITICAL\".")));
}

HmSeverity
hm_severity_shift(HmSeverity severity, int steps)
{
	int			shifted = (int) severity + steps;

	return (HmSeverity) Max(HM_LOW, Min(HM_CRITICAL, shifted));
}
