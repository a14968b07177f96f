/*
 * src/audit/ddl_object.c
 *	  Objects that a command touches.
 */
#include "postgres.h"

#include "audit/ddl_object.h"
#include "catalog/namespace.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

static List *
append_object(List *objects, char *type, char *identity)
{
	HmDdlObject *object = palloc(sizeof(HmDdlObject));

	object->type = type;
	object->identity = identity;
	return lappend(objects, object);
}

static List *
append_name(List *objects, const char *type, const char *name)
{
	return name ? append_object(objects, pstrdup(type),
								pstrdup(quote_identifier(name))) : objects;
}

/*
 * What event triggers can be told comes from functions that return sets.
 * They are called past the executor, which would cost more than they do, with
 * each command of a migration.  Their output names everything in full, so
 * neither search path nor role matters.
 */
typedef struct Report
{
	Oid			function;
	const char *wanted_if[2];	/* columns, of which one must be true */
} Report;

static const Report reports[] = {
	[HM_DDL_TOUCHED] = {F_PG_EVENT_TRIGGER_DDL_COMMANDS},
	[HM_DDL_DROPPED] = {F_PG_EVENT_TRIGGER_DROPPED_OBJECTS,
	{"original", "normal"}},
};

/*
 * With each call the server would make out anew, from pg_proc, what columns
 * the result has.  A function that returns records of whatever shape is told
 * by its caller instead, so from the second call on we pass for one.
 */
static void
call_report(HmDdlReport report, ReturnSetInfo *result)
{
	static TupleDesc columns[lengthof(reports)];

	LOCAL_FCINFO(call, 0);
	FmgrInfo	function;
	MemoryContext caller;

	fmgr_info(reports[report].function, &function);
	if (columns[report] != NULL)
	{
		function.fn_oid = F_JSONB_TO_RECORDSET;
		result->expectedDesc = columns[report];
	}
	InitFunctionCallInfoData(*call, &function, 0, InvalidOid, NULL,
							 (fmNodePtr) result);
	(void) FunctionCallInvoke(call);
	if (columns[report] == NULL)
	{
		caller = MemoryContextSwitchTo(TopMemoryContext);
		columns[report] = CreateTupleDescCopy(result->setDesc);
		MemoryContextSwitchTo(caller);
	}
}

static int
column(TupleDesc columns, const char *name)
{
	int			number = SPI_fnumber(columns, name);

	if (number <= 0)
		elog(ERROR, "column \"%s\" is missing", name);
	return number;
}

static char *
text_of(TupleTableSlot *slot, int number, const char *otherwise)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, number, &isnull);

	return isnull ? pstrdup(otherwise) : TextDatumGetCString(value);
}

static bool
is_wanted(const Report *report, TupleTableSlot *slot)
{
	bool		wanted = report->wanted_if[0] == NULL;

	for (int i = 0; i < lengthof(report->wanted_if) && !wanted; i++)
	{
		bool		isnull;

		wanted = DatumGetBool(slot_getattr(slot,
										   column(slot->tts_tupleDescriptor,
												  report->wanted_if[i]),
										   &isnull));
	}
	return wanted;
}

static List *
append_reported(List *objects, const Report *report, ReturnSetInfo *result,
				MemoryContext context)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(result->setDesc,
													&TTSOpsMinimalTuple);
	int			type = column(result->setDesc, "object_type");
	int			identity = column(result->setDesc, "object_identity");

	while (tuplestore_gettupleslot(result->setResult, true, false, slot))
	{
		MemoryContext caller = MemoryContextSwitchTo(context);

		if (is_wanted(report, slot))
			objects = append_object(objects, text_of(slot, type, "object"),
									text_of(slot, identity, ""));
		MemoryContextSwitchTo(caller);
	}
	ExecDropSingleTupleTableSlot(slot);
	return objects;
}

