/*
 * src/registry/load_walk.c
 *	  The files of a folder on the server.
 *
 * Subfolders and links are followed, a folder inside itself is refused, and
 * so is what is too much to be a folder of migrations: a wrong path must not
 * read half a disk into memory.
 */
#include "postgres.h"

#include <sys/stat.h>

#include "base/errors.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "registry/load.h"
#include "storage/fd.h"

#define MAX_DEPTH 32
#define MAX_FILES 200000
#define MAX_FILE_BYTES (64 * 1024 * 1024)
#define MAX_TOTAL_BYTES (512 * 1024 * 1024)

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* The folders from the first to the one that is being read. */
typedef struct Level
{
	const struct Level *parent;
	struct stat status;
	int			depth;
} Level;

typedef struct Walk
{
	List	   *files;			/* of HmSourceFile * */
	size_t		bytes;
} Walk;

static void
refuse_size(const char *path, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("file \"%s\": %s", path, problem)));
}

static int
line_of(const char *bytes, size_t offset)
{
	int			line = 1;

	for (size_t i = 0; i < offset; i++)
	{
		if (bytes[i] == '\n')
			line++;
	}
	return line;
}

static void
require_utf8(const char *path, const char *bytes, size_t length)
{
	const char *zero = memchr(bytes, '\0', length);
	size_t		valid;

	if (zero)
		ereport(ERROR,
				(errcode(HM_ERRCODE_FILE),
				 errmsg("file \"%s\", line %d: zero byte",
						path, line_of(bytes, zero - bytes)),
				 errhint("Save the file as UTF-8.")));
	valid = pg_encoding_verifymbstr(PG_UTF8, bytes, length);
	if (valid != length)
		ereport(ERROR,
				(errcode(HM_ERRCODE_FILE),
				 errmsg("file \"%s\", line %d: invalid byte sequence for encoding \"UTF8\": 0x%02x",
						path, line_of(bytes, valid),
						(unsigned char) bytes[valid]),
				 errhint("Save the file as UTF-8.")));
}

static void
add_file_context(void *argument)
{
	errcontext("file \"%s\"", (const char *) argument);
}

/* A character that the server's encoding lacks is an error, in a file. */
static char *
convert(const char *path, const char *utf8)
{
	ErrorContextCallback callback;
	char	   *converted;

	callback.callback = add_file_context;
	callback.arg = unconstify(char *, path);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	converted = pg_any_to_server(utf8, strlen(utf8), PG_UTF8);
	error_context_stack = callback.previous;
	return converted;
}

