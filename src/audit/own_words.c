/*
 * src/audit/own_words.c
 *	  Signatures are given in words of one's own.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/own_words.h"
#include "base/settings.h"
#include "tcop/tcopprot.h"

static bool
names(const char *statement, const char *function)
{
	size_t		length = strlen(function);

	for (; *statement; statement++)
	{
		if (pg_strncasecmp(statement, function, length) == 0)
			return true;
	}
	return false;
}

void
hm_own_words_require(const char *function)
{
	HmEvent		event = {
		.kind = HM_EVENT_ACCESS_REFUSED,
		.rule = psprintf("%s in the caller's own words", function),
		.sqlstate = "42501"
	};

	if (debug_query_string && names(debug_query_string, function))
		return;
	(void) hm_event_record(&event, 0, hm_setting_record_wait);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s() must be called by the statement that the client sends",
					function),
			 errdetail("A view, a trigger or a function cannot sign for whoever uses it."),
			 errhint("Call it directly.")));
}
