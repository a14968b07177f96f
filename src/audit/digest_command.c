/*
 * src/audit/digest_command.c
 *	  Runs hipaa_migrate.digest_command, one at a time, without waiting.
 */
#include "postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "audit/digest_command.h"
#include "base/settings.h"
#include "common/file_perm.h"
#include "lib/stringinfo.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "utils/timestamp.h"

/* In the data directory, where the server's processes are at home. */
#define DIRECTORY "hipaa_migrate_digest"

static pid_t running = 0;		/* 0: none */
static int64 running_block;
static TimestampTz running_since;
static char running_file[MAXPGPATH];

static void
end_with_process(int code, Datum argument)
{
	if (running != 0)
		(void) kill(-running, SIGKILL);
}

static bool
write_all(int file, const char *digest)
{
	int			length = strlen(digest);

	return write(file, digest, length) == length &&
		write(file, "\n", 1) == 1 && pg_fsync(file) == 0;
}

static bool
write_file(int64 block, const char *digest)
{
	bool		written;
	int			file;

	if (MakePGDirectory(DIRECTORY) != 0 && errno != EEXIST)
		return false;
	snprintf(running_file, sizeof(running_file),
			 DIRECTORY "/%u-" INT64_FORMAT ".json", MyDatabaseId, block);
	file = OpenTransientFile(running_file, O_WRONLY | O_CREAT | O_TRUNC);
	if (file < 0)
		return false;
	errno = 0;
	written = write_all(file, digest);
	if (!written && errno == 0)
		errno = ENOSPC;
	return CloseTransientFile(file) == 0 && written;
}

/* %p, %b and %% as in archive_command; another % means itself. */
static char *
build_command(int64 block)
{
	StringInfoData command;

	initStringInfo(&command);
	for (const char *c = hm_setting_digest_command; *c; c++)
	{
		if (c[0] == '%' && c[1] == 'p')
			appendStringInfoString(&command, running_file);
		else if (c[0] == '%' && c[1] == 'b')
			appendStringInfo(&command, INT64_FORMAT, block);
		else
		{
			appendStringInfoChar(&command, *c);
			if (c[0] != '%' || c[1] != '%')
				continue;
		}
		c++;
	}
	return command.data;
}

/* In the new process; nothing of the server's may run here. */
static void
become_command(const char *command)
{
	int			null = open("/dev/null", O_RDONLY);

	(void) setsid();
#ifdef PR_SET_PDEATHSIG
	(void) prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	(void) signal(SIGHUP, SIG_DFL);
	(void) signal(SIGPIPE, SIG_DFL);
	(void) signal(SIGUSR2, SIG_DFL);
	(void) sigprocmask(SIG_SETMASK, &UnBlockSig, NULL);
	if (null >= 0)
		(void) dup2(null, STDIN_FILENO);
	(void) execl("/bin/sh", "sh", "-c", command, (char *) NULL);
	_exit(127);
}

char *
hm_digest_command_start(int64 block, const char *digest)
{
	static bool registered = false;
	char	   *command;
	pid_t		pid;

	Assert(running == 0);
	if (!registered)
		on_proc_exit(end_with_process, (Datum) 0);
	registered = true;
	if (!write_file(block, digest))
		return psprintf("could not write a file in \"%s\": %s", DIRECTORY,
						strerror(errno));
	command = build_command(block);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_command(command);
	if (pid < 0)
		return psprintf("could not fork: %s", strerror(errno));
	running = pid;
	running_block = block;
	running_since = GetCurrentTimestamp();
	return NULL;
}

static bool
is_over_time(void)
{
	return hm_setting_digest_timeout > 0 &&
		TimestampDifferenceExceeds(running_since, GetCurrentTimestamp(),
								   hm_setting_digest_timeout);
}

static char *
describe_status(int status)
{
	if (WIFEXITED(status))
		return psprintf("it exited with status %d", WEXITSTATUS(status));
	return psprintf("it was ended by signal %d", WTERMSIG(status));
}

/* What it left running in the background goes too. */
static HmCommandState
forget(HmCommandState state)
{
	(void) kill(-running, SIGKILL);
	running = 0;
	(void) unlink(running_file);
	return state;
}

HmCommandState
hm_digest_command_poll(int64 *block, char **cause)
{
	int			status;
	pid_t		ended;

	if (running == 0)
		return HM_COMMAND_NONE;
	*block = running_block;
	*cause = NULL;
	ended = waitpid(running, &status, WNOHANG);
	if (ended == 0 && !is_over_time())
		return HM_COMMAND_RUNS;
	if (ended == 0)
	{
		*cause = psprintf("it took longer than %d ms",
						  hm_setting_digest_timeout);
		(void) kill(-running, SIGKILL);
		(void) waitpid(running, &status, 0);
		return forget(HM_COMMAND_FAILED);
	}
	if (ended == running && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return forget(HM_COMMAND_SUCCEEDED);
	*cause = ended == running ? describe_status(status) :
		pstrdup("its exit status was lost");
	return forget(HM_COMMAND_FAILED);
}
