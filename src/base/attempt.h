/*
 * src/base/attempt.h
 *	  What may raise, in a subtransaction of its own.
 *
 * attempt() runs in the caller's memory context.  When it returns, the
 * subtransaction is committed if it is to be kept, else rolled back.
 */
#ifndef HM_BASE_ATTEMPT_H
#define HM_BASE_ATTEMPT_H

typedef enum HmAttemptEnd
{
	HM_ATTEMPT_KEEP,
	HM_ATTEMPT_ROLL_BACK
} HmAttemptEnd;

/* Returns NULL, or the error, in the caller's memory context. */
extern ErrorData *hm_attempt(void (*attempt) (void *argument), void *argument,
							 HmAttemptEnd end);

/*
 * Whether the error says nothing about what was tried: cancellation, shutdown,
 * lack of memory or disk.
 */
extern bool hm_attempt_disturbed(const ErrorData *error);

/*
 * For questions to the server that it answers by an error: always rolled
 * back, and false when it raised.  What disturbed it is raised again.
 */
extern bool hm_attempt_quietly(void (*attempt) (void *argument),
							   void *argument);

#endif							/* HM_BASE_ATTEMPT_H */
