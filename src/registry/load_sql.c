/*
 * src/registry/load_sql.c
 *	  SQL functions migrate_load, migrate_load_files, migrate_register_file.
 */
#include "postgres.h"

#include "audit/own_words.h"
#include "base/argument.h"
#include "base/errors.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "registry/load.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_migrate_load);
PG_FUNCTION_INFO_V1(hm_migrate_load_files);
PG_FUNCTION_INFO_V1(hm_migrate_register_file);

static HmLoadMode
mode_argument(FunctionCallInfo fcinfo, int number)
{
	static const char *const modes[] = {
		[HM_LOAD_ADD] = "add",
		[HM_LOAD_EXACT] = "exact",
		[HM_LOAD_CHECK] = "check",
	};
	const char *mode = hm_arg_require_text(fcinfo, number, "mode");

	for (int i = 0; i < lengthof(modes); i++)
	{
		if (strcmp(mode, modes[i]) == 0)
			return (HmLoadMode) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized mode \"%s\"", mode),
			 errhint("Modes are add, exact and check.")));
}

/* As the server's own pg_read_file() asks for when the path is absolute. */
static void
require_may_read_files(void)
{
	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to read files on the server"),
				 errdetail("Only roles with privileges of the \"%s\" role may load a folder on the server.",
						   "pg_read_server_files"),
				 errhint("A superuser can give it with GRANT pg_read_server_files TO %s; or send the folder from the client with hipaa-migrate-push.",
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
}

static Datum
text_or_null(const char *string, bool *null)
{
	*null = string == NULL;
	return string ? CStringGetTextDatum(string) : (Datum) 0;
}

static void
return_rows(FunctionCallInfo fcinfo, List *rows)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, rows)
	{
		const HmLoadRow *row = lfirst(cell);
		Datum		values[6];
		bool		nulls[6] = {0};

		values[0] = text_or_null(row->file, &nulls[0]);
		values[1] = text_or_null(row->migration, &nulls[1]);
		values[2] = text_or_null(row->format, &nulls[2]);
		values[3] = text_or_null(row->outcome, &nulls[3]);
		values[4] = Int32GetDatum(row->revision);
		nulls[4] = row->revision == 0;
		values[5] = text_or_null(row->message, &nulls[5]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

Datum
hm_migrate_load(PG_FUNCTION_ARGS)
{
	const char *directory = hm_arg_require_text(fcinfo, 0, "directory");
	const char *project = hm_arg_require_text(fcinfo, 1, "project");
	HmLoadMode	mode = mode_argument(fcinfo, 2);
	HmFolder   *folder;

	require_may_read_files();
	hm_own_words_require_author("migrate_load");
	folder = hm_format_read(hm_load_walk(directory));
	return_rows(fcinfo, hm_load_register(folder, project, mode,
										 hm_arg_jsonb(fcinfo, 3)));
	return (Datum) 0;
}

/* A content that is null stands for a file that need not be sent. */
static List *
files_from_arguments(FunctionCallInfo fcinfo)
{
	List	   *names = hm_arg_text_list(fcinfo, 0, "file_names");
	List	   *files = NIL;
	Datum	   *contents;
	bool	   *nulls;
	int			count;

	hm_arg_require(fcinfo, 1, "contents");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), BYTEAOID, -1, false,
					  TYPALIGN_INT, &contents, &nulls, &count);
	if (count != list_length(names))
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%d file names, but %d contents",
						list_length(names), count)));
	for (int i = 0; i < count; i++)
	{
		const char *name = list_nth(names, i);
		bytea	   *content;

		if (nulls[i] || !hm_format_wants(name))
		{
			files = lappend(files, hm_load_unread(name, "not an SQL file"));
			continue;
		}
		content = DatumGetByteaPP(contents[i]);
		files = lappend(files, hm_load_decode(name, VARDATA_ANY(content),
											  VARSIZE_ANY_EXHDR(content)));
	}
	return files;
}

Datum
hm_migrate_load_files(PG_FUNCTION_ARGS)
{
	const char *project = hm_arg_require_text(fcinfo, 2, "project");
	HmLoadMode	mode = mode_argument(fcinfo, 3);
	HmFolder   *folder = hm_format_read(files_from_arguments(fcinfo));

	hm_own_words_require_author("migrate_load_files");
	return_rows(fcinfo, hm_load_register(folder, project, mode,
										 hm_arg_jsonb(fcinfo, 4)));
	return (Datum) 0;
}

/* The content has come through the connection: it is valid already. */
static HmSourceFile *
file_from_arguments(FunctionCallInfo fcinfo)
{
	HmSourceFile *file = palloc0(sizeof(HmSourceFile));

	file->path = hm_arg_require_text(fcinfo, 0, "file_name");
	file->content = hm_arg_require_text(fcinfo, 1, "content");
	if (GetDatabaseEncoding() == PG_UTF8 &&
		strncmp(file->content, "\xEF\xBB\xBF", 3) == 0)
		file->content += 3;
	file->length = strlen(file->content);
	return file;
}

Datum
hm_migrate_register_file(PG_FUNCTION_ARGS)
{
	const char *project = hm_arg_require_text(fcinfo, 2, "project");
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *registered;
	ListCell   *cell;

	hm_own_words_require_author("migrate_register_file");
	registered = hm_load_register_file(file_from_arguments(fcinfo), project,
									   hm_arg_jsonb(fcinfo, 3));

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, registered)
	{
		const HmRegistered *one = lfirst(cell);
		Datum		values[6];
		bool		nulls[6] = {0};

		values[0] = CStringGetTextDatum(one->migration);
		values[1] = Int32GetDatum(one->revision);
		values[2] = CStringGetTextDatum(one->outcome);
		values[3] = CStringGetTextDatum(hm_hash_to_hex(one->checksum,
													   HM_HASH_LENGTH));
		values[4] = Int32GetDatum(one->statements);
		values[5] = JsonbPGetDatum(one->details);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
