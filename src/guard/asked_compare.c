/*
 * src/guard/asked_compare.c
 *	  Compares what a command asks for with what is there already.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "audit/redact.h"
#include "base/attempt.h"
#include "base/errors.h"
#include "base/option.h"
#include "base/query.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "guard/asked.h"
#include "guard/definition.h"
#include "guard/scratch.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

/* Both definitions; asked is NULL where it cannot be told. */
typedef struct Pair
{
	char	   *existing;
	char	   *asked;
} Pair;

/* What stands in the scratch schema is said to be where the other one is. */
static char *
at_home(char *definition, const HmScratch *scratch, Oid schema)
{
	StringInfoData result;
	const char *home;
	char	   *prefix = psprintf("%s.", scratch->schema);
	char	   *at = definition;
	char	   *next;

	if (definition == NULL)
		return NULL;
	home = OidIsValid(schema) ? get_namespace_name(schema) : NULL;
	initStringInfo(&result);
	while ((next = strstr(at, prefix)) != NULL)
	{
		appendBinaryStringInfo(&result, at, next - at);
		if (home)
			appendStringInfo(&result, "%s.", quote_identifier(home));
		at = next + strlen(prefix);
	}
	appendStringInfoString(&result, at);
	return result.data;
}

static char *
define(const HmAsked *asked)
{
	char	   *definition = asked->bound_only ?
	hm_definition_of_bound(asked->object) :
	hm_definition_of(asked->kind, asked->object, asked->part);

	/* Something of another kind that bears the name. */
	if (definition == NULL && asked->kind == OBJECT_INDEX)
		definition = hm_definition_of(OBJECT_TABLE, asked->object, NULL);
	return definition;
}

/* What a validation has added is what was asked for later. */
static void
forgive_validation(Pair *pair)
{
	const char *suffix = " NOT VALID";
	int			length = pair->asked ? strlen(pair->asked) : 0;

	if (length > strlen(suffix) &&
		strcmp(pair->asked + length - strlen(suffix), suffix) == 0 &&
		strncmp(pair->asked, pair->existing, length - strlen(suffix)) == 0 &&
		strlen(pair->existing) == length - strlen(suffix))
		pair->asked = pair->existing;
}

typedef struct Making
{
	Node	   *tree;
	int			part;
	const char *query;
	const HmAsked *existing;
	Pair		pair;
} Making;

static void
make_pair(void *argument)
{
	Making	   *making = argument;
	const HmAsked *existing = making->existing;
	Pair	   *pair = &making->pair;
	HmScratch	scratch;
	HmAsked		made;

	if (existing->state == HM_ASKED_UNNAMED)
		pair->existing = hm_definition_of_constraints(existing->relation);
	else
		pair->existing = define(existing);
	hm_scratch_begin(&scratch, making->query);
	made = hm_scratch_make(&scratch, making->tree, making->part, existing);
	if (existing->state == HM_ASKED_UNNAMED)
		pair->asked = hm_definition_of_constraints(made.relation);
	else if (made.state != HM_ASKED_ABSENT)
		pair->asked = define(&made);
	pair->asked = at_home(pair->asked, &scratch, existing->schema);
	if (pair->existing && pair->asked &&
		existing->kind == OBJECT_TABCONSTRAINT)
		forgive_validation(pair);
}

/* An error that says nothing about what was asked for. */
static bool
was_disturbed(const ErrorData *error)
{
	return hm_attempt_disturbed(error) ||
		ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_TRANSACTION_ROLLBACK ||
		error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		error->sqlerrcode == ERRCODE_READ_ONLY_SQL_TRANSACTION;
}

/* An error is part of what was found out: it cannot be made. */
static void
try_pair(Pair *result, Making *making)
{
	ErrorData  *error;

	EventTriggerInhibitCommandCollection();
	error = hm_attempt(make_pair, making, HM_ATTEMPT_ROLL_BACK);
	EventTriggerUndoInhibitCommandCollection();
	if (error == NULL)
	{
		*result = making->pair;
		return;
	}
	if (was_disturbed(error))
		ReThrowError(error);
	result->existing = define(making->existing);
	result->asked = psprintf("It cannot be made: %s.", error->message);
}

