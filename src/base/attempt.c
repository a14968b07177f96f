/*
 * src/base/attempt.c
 *	  What may raise, in a subtransaction of its own.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/attempt.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

ErrorData *
hm_attempt(void (*attempt) (void *argument), void *argument, HmAttemptEnd end)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		attempt(argument);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	if (error == NULL && end == HM_ATTEMPT_KEEP)
		ReleaseCurrentSubTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	return error;
}

bool
hm_attempt_disturbed(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_SYSTEM_ERROR:
			return true;
		default:
			return false;
	}
}

bool
hm_attempt_quietly(void (*attempt) (void *argument), void *argument)
{
	ErrorData  *error = hm_attempt(attempt, argument, HM_ATTEMPT_ROLL_BACK);

	if (error == NULL)
		return true;
	if (hm_attempt_disturbed(error))
		ReThrowError(error);
	FreeErrorData(error);
	return false;
}
