/*
 * src/lint/guarded_form.c
 *	  Guarded forms: how a statement is written so that running it again does
 *	  no harm, and whether it is.
 *
 * What is in no table here may be run again as it is (GRANT, COMMENT, ALTER
 * ... OWNER, SET NOT NULL), touches no object that stays, or cannot run in a
 * migration's transaction.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "lint/guarded_form.h"
#include "nodes/nodeFuncs.h"

#define RULE_CREATE		"create-not-guarded"
#define RULE_DROP		"drop-not-guarded"
#define RULE_ALTER		"alter-not-guarded"
#define RULE_REPLACE	"replace-not-guarded"
#define RULE_BLOCK		"block-not-guarded"
#define RULE_SEED		"seed-not-guarded"

/* A command whose form is told by one boolean. */
typedef struct FlagRule
{
	NodeTag		tag;
	HmFormKind	kind;
	int			offset;			/* of the boolean */
	const char *rule;
	const char *anchor;
} FlagRule;

#define CREATES(tag, field, anchor) \
	{T_##tag, HM_FORM_IF_NOT_EXISTS, offsetof(tag, field), RULE_CREATE, anchor}
#define DROPS(tag, anchor) \
	{T_##tag, HM_FORM_IF_EXISTS, offsetof(tag, missing_ok), RULE_DROP, anchor}
#define REPLACES(tag) \
	{T_##tag, HM_FORM_OR_REPLACE, offsetof(tag, replace), RULE_REPLACE, "create"}

static const FlagRule flag_rules[] = {
	CREATES(CreateExtensionStmt, if_not_exists, "extension"),
	CREATES(CreateForeignServerStmt, if_not_exists, "server"),
	CREATES(CreateForeignTableStmt, base.if_not_exists, "table"),
	CREATES(CreateSchemaStmt, if_not_exists, "schema"),
	CREATES(CreateSeqStmt, if_not_exists, "sequence"),
	CREATES(CreateStatsStmt, if_not_exists, "statistics"),
	CREATES(CreateStmt, if_not_exists, "table"),
	CREATES(CreateTableAsStmt, if_not_exists, "table"),
	CREATES(CreateUserMappingStmt, if_not_exists, "mapping"),
	CREATES(IndexStmt, if_not_exists, "index"),

	DROPS(DropRoleStmt, NULL),
	DROPS(DropStmt, NULL),
	DROPS(DropSubscriptionStmt, "subscription"),
	DROPS(DropTableSpaceStmt, "tablespace"),
	DROPS(DropUserMappingStmt, "mapping"),
	DROPS(DropdbStmt, "database"),

	REPLACES(CreateFunctionStmt),
	REPLACES(CreatePLangStmt),
	REPLACES(CreateTransformStmt),
	REPLACES(CreateTrigStmt),
	REPLACES(RuleStmt),
	REPLACES(ViewStmt),
};

/* Commands that fail when they run again, and have no syntax for it. */
static const NodeTag block_tags[] = {
	T_AlterObjectSchemaStmt,
	T_CompositeTypeStmt,
	T_CreateAmStmt,
	T_CreateCastStmt,
	T_CreateConversionStmt,
	T_CreateDomainStmt,
	T_CreateEnumStmt,
	T_CreateEventTrigStmt,
	T_CreateFdwStmt,
	T_CreateOpClassStmt,
	T_CreateOpFamilyStmt,
	T_CreatePolicyStmt,
	T_CreatePublicationStmt,
	T_CreateRangeStmt,
	T_CreateRoleStmt,
	T_RenameStmt,
};

/* The last key word of the kind of object that DROP names. */
static const struct
{
	ObjectType	kind;
	const char *anchor;
}			drop_anchors[] =

{
	{OBJECT_ACCESS_METHOD, "method"},
	{OBJECT_AGGREGATE, "aggregate"},
	{OBJECT_CAST, "cast"},
	{OBJECT_COLLATION, "collation"},
	{OBJECT_CONVERSION, "conversion"},
	{OBJECT_DOMAIN, "domain"},
	{OBJECT_EVENT_TRIGGER, "trigger"},
	{OBJECT_EXTENSION, "extension"},
	{OBJECT_FDW, "wrapper"},
	{OBJECT_FOREIGN_SERVER, "server"},
	{OBJECT_FOREIGN_TABLE, "table"},
	{OBJECT_FUNCTION, "function"},
	{OBJECT_INDEX, "index"},
	{OBJECT_LANGUAGE, "language"},
	{OBJECT_MATVIEW, "view"},
	{OBJECT_OPCLASS, "class"},
	{OBJECT_OPERATOR, "operator"},
	{OBJECT_OPFAMILY, "family"},
	{OBJECT_POLICY, "policy"},
	{OBJECT_PROCEDURE, "procedure"},
	{OBJECT_PUBLICATION, "publication"},
	{OBJECT_ROUTINE, "routine"},
	{OBJECT_RULE, "rule"},
	{OBJECT_SCHEMA, "schema"},
	{OBJECT_SEQUENCE, "sequence"},
	{OBJECT_STATISTIC_EXT, "statistics"},
	{OBJECT_TABLE, "table"},
	{OBJECT_TRANSFORM, "transform"},
	{OBJECT_TRIGGER, "trigger"},
	{OBJECT_TSCONFIGURATION, "configuration"},
	{OBJECT_TSDICTIONARY, "dictionary"},
	{OBJECT_TSPARSER, "parser"},
	{OBJECT_TSTEMPLATE, "template"},
	{OBJECT_TYPE, "type"},
	{OBJECT_VIEW, "view"},
};

/* The actions of ALTER TABLE; of ALTER TYPE too, where it says so. */
static const struct
{
	AlterTableType action;
	HmFormKind	kind;
	const char *rule;
	const char *anchor;
}			action_rules[] =

{
	{AT_AddColumn, HM_FORM_IF_NOT_EXISTS, RULE_ALTER, "column"},
	{AT_AddConstraint, HM_FORM_BLOCK, RULE_BLOCK, NULL},
	{AT_AddIdentity, HM_FORM_BLOCK, RULE_BLOCK, NULL},
	{AT_AddInherit, HM_FORM_BLOCK, RULE_BLOCK, NULL},
	{AT_AttachPartition, HM_FORM_BLOCK, RULE_BLOCK, NULL},
	{AT_DetachPartition, HM_FORM_BLOCK, RULE_BLOCK, NULL},
	{AT_DropColumn, HM_FORM_IF_EXISTS, RULE_DROP, "column"},
	{AT_DropConstraint, HM_FORM_IF_EXISTS, RULE_DROP, "constraint"},
	{AT_DropExpression, HM_FORM_IF_EXISTS, RULE_DROP, "expression"},
	{AT_DropIdentity, HM_FORM_IF_EXISTS, RULE_DROP, "identity"},
	{AT_DropInherit, HM_FORM_BLOCK, RULE_BLOCK, NULL},
};

const char *
hm_guarded_form_name(HmFormKind kind)
{
	static const char *const names[] = {
		[HM_FORM_IF_NOT_EXISTS] = "IF NOT EXISTS",
		[HM_FORM_IF_EXISTS] = "IF EXISTS",
		[HM_FORM_OR_REPLACE] = "OR REPLACE",
		[HM_FORM_ON_CONFLICT] = "ON CONFLICT DO NOTHING",
		[HM_FORM_BLOCK] = "hipaa_migrate.guarded()"
	};

	return names[kind];
}

int
hm_guarded_form_bit(const char *rule)
{
	static const char *const rules[] = {
		RULE_CREATE, RULE_DROP, RULE_ALTER, RULE_REPLACE, RULE_BLOCK, RULE_SEED
	};

	for (int i = 0; i < lengthof(rules); i++)
	{
		if (strcmp(rules[i], rule) == 0)
			return 1 << i;
	}
	return 0;
}

static bool
set_form(HmGuardedForm *form, HmFormKind kind, bool used, const char *rule,
		 const char *anchor)
{
	form->kind = kind;
	form->used = used;
	form->rule = rule;
	form->anchor = anchor;
	form->impossible = NULL;
	return true;
}

static bool
set_block(HmGuardedForm *form)
{
	return set_form(form, HM_FORM_BLOCK, false, RULE_BLOCK, NULL);
}

static const char *
drop_anchor(ObjectType kind)
{
	for (int i = 0; i < lengthof(drop_anchors); i++)
	{
		if (drop_anchors[i].kind == kind)
			return drop_anchors[i].anchor;
	}
	return NULL;
}

static bool
is_temporary(const RangeVar *relation)
{
	return relation->relpersistence == RELPERSISTENCE_TEMP ||
		(relation->schemaname != NULL &&
		 strcmp(relation->schemaname, "pg_temp") == 0);
}

/* What a session makes for itself is gone before it runs again. */
static bool
makes_temporary(const Node *tree)
{
	switch (nodeTag(tree))
	{
		case T_CreateStmt:
			return is_temporary(((const CreateStmt *) tree)->relation);
		case T_CreateTableAsStmt:
			return is_temporary(((const CreateTableAsStmt *) tree)->into->rel);
		case T_CreateSeqStmt:
			return is_temporary(((const CreateSeqStmt *) tree)->sequence);
		case T_ViewStmt:
			return is_temporary(((const ViewStmt *) tree)->view);
		default:
			return false;
	}
}

/* What the common rule for the command does not say. */
static void
refine(const Node *tree, HmGuardedForm *form)
{
	switch (nodeTag(tree))
	{
		case T_CreateSchemaStmt:
			if (((const CreateSchemaStmt *) tree)->schemaElts != NIL)
				form->impossible = "CREATE SCHEMA with elements cannot have IF NOT EXISTS: make them by statements of their own";
			break;
		case T_CreateStatsStmt:
			if (((const CreateStatsStmt *) tree)->defnames == NIL)
				form->impossible = "CREATE STATISTICS without a name cannot have IF NOT EXISTS: name it";
			break;
		case T_IndexStmt:
			if (((const IndexStmt *) tree)->idxname == NULL)
				form->impossible = "CREATE INDEX without a name cannot have IF NOT EXISTS: name it";
			break;
		case T_CreateTableAsStmt:
			if (((const CreateTableAsStmt *) tree)->is_select_into)
				form->impossible = "SELECT INTO cannot have IF NOT EXISTS: write CREATE TABLE IF NOT EXISTS ... AS";
			if (((const CreateTableAsStmt *) tree)->objtype == OBJECT_MATVIEW)
				form->anchor = "view";
			break;
		case T_DropStmt:
			form->anchor = drop_anchor(((const DropStmt *) tree)->removeType);
			break;
		case T_CreateTrigStmt:
			if (((const CreateTrigStmt *) tree)->isconstraint)
				(void) set_block(form);
			break;
		default:
			break;
	}
}

static bool
find_flag(Node *tree, HmGuardedForm *form)
{
	for (int i = 0; i < lengthof(flag_rules); i++)
	{
		const FlagRule *rule = &flag_rules[i];

		if (rule->tag != nodeTag(tree))
			continue;
		if (makes_temporary(tree))
			return false;
		(void) set_form(form, rule->kind,
						*(bool *) ((char *) tree + rule->offset),
						rule->rule, rule->anchor);
		refine(tree, form);
		return true;
	}
	return false;
}

static bool
find_block(const Node *tree, HmGuardedForm *form)
{
	for (int i = 0; i < lengthof(block_tags); i++)
	{
		if (block_tags[i] == nodeTag(tree))
			return set_block(form);
	}
	return false;
}

static bool
find_define(const DefineStmt *statement, HmGuardedForm *form)
{
	switch (statement->kind)
	{
		case OBJECT_AGGREGATE:
			return set_form(form, HM_FORM_OR_REPLACE, statement->replace,
							RULE_REPLACE, "create");
		case OBJECT_COLLATION:
			return set_form(form, HM_FORM_IF_NOT_EXISTS,
							statement->if_not_exists, RULE_CREATE,
							"collation");
		default:
			return set_block(form);
	}
}

static bool
find_alter_enum(const AlterEnumStmt *statement, HmGuardedForm *form)
{
	if (statement->oldVal != NULL)
		return set_block(form);
	return set_form(form, HM_FORM_IF_NOT_EXISTS,
					statement->skipIfNewValExists, RULE_ALTER, "value");
}

static bool
find_alter_domain(const AlterDomainStmt *statement, HmGuardedForm *form)
{
	if (statement->subtype == 'C')
		return set_block(form);
	if (statement->subtype == 'X')
		return set_form(form, HM_FORM_IF_EXISTS, statement->missing_ok,
						RULE_DROP, "constraint");
	return false;
}

static bool
find_alter_publication(const AlterPublicationStmt *statement,
					   HmGuardedForm *form)
{
	return statement->action != AP_SetObjects &&
		statement->pubobjects != NIL && set_block(form);
}

/*
 * Detaching concurrently cannot be part of any block; to attach an index that
 * is attached does nothing.
 */
static bool
find_action(const AlterTableStmt *statement, const AlterTableCmd *command,
			HmGuardedForm *form)
{
	bool		of_type = statement->objtype == OBJECT_TYPE;

	if (command->subtype == AT_DetachPartition &&
		((PartitionCmd *) command->def)->concurrent)
		return false;
	if (command->subtype == AT_AttachPartition &&
		statement->objtype == OBJECT_INDEX)
		return false;
	if (of_type && command->subtype == AT_AddColumn)
		return set_block(form);
	for (int i = 0; i < lengthof(action_rules); i++)
	{
		if (action_rules[i].action == command->subtype)
			return set_form(form, action_rules[i].kind, command->missing_ok,
							action_rules[i].rule,
							of_type ? "attribute" : action_rules[i].anchor);
	}
	return false;
}

/* Is there a NOT over a query in the condition? */
static bool
has_anti_join(Node *condition, void *context)
{
	if (condition == NULL)
		return false;
	if (IsA(condition, BoolExpr) &&
		((BoolExpr *) condition)->boolop == NOT_EXPR &&
		IsA(linitial(((BoolExpr *) condition)->args), SubLink))
		return true;
	if (IsA(condition, SubLink))
		return false;
	return raw_expression_tree_walker(condition, has_anti_join, context);
}

/* Rows that are looked for before they are put in need no more. */
static bool
find_insert(const InsertStmt *statement, HmGuardedForm *form)
{
	SelectStmt *select = (SelectStmt *) statement->selectStmt;

	if (select != NULL && IsA(select, SelectStmt) &&
		has_anti_join(select->whereClause, NULL))
		return set_form(form, HM_FORM_ON_CONFLICT, true, RULE_SEED, NULL);
	return set_form(form, HM_FORM_ON_CONFLICT,
					statement->onConflictClause != NULL, RULE_SEED, NULL);
}

/* As parsed, before it becomes a CREATE TABLE AS. */
static bool
find_select(const SelectStmt *select, HmGuardedForm *form)
{
	while (select->op != SETOP_NONE && select->larg != NULL)
		select = select->larg;
	if (select->intoClause == NULL || is_temporary(select->intoClause->rel))
		return false;
	(void) set_form(form, HM_FORM_IF_NOT_EXISTS, false, RULE_CREATE, NULL);
	form->impossible = "SELECT INTO cannot have IF NOT EXISTS: write CREATE TABLE IF NOT EXISTS ... AS";
	return true;
}

int
hm_guarded_form_parts(const Node *tree)
{
	return IsA(tree, AlterTableStmt) ?
		list_length(((const AlterTableStmt *) tree)->cmds) : 1;
}

bool
hm_guarded_form_find(Node *tree, int part, HmGuardedForm *form)
{
	switch (nodeTag(tree))
	{
		case T_AlterTableStmt:
			return find_action((AlterTableStmt *) tree,
							   list_nth(((AlterTableStmt *) tree)->cmds, part),
							   form);
		case T_DefineStmt:
			return find_define((DefineStmt *) tree, form);
		case T_AlterEnumStmt:
			return find_alter_enum((AlterEnumStmt *) tree, form);
		case T_AlterDomainStmt:
			return find_alter_domain((AlterDomainStmt *) tree, form);
		case T_AlterPublicationStmt:
			return find_alter_publication((AlterPublicationStmt *) tree, form);
		case T_InsertStmt:
			return find_insert((InsertStmt *) tree, form);
		case T_SelectStmt:
			return find_select((SelectStmt *) tree, form);
		default:
			return find_flag(tree, form) || find_block(tree, form);
	}
}

bool
hm_guarded_form_missing(Node *tree, HmGuardedForm *form)
{
	return hm_guarded_form_missing_but(tree, 0, form);
}

bool
hm_guarded_form_missing_but(Node *tree, int waived, HmGuardedForm *form)
{
	int			nparts = hm_guarded_form_parts(tree);

	for (int i = 0; i < nparts; i++)
	{
		if (hm_guarded_form_find(tree, i, form) && !form->used &&
			(hm_guarded_form_bit(form->rule) & waived) == 0)
			return true;
	}
	return false;
}
