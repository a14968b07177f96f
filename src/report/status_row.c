/*
 * src/report/status_row.c
 *	  Rows of what is looked at: item, status, value, message, remedy.
 */
#include "postgres.h"

#include "report/status_row.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

void
hm_status_row_put(ReturnSetInfo *result, const char *item, const char *status,
				  const char *value, const char *message, const char *remedy)
{
	const char *texts[5] = {item, status, value, message, remedy};
	Datum		values[5];
	bool		nulls[5];

	for (int i = 0; i < lengthof(texts); i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = texts[i] ? CStringGetTextDatum(texts[i]) : (Datum) 0;
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}