/* Without making one: the script of an extension does what it wants. */
static void
pair_of_extension(Pair *pair, const CreateExtensionStmt *create, Oid extension)
{
	static HmStatement query = {
		"SELECT extversion, nspname FROM pg_catalog.pg_extension AS e"
		"  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace"
		" WHERE e.oid = $1", 1, {OIDOID}
	};
	const DefElem *version = hm_option_find(create->options, "new_version");
	const DefElem *schema = hm_option_find(create->options, "schema");
	Datum		value = ObjectIdGetDatum(extension);
	MemoryContext context = CurrentMemoryContext;
	HmBracket	bracket;
	MemoryContext inside;

	hm_query_begin(&bracket);
	if (hm_query_run(&query, &value, NULL, false) > 0)
	{
		char	   *has_version = hm_query_text(0, 1);
		char	   *has_schema = hm_query_text(0, 2);

		inside = MemoryContextSwitchTo(context);
		pair->existing = psprintf("VERSION %s SCHEMA %s", has_version,
								  has_schema);
		pair->asked = psprintf("VERSION %s SCHEMA %s",
							   version ? strVal(version->arg) : has_version,
							   schema ? strVal(schema->arg) : has_schema);
		MemoryContextSwitchTo(inside);
	}
	hm_query_end(&bracket);
}

static void
pair_of_schema(Pair *pair, const CreateSchemaStmt *create,
			   const HmAsked *existing)
{
	pair->existing = define(existing);
	pair->asked = create->authrole == NULL ? pair->existing :
		psprintf("AUTHORIZATION %s",
				 quote_identifier(GetUserNameFromId(get_rolespec_oid(create->authrole,
																	 false),
													false)));
}

/* No two casts are between the same types, so there is none to make. */
static void
pair_of_cast(Pair *pair, const CreateCastStmt *create, const HmAsked *existing)
{
	static const char contexts[] = {
		[COERCION_IMPLICIT] = 'i',[COERCION_ASSIGNMENT] = 'a',
		[COERCION_EXPLICIT] = 'e'
	};
	Oid			function = create->func == NULL ? InvalidOid :
	LookupFuncWithArgs(OBJECT_FUNCTION, create->func, false);
	char		method = create->inout ? 'i' : create->func ? 'f' : 'b';
	HeapTuple	tuple = SearchSysCache2(CASTSOURCETARGET,
										ObjectIdGetDatum(typenameTypeId(NULL, create->sourcetype)),
										ObjectIdGetDatum(typenameTypeId(NULL, create->targettype)));
	Form_pg_cast cast;

	if (!HeapTupleIsValid(tuple))
		return;
	cast = (Form_pg_cast) GETSTRUCT(tuple);
	pair->existing = psprintf("function %s, context %c, method %c",
							  cast->castfunc ?
							  format_procedure_qualified(cast->castfunc) : "none",
							  cast->castcontext, cast->castmethod);
	pair->asked = psprintf("function %s, context %c, method %c",
						   function ? format_procedure_qualified(function) : "none",
						   contexts[create->context], method);
	ReleaseSysCache(tuple);
}

static void
pair_up(Pair *pair, Node *tree, int part, const char *query,
		const HmAsked *existing)
{
	Making		making = {
		.tree = tree,
		.part = part,
		.query = query,
		.existing = existing
	};

	switch (nodeTag(tree))
	{
		case T_CreateExtensionStmt:
			pair_of_extension(pair, (CreateExtensionStmt *) tree,
							  existing->object);
			break;
		case T_CreateSchemaStmt:
			pair_of_schema(pair, (CreateSchemaStmt *) tree, existing);
			break;
		case T_CreateCastStmt:
			pair_of_cast(pair, (CreateCastStmt *) tree, existing);
			break;
		default:
			try_pair(pair, &making);
			break;
	}
}

