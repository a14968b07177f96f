/*
 * src/audit/verify_report.c
 *	  The report of the verifier: what was checked, and what failed.
 */
#include "postgres.h"

#include "audit/verify_work.h"
#include "lib/stringinfo.h"
#include "utils/rel.h"

static const char *const check_names[] = {
	[HM_CHECK_PAGE] = "page",
	[HM_CHECK_EVENT] = "event",
	[HM_CHECK_LEAF] = "leaf",
	[HM_CHECK_MEMBERSHIP] = "membership",
	[HM_CHECK_TREE] = "tree",
	[HM_CHECK_CHAIN] = "chain",
	[HM_CHECK_INDEX] = "index",
	[HM_CHECK_FINGERPRINT] = "fingerprint",
	[HM_CHECK_EPOCH] = "epoch",
	[HM_CHECK_PURGED] = "purged",
	[HM_CHECK_DIGEST] = "digest",
	[HM_CHECK_CLOCK] = "clock",
};

StaticAssertDecl(lengthof(check_names) == HM_CHECK_COUNT,
				 "every check has a name");

const char *
hm_verify_check_name(HmCheck check)
{
	return check_names[check];
}

bool
hm_verify_passed(const HmVerifyReport *report)
{
	for (int i = 0; i < HM_CHECK_COUNT; i++)
	{
		if (report->checks[i].failures > 0)
			return false;
	}
	return true;
}

static char *format_message(HmVerify *verify, const char *format,
							va_list arguments) pg_attribute_printf(2, 0);

static char *
format_message(HmVerify *verify, const char *format, va_list arguments)
{
	MemoryContext caller = MemoryContextSwitchTo(verify->context);
	StringInfoData message;
	int			missing;

	initStringInfo(&message);
	for (;;)
	{
		va_list		copy;

		va_copy(copy, arguments);
		missing = appendStringInfoVA(&message, format, copy);
		va_end(copy);
		if (missing == 0)
			break;
		enlargeStringInfo(&message, missing);
	}
	MemoryContextSwitchTo(caller);
	return message.data;
}

/* The array doubles; it begins with room for one, which is often all. */
static HmVerifyFailure *
next_described(HmVerify *verify, HmVerifyCheck *check)
{
	int			count = check->ndescribed++;

	if (count == 0)
		check->described = MemoryContextAlloc(verify->context,
											  sizeof(HmVerifyFailure));
	else if ((count & (count - 1)) == 0)
		check->described = repalloc(check->described,
									2 * count * sizeof(HmVerifyFailure));
	return &check->described[count];
}

void
hm_verify_fail(HmVerify *verify, HmCheck check, int64 event_id,
			   const char *format,...)
{
	HmVerifyCheck *result = &verify->report->checks[check];
	HmVerifyFailure *failure;
	va_list		arguments;

	result->failures++;
	if (result->ndescribed >= verify->report->max_failures)
		return;
	failure = next_described(verify, result);
	failure->event_id = event_id;
	va_start(arguments, format);
	failure->message = format_message(verify, format, arguments);
	va_end(arguments);
}

void
hm_verify_remark(HmVerify *verify, HmCheck check, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	verify->report->checks[check].remark =
		format_message(verify, format, arguments);
	va_end(arguments);
}

void
hm_verify_skip(HmVerify *verify, HmCheck check, const char *format,...)
{
	va_list		arguments;

	verify->report->checks[check].skipped = true;
	va_start(arguments, format);
	verify->report->checks[check].remark =
		format_message(verify, format, arguments);
	va_end(arguments);
}

void
hm_verify_damage(HmVerify *verify, const char *table, BlockNumber block,
				 OffsetNumber offset, HmDamage damage)
{
	if (OffsetNumberIsValid(offset))
		hm_verify_fail(verify, HM_CHECK_PAGE, 0, "%s: page %u, item %u %s",
					   table, block, offset, hm_damage_text(damage));
	else
		hm_verify_fail(verify, HM_CHECK_PAGE, 0, "%s: page %u %s", table,
					   block, hm_damage_text(damage));
}
