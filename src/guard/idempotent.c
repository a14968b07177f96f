/*
 * src/guard/idempotent.c
 *	  The guarded forms, on every command that a migration executes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "audit/scope.h"
#include "base/errors.h"
#include "base/named.h"
#include "base/query.h"
#include "base/resolve.h"
#include "base/settings.h"
#include "commands/extension.h"
#include "guard/asked.h"
#include "guard/definition.h"
#include "guard/guarded.h"
#include "guard/idempotent.h"
#include "lint/guarded_form.h"
#include "lint/guarded_rewrite.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/*
 * A difference that was found.  Whoever catches the error, WHEN OTHERS, has
 * not made it go away.
 */
static ErrorData *difference = NULL;

static bool
is_asked_about(ProcessUtilityContext context)
{
	const HmScope *scope = hm_scope_current();

	return scope != NULL && scope->idempotency != HM_IDEMPOTENCY_OFF &&
		context != PROCESS_UTILITY_SUBCOMMAND && !creating_extension &&
		!hm_own_code();
}

static bool
is_nested(void)
{
	return GetCurrentTransactionNestLevel() > hm_scope_current()->nest_level;
}

static bool
is_waived(const HmGuardedForm *form)
{
	return (hm_scope_current()->waived & hm_guarded_form_bit(form->rule)) != 0;
}

static void
refuse(Node *tree, const HmGuardedForm *form)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_NOT_GUARDED),
			 errmsg("%s is not in its guarded form", CreateCommandName(tree)),
			 form->impossible ? errdetail("%s.", form->impossible) :
			 errdetail("Rule %s asks for %s.", form->rule,
					   hm_guarded_form_name(form->kind)),
			 hm_guarded_hint(form)));
}

static void
keep_difference(void)
{
	MemoryContext before = MemoryContextSwitchTo(TopTransactionContext);

	if (geterrcode() == HM_ERRCODE_DIFFERS && difference == NULL)
		difference = CopyErrorData();
	MemoryContextSwitchTo(before);
}

/* What a command that finds it there says on record. */
static void
note_existing(HmReplaced *replaced, const HmAsked *asked)
{
	ObjectAddress address = hm_asked_address(asked);

	if (!OidIsValid(address.classId))
		return;
	replaced->existing_type = getObjectTypeDescription(&address, true);
	replaced->existing_identity = getObjectIdentity(&address, true);
}

/* Raises when something exists that differs. */
static void
compare_part(HmReplaced *replaced, Node *tree, int part,
			 const HmAskedText *text)
{
	MemoryContext caller = CurrentMemoryContext;
	HmAsked		asked = hm_asked_find(tree, part);

	if (asked.state != HM_ASKED_EXISTS)
		return;
	PG_TRY();
	{
		(void) hm_asked_compare(tree, part, text, &asked);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		keep_difference();
		PG_RE_THROW();
	}
	PG_END_TRY();
	note_existing(replaced, &asked);
}

/* Of a function, the signature belongs to the name. */
static Oid
find_replaced_function(const CreateFunctionStmt *statement,
					   const HmNamed *named)
{
	ObjectWithArgs *function = makeNode(ObjectWithArgs);
	Oid			schema;

	if (!OidIsValid(named->schema))
		return InvalidOid;
	function->objname = list_make2(makeString(get_namespace_name(named->schema)),
								   makeString(named->name));
	function->objargs = named->arguments;
	return hm_resolve_function(named->kind, function, &schema);
}

/* Has this transaction made it, or changed it? */
static bool
is_own(ObjectType kind, Oid object)
{
	ObjectAddress address = hm_definition_address(kind, object, NULL);
	Relation	catalog;
	HeapTuple	tuple;
	bool		own;

	if (!OidIsValid(address.classId))
		return false;
	catalog = table_open(address.classId, AccessShareLock);
	tuple = get_catalog_object_by_oid(catalog,
									  get_object_attnum_oid(address.classId),
									  object);
	own = HeapTupleIsValid(tuple) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data));
	table_close(catalog, AccessShareLock);
	return own;
}

