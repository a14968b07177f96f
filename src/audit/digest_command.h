/*
 * src/audit/digest_command.h
 *	  Runs hipaa_migrate.digest_command, one at a time, without waiting.
 *
 * The command gets a file in directory hipaa_migrate_digest of the data
 * directory, and a process group of its own, which is ended with this process
 * or when hipaa_migrate.digest_timeout is over.
 */
#ifndef HM_AUDIT_DIGEST_COMMAND_H
#define HM_AUDIT_DIGEST_COMMAND_H

typedef enum HmCommandState
{
	HM_COMMAND_NONE,
	HM_COMMAND_RUNS,
	HM_COMMAND_SUCCEEDED,
	HM_COMMAND_FAILED
} HmCommandState;

/*
 * Returns NULL, or, in the current memory context, why the file could not be
 * written or no process be had.
 */
extern char *hm_digest_command_start(int64 block, const char *digest);

/*
 * How it stands.  *block is what it was started with; once it has ended it is
 * forgotten, and *cause, in the current memory context, says why it failed.
 */
extern HmCommandState hm_digest_command_poll(int64 *block, char **cause);

#endif							/* HM_AUDIT_DIGEST_COMMAND_H */
