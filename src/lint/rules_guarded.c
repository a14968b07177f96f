/*
 * src/lint/rules_guarded.c
 *	  Guarded forms: what can run twice.
 *
 * guarded_form.c says what has which form; here its words become findings.
 */
#include "postgres.h"

#include "lint/guarded_rewrite.h"
#include "lint/lint.h"
#include "lint/plpgsql.h"
#include "tcop/utility.h"

/* hipaa_migrate.guarded(), or a block that catches the error. */
static bool
stands_in_block(const HmLint *lint)
{
	return lint->inner != NULL &&
		(lint->inner->compared ||
		 hm_plpgsql_catches(lint->inner, "duplicate_object", "42710") ||
		 hm_plpgsql_catches(lint->inner, "duplicate_table", "42P07") ||
		 hm_plpgsql_catches(lint->inner, "duplicate_column", "42701") ||
		 hm_plpgsql_catches(lint->inner, "duplicate_function", "42723") ||
		 hm_plpgsql_catches(lint->inner, "undefined_object", "42704") ||
		 hm_plpgsql_catches(lint->inner, "undefined_table", "42P01") ||
		 hm_plpgsql_catches(lint->inner, "unique_violation", "23505"));
}

/* Not a part of another command, which is judged with that. */
static bool
stands_alone(const HmLint *lint, const Node *node)
{
	if (lint->inner)
		return lint->inner->raw && lint->inner->raw->stmt == node;
	return lint->script->statements[lint->statement_no - 1].raw->stmt == node;
}

/* No longer than what is read at a glance. */
#define MAX_STATEMENT 300

/* The statement itself, as it would be registered in mode rewrite. */
static const char *
safe_way(const HmLint *lint, const HmGuardedForm *form)
{
	int			index = lint->statement_no - 1;
	const char *problem = form->impossible;
	char	   *guarded;

	if (lint->inner ||
		lint->script->statements[index].length > MAX_STATEMENT)
		return form->impossible;
	guarded = hm_guarded_rewrite(lint->script, index, &problem);
	return guarded ? guarded : problem;
}

static void
report(HmLint *lint, Node *node, const HmGuardedForm *form)
{
	HmCase		found = {0};

	found.relation = lint->relation;
	found.detail = psprintf("%s without %s", CreateCommandName(node),
							hm_guarded_form_name(form->kind));
	found.safe_way = safe_way(lint, form);
	hm_lint_report(lint, &found);
}

/* One finding for each rule and statement. */
static void
check(HmLint *lint, Node *node)
{
	int			nparts = hm_guarded_form_parts(node);
	HmGuardedForm form;

	if (!stands_alone(lint, node) || stands_in_block(lint))
		return;
	for (int i = 0; i < nparts; i++)
	{
		if (hm_guarded_form_find(node, i, &form) && !form.used &&
			strcmp(form.rule, lint->rule->slug) == 0)
		{
			report(lint, node, &form);
			return;
		}
	}
}

#define WHY_TWICE "What cannot run twice cannot be run again after it has failed half way, nor over what is there already."

static const HmLintRule rules[] = {
	{
		"create-not-guarded", 60, HM_LOW,
		HM_RULE_GUARDED,
		{HM_ON(CreateExtensionStmt), HM_ON(CreateForeignServerStmt),
			HM_ON(CreateForeignTableStmt), HM_ON(CreateSchemaStmt),
			HM_ON(CreateSeqStmt), HM_ON(CreateStatsStmt), HM_ON(CreateStmt),
			HM_ON(CreateTableAsStmt), HM_ON(CreateUserMappingStmt),
		HM_ON(DefineStmt), HM_ON(IndexStmt), HM_ON(SelectStmt)}, check,
		"{detail} fails where it has run before",
		"write it with IF NOT EXISTS",
		WHY_TWICE
	},
	{
		"drop-not-guarded", 61, HM_LOW,
		HM_RULE_GUARDED,
		{HM_ON(AlterDomainStmt), HM_ON(AlterTableStmt), HM_ON(DropRoleStmt),
			HM_ON(DropStmt), HM_ON(DropSubscriptionStmt),
			HM_ON(DropTableSpaceStmt), HM_ON(DropUserMappingStmt),
		HM_ON(DropdbStmt)}, check,
		"{detail} fails where it has run before",
		"write it with IF EXISTS",
		WHY_TWICE
	},
	{
		"alter-not-guarded", 62, HM_LOW,
		HM_RULE_GUARDED,
		{HM_ON(AlterEnumStmt), HM_ON(AlterTableStmt)}, check,
		"{detail} fails where it has run before",
		"write it with IF NOT EXISTS",
		WHY_TWICE
	},
	{
		"replace-not-guarded", 63, HM_LOW,
		HM_RULE_GUARDED,
		{HM_ON(CreateFunctionStmt), HM_ON(CreatePLangStmt),
			HM_ON(CreateTransformStmt), HM_ON(CreateTrigStmt),
		HM_ON(DefineStmt), HM_ON(RuleStmt), HM_ON(ViewStmt)}, check,
		"{detail} fails where it has run before",
		"write it with OR REPLACE",
		WHY_TWICE
	},
	{
		"block-not-guarded", 64, HM_LOW,
		HM_RULE_GUARDED,
		{HM_ON(AlterDomainStmt), HM_ON(AlterEnumStmt),
			HM_ON(AlterObjectSchemaStmt), HM_ON(AlterPublicationStmt),
			HM_ON(AlterTableStmt), HM_ON(CompositeTypeStmt),
			HM_ON(CreateAmStmt), HM_ON(CreateCastStmt),
			HM_ON(CreateConversionStmt), HM_ON(CreateDomainStmt),
			HM_ON(CreateEnumStmt), HM_ON(CreateEventTrigStmt),
			HM_ON(CreateFdwStmt), HM_ON(CreateOpClassStmt),
			HM_ON(CreateOpFamilyStmt), HM_ON(CreatePolicyStmt),
			HM_ON(CreatePublicationStmt), HM_ON(CreateRangeStmt),
			HM_ON(CreateRoleStmt), HM_ON(CreateTrigStmt), HM_ON(DefineStmt),
		HM_ON(RenameStmt)}, check,
		"{detail} fails where it has run before",
		"make it the argument of hipaa_migrate.guarded(), or put it into a block with an exception handler",
		"What has no IF NOT EXISTS needs a block around it to run twice; hipaa_migrate.guarded() also compares."
	},
	{
		"seed-not-guarded", 66, HM_LOW,
		HM_RULE_GUARDED,
		{HM_ON(InsertStmt)}, check,
		"{detail} fails, or puts rows in again, where it has run before",
		"write it with ON CONFLICT DO NOTHING, or look for the rows in its WHERE",
		"Rows that are there already are an error, or are there twice."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_guarded, rules);