List *
hm_ddl_objects_reported(List *objects, HmDdlReport report,
						MemoryContext context)
{
	ExprContext *econtext = CreateStandaloneExprContext();
	ReturnSetInfo result = {
		.type = T_ReturnSetInfo,
		.econtext = econtext,
		.allowedModes = SFRM_Materialize
	};

	call_report(report, &result);
	objects = append_reported(objects, &reports[report], &result, context);
	tuplestore_end(result.setResult);
	FreeExprContext(econtext, true);
	return objects;
}

/* Not locked: the command does that itself, in its own time. */
static List *
append_relation(List *objects, const char *type, const RangeVar *relation)
{
	Oid			oid = relation ? RangeVarGetRelid(relation, NoLock, true) :
	InvalidOid;
	char	   *schema = OidIsValid(oid) ?
	get_namespace_name(get_rel_namespace(oid)) : NULL;

	if (schema == NULL)
		return objects;
	return append_object(objects, pstrdup(type),
						 quote_qualified_identifier(schema,
													relation->relname));
}

static List *
append_truncated(List *objects, const TruncateStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->relations)
		objects = append_relation(objects, "table", lfirst(cell));
	return objects;
}

static List *
append_vacuumed(List *objects, const VacuumStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->rels)
		objects = append_relation(objects, "table",
								  lfirst_node(VacuumRelation, cell)->relation);
	return objects;
}

static List *
append_roles(List *objects, const GrantRoleStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->granted_roles)
		objects = append_name(objects, "role",
							  lfirst_node(AccessPriv, cell)->priv_name);
	foreach(cell, command->grantee_roles)
		objects = append_name(objects, "role",
							  lfirst_node(RoleSpec, cell)->rolename);
	return objects;
}

static List *
append_dropped_roles(List *objects, const DropRoleStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->roles)
		objects = append_name(objects, "role",
							  lfirst_node(RoleSpec, cell)->rolename);
	return objects;
}

List *
hm_ddl_objects_named(Node *command)
{
	switch (nodeTag(command))
	{
		case T_TruncateStmt:
			return append_truncated(NIL, castNode(TruncateStmt, command));
		case T_VacuumStmt:
			return append_vacuumed(NIL, castNode(VacuumStmt, command));
		case T_ReindexStmt:
			return append_relation(NIL, castNode(ReindexStmt, command)->kind ==
								   REINDEX_OBJECT_INDEX ? "index" : "table",
								   castNode(ReindexStmt, command)->relation);
		case T_ClusterStmt:
			return append_relation(NIL, "table",
								   castNode(ClusterStmt, command)->relation);
		case T_CreatedbStmt:
			return append_name(NIL, "database",
							   castNode(CreatedbStmt, command)->dbname);
		case T_DropdbStmt:
			return append_name(NIL, "database",
							   castNode(DropdbStmt, command)->dbname);
		case T_AlterDatabaseStmt:
			return append_name(NIL, "database",
							   castNode(AlterDatabaseStmt, command)->dbname);
		case T_AlterDatabaseSetStmt:
			return append_name(NIL, "database",
							   castNode(AlterDatabaseSetStmt, command)->dbname);
		case T_CreateRoleStmt:
			return append_name(NIL, "role",
							   castNode(CreateRoleStmt, command)->role);
		case T_AlterRoleStmt:
			return append_name(NIL, "role",
							   castNode(AlterRoleStmt, command)->role->rolename);
		case T_DropRoleStmt:
			return append_dropped_roles(NIL, castNode(DropRoleStmt, command));
		case T_GrantRoleStmt:
			return append_roles(NIL, castNode(GrantRoleStmt, command));
		case T_CreateTableSpaceStmt:
			return append_name(NIL, "tablespace",
							   castNode(CreateTableSpaceStmt, command)->tablespacename);
		case T_DropTableSpaceStmt:
			return append_name(NIL, "tablespace",
							   castNode(DropTableSpaceStmt, command)->tablespacename);
		default:
			return NIL;
	}
}