HmSourceFile *
hm_load_decode(const char *path, const char *bytes, size_t length)
{
	HmSourceFile *file = palloc0(sizeof(HmSourceFile));

	if (length > MAX_FILE_BYTES)
		refuse_size(path, psprintf("larger than %d MB",
								   MAX_FILE_BYTES / (1024 * 1024)));
	require_utf8(path, bytes, length);
	if (length >= strlen(BYTE_ORDER_MARK) &&
		memcmp(bytes, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
	{
		bytes += strlen(BYTE_ORDER_MARK);
		length -= strlen(BYTE_ORDER_MARK);
	}
	file->path = path;
	file->content = convert(path, pnstrdup(bytes, length));
	file->length = strlen(file->content);
	return file;
}

HmSourceFile *
hm_load_unread(const char *path, const char *why)
{
	HmSourceFile *file = palloc0(sizeof(HmSourceFile));

	file->path = path;
	file->unread = why;
	return file;
}

static void
refuse_read(const char *path)
{
	ereport(ERROR,
			(errcode_for_file_access(),
			 errmsg("could not read file \"%s\": %m", path)));
}

static HmSourceFile *
read_file(Walk *walk, const char *path, const char *shown, size_t size)
{
	HmSourceFile *file;
	FILE	   *stream;
	char	   *bytes;
	size_t		length;

	walk->bytes += size;
	if (size > MAX_FILE_BYTES || walk->bytes > MAX_TOTAL_BYTES)
		refuse_size(shown, psprintf("more than %d MB in one file or %d MB in the folder",
									MAX_FILE_BYTES / (1024 * 1024),
									MAX_TOTAL_BYTES / (1024 * 1024)));
	stream = AllocateFile(path, PG_BINARY_R);
	if (stream == NULL)
		refuse_read(path);
	bytes = palloc(size + 1);
	length = fread(bytes, 1, size, stream);
	if (ferror(stream))
		refuse_read(path);
	FreeFile(stream);
	file = hm_load_decode(shown, bytes, length);
	pfree(bytes);
	return file;
}

static int
compare_strings(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/* The names in a folder, in byte order, without those that begin with a dot. */
static List *
list_names(const char *path)
{
	List	   *names = NIL;
	DIR		   *dir = AllocateDir(path);
	struct dirent *entry;

	while ((entry = ReadDir(dir, path)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (entry->d_name[0] != '.')
			names = lappend(names, pstrdup(entry->d_name));
		if (list_length(names) > MAX_FILES)
			refuse_size(path, "more files than a folder of migrations can have");
	}
	FreeDir(dir);
	list_sort(names, compare_strings);
	return names;
}

/* A name as it was found on disk, in the server's encoding. */
static char *
decode_name(const char *path, const char *name)
{
	if (pg_encoding_verifymbstr(PG_UTF8, name, strlen(name)) != strlen(name))
		ereport(ERROR,
				(errcode(HM_ERRCODE_FILE),
				 errmsg("folder \"%s\" holds a file whose name is not valid UTF-8",
						path)));
	return pg_any_to_server(name, strlen(name), PG_UTF8);
}

static void
refuse_loop(const char *path, const Level *level)
{
	if (level->depth > MAX_DEPTH)
		ereport(ERROR,
				(errcode(HM_ERRCODE_FILE),
				 errmsg("folder \"%s\" is nested more than %d levels deep",
						path, MAX_DEPTH)));
	for (const Level *above = level->parent; above; above = above->parent)
	{
		if (above->status.st_dev == level->status.st_dev &&
			above->status.st_ino == level->status.st_ino)
			ereport(ERROR,
					(errcode(HM_ERRCODE_FILE),
					 errmsg("folder \"%s\" contains itself", path),
					 errhint("Remove the symbolic link.")));
	}
}

static void walk_folder(Walk *walk, const char *path, const char *prefix,
						const Level *level);

/* One name in a folder; shown is its path below the first folder. */
static void
walk_entry(Walk *walk, const char *path, const char *shown,
		   const Level *parent)
{
	Level		level = {parent};
	HmSourceFile *file;

	CHECK_FOR_INTERRUPTS();
	level.depth = parent->depth + 1;
	if (stat(path, &level.status) != 0)
		refuse_read(path);
	if (S_ISDIR(level.status.st_mode))
	{
		walk_folder(walk, path, psprintf("%s/", shown), &level);
		return;
	}
	if (!S_ISREG(level.status.st_mode))
		file = hm_load_unread(shown, "not a regular file");
	else if (!hm_format_wants(shown))
		file = hm_load_unread(shown, "not an SQL file");
	else
		file = read_file(walk, path, shown, level.status.st_size);
	walk->files = lappend(walk->files, file);
	if (list_length(walk->files) > MAX_FILES)
		refuse_size(shown, "more files than a folder of migrations can have");
}

static void
walk_folder(Walk *walk, const char *path, const char *prefix,
			const Level *level)
{
	ListCell   *cell;

	refuse_loop(path, level);
	foreach(cell, list_names(path))
	{
		const char *name = lfirst(cell);

		walk_entry(walk, psprintf("%s/%s", path, name),
				   psprintf("%s%s", prefix, decode_name(path, name)), level);
	}
}

List *
hm_load_walk(const char *directory)
{
	Walk		walk = {NIL, 0};
	Level		level = {NULL};
	char	   *path = pstrdup(directory);

	canonicalize_path(path);
	if (stat(path, &level.status) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open folder \"%s\": %m", path)));
	if (!S_ISDIR(level.status.st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a folder", path),
				 errhint("Register a single file with migrate_register_file().")));
	walk_folder(&walk, path, "", &level);
	return walk.files;
}