/*
 * The record knows a statement by the hash of its text.  That it skipped
 * something is recorded with another outcome, and with whether that was found
 * to be the same.  What was dropped since, by whomever, is
 * something else now.
 */
static bool
made_by_statement(Node *tree, const HmAskedText *text,
				  const HmAsked *existing)
{
	static HmStatement find = {
		"SELECT FROM hipaa_migrate.audit_event AS m"
		" WHERE m.kind = 'ddl.executed'"
		"   AND (m.outcome = 'done' OR m.details::pg_catalog.text"
		"        LIKE '%\"compared\"%')"
		"   AND m.statement_hash = $1"
		"   AND pg_catalog.strpos(' ' || COALESCE(m.objects, m.object)"
		"                         || E'\\n', $2) > 0"
		"   AND NOT EXISTS ("
		"     SELECT FROM hipaa_migrate.audit_event AS d"
		"      WHERE d.event_id > m.event_id AND d.command LIKE 'DROP %'"
		"        AND pg_catalog.strpos(' ' || COALESCE(d.objects, d.object)"
		"                         || E'\\n', $2) > 0)"
		" LIMIT 1",
		2, {BYTEAOID, TEXTOID}
	};
	ObjectAddress address = hm_asked_address(existing);
	bytea	   *hash = palloc(VARHDRSZ + HM_HASH_LENGTH);
	char	   *identity;
	HmBracket	bracket;
	Datum		values[2];
	bool		found;

	if (!OidIsValid(address.classId))
		return false;
	identity = getObjectIdentity(&address, true);
	if (identity == NULL)
		return false;
	SET_VARSIZE(hash, VARHDRSZ + HM_HASH_LENGTH);
	(void) hm_redact_statement(text->query, text->location, text->length, tree,
							   (uint8 *) VARDATA(hash));
	hm_query_begin(&bracket);
	values[0] = PointerGetDatum(hash);
	values[1] = CStringGetTextDatum(psprintf(" %s\n", identity));
	found = hm_query_run(&find, values, NULL, false) > 0;
	hm_query_end(&bracket);
	return found;
}

/* Is each of the lines among the others? */
static bool
has_lines(const char *all, char *lines)
{
	char	   *rest = lines;
	char	   *line;

	if (all == NULL || lines == NULL)
		return false;
	while ((line = strsep(&rest, "\n")) != NULL)
	{
		if (strstr(psprintf("\n%s\n", all), psprintf("\n%s\n", line)) == NULL)
			return false;
	}
	return true;
}

/*
 * Of a column, only the constraints that are asked for are looked for: others
 * may have been put on it later.
 */
static bool
is_same(const Pair *pair, ObjectType kind)
{
	if (pair->asked == NULL)
		return true;
	if (pair->existing == NULL)
		return false;
	return kind == OBJECT_COLUMN ?
		has_lines(pair->existing, pstrdup(pair->asked)) :
		strcmp(pair->existing, pair->asked) == 0;
}

bool
hm_asked_compare(Node *tree, int part, const HmAskedText *text,
				 const HmAsked *existing)
{
	Pair		pair = {NULL, NULL};

	pair_up(&pair, tree, part, text->query, existing);
	if (existing->state == HM_ASKED_UNNAMED)
		return has_lines(pair.existing, pair.asked);
	if (is_same(&pair, existing->kind) ||
		made_by_statement(tree, text, existing))
		return true;
	ereport(ERROR,
			(errcode(HM_ERRCODE_DIFFERS),
			 errmsg("%s exists and differs from what is asked for",
					hm_asked_display(existing)),
			 errdetail("Existing:\n%s\nAsked for:\n%s",
					   pair.existing ? pair.existing : "(unknown)",
					   pair.asked),
			 errhint("Change what exists by statements of their own, or ask for what exists.")));
}