static void
note_replaced(HmReplaced *replaced, Node *tree)
{
	List	   *names = hm_named_by(tree);
	HmNamed    *named = names == NIL ? NULL : linitial(names);

	if (named == NULL || hm_scope_current()->repeatable)
		return;
	replaced->kind = named->kind;
	replaced->object = IsA(tree, CreateFunctionStmt) ?
		find_replaced_function((CreateFunctionStmt *) tree, named) :
		named->object;
	if (OidIsValid(replaced->object) &&
		!is_own(replaced->kind, replaced->object))
		replaced->before = hm_definition_of(replaced->kind, replaced->object,
											NULL);
}

static void
judge(HmReplaced *replaced, const PlannedStmt *statement, const char *query)
{
	Node	   *tree = statement->utilityStmt;
	HmAskedText text = {query, statement->stmt_location, statement->stmt_len};
	int			nparts = hm_guarded_form_parts(tree);
	bool		nested = is_nested();
	HmGuardedForm form;

	for (int i = 0; i < nparts; i++)
	{
		if (!hm_guarded_form_find(tree, i, &form))
			continue;
		if (!form.used && !nested && !is_waived(&form))
			refuse(tree, &form);
		if (form.kind == HM_FORM_IF_NOT_EXISTS || form.kind == HM_FORM_BLOCK)
			compare_part(replaced, tree, i, &text);
		else if (form.kind == HM_FORM_OR_REPLACE && form.used)
			note_replaced(replaced, tree);
	}
}

void
hm_idempotent_before(HmReplaced *replaced, const PlannedStmt *statement,
					 const char *query, ProcessUtilityContext context)
{
	memset(replaced, 0, sizeof(HmReplaced));
	if (is_asked_about(context) &&
		!hm_guarded_executes(statement->utilityStmt))
		judge(replaced, statement, query);
}

/* The texts of migrations that are in the database tell the name. */
static bool
is_of_migration(const HmReplaced *replaced)
{
	static HmStatement find = {
		"SELECT FROM hipaa_migrate.migration AS m"
		"  JOIN hipaa_migrate.migration_revision AS r"
		"    ON r.migration_id = m.migration_id"
		"   AND r.revision = m.applied_revision"
		" WHERE m.state IN ('applied', 'adopted')"
		"   AND pg_catalog.lower(r.up) ~ ('(^|[^a-z0-9_])'"
		"     || pg_catalog.regexp_replace(pg_catalog.lower($1),"
		"          '[^a-z0-9_]', '.', 'g')"
		"     || '([^a-z0-9_]|$)') LIMIT 1",
		1, {TEXTOID}
	};
	ObjectAddress address = hm_definition_address(replaced->kind,
												  replaced->object, NULL);
	List	   *names = NIL;
	List	   *arguments = NIL;
	HmBracket	bracket;
	Datum		value;
	bool		found;

	if (getObjectIdentityParts(&address, &names, &arguments, true) == NULL ||
		names == NIL)
		return true;
	hm_query_begin(&bracket);
	value = CStringGetTextDatum((char *) llast(names));
	found = hm_query_run(&find, &value, NULL, false) > 0;
	hm_query_end(&bracket);
	return found;
}

void
hm_idempotent_after(const HmReplaced *replaced)
{
	char	   *after;
	HmAsked		asked = {HM_ASKED_EXISTS};

	if (replaced->before == NULL)
		return;
	CommandCounterIncrement();
	after = hm_definition_of(replaced->kind, replaced->object, NULL);
	if (after == NULL || strcmp(after, replaced->before) == 0 ||
		is_of_migration(replaced))
		return;
	asked.kind = replaced->kind;
	asked.object = replaced->object;
	ereport(ERROR,
			(errcode(HM_ERRCODE_DIFFERS),
			 errmsg("%s would be replaced, and no migration has made it",
					hm_asked_display(&asked)),
			 errdetail("Existing:\n%s\nAsked for:\n%s", replaced->before,
					   after),
			 errhint("Adopt the migration that has made it, drop it first, or register the migration as repeatable.")));
}

void
hm_idempotent_begin(void)
{
	difference = NULL;
}

void
hm_idempotent_finish(void)
{
	ErrorData  *error = difference;

	difference = NULL;
	if (error != NULL)
		ReThrowError(error);
}

static void
forget_at_end(XactEvent event, void *argument)
{
	difference = NULL;
}

void
hm_idempotent_init(void)
{
	RegisterXactCallback(forget_at_end, NULL);
}
