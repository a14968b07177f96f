/*
 * src/lint/rule.h
 *	  What a rule of the linter is.
 *
 * Each file rules_<topic>.c holds the functions of its rules and, at its end,
 * their table.  The tables are all there is: dispatch, view lint_rule and the
 * documentation are made from them.
 *
 * A slug is what waivers and pipelines name a rule by.  It is never changed
 * nor used again.
 *
 * Message and safe way are texts with the names of the case in braces:
 * {table}, {column}, {name}, {type}, {detail}, each quoted as in SQL where it
 * is a name.  They are filled in by hm_lint_report().
 */
#ifndef HM_LINT_RULE_H
#define HM_LINT_RULE_H

#include "lint/severity.h"
#include "nodes/parsenodes.h"

struct HmLint;

/* Flags of a rule. */

/* Better decided by what the catalogs say than by the text. */
#define HM_RULE_CATALOG		0x01

/*
 * About locks and work on a table that others use: nothing to say of a table
 * that the plan itself makes; weighs little when it is empty or small, more
 * when it is large or busy.
 */
#define HM_RULE_TRAFFIC		0x02

/* About rows that get lost: little when there are none, whatever the size. */
#define HM_RULE_ROWS		0x04

/* One of the guarded-form rules: weighs what hipaa_migrate.idempotency says. */
#define HM_RULE_GUARDED		0x08

/* Also said of a down that is looked at beside its up. */
#define HM_RULE_DOWN		0x10

/* Stands on its own account: such a migration does not run, approved or not. */
#define HM_RULE_FORBIDDEN	0x20

/*
 * Which nodes a rule looks at.  kind is what tells nodes of one tag apart,
 * plus one: AlterTableType, ConstrType, or the ObjectType of DROP, RENAME,
 * COMMENT and ALTER ... SET SCHEMA and OWNER; 0 is any.
 */
typedef struct HmLintPlace
{
	NodeTag		tag;
	int			kind;
} HmLintPlace;

#define HM_ON(tag_) {T_##tag_, 0}
#define HM_ON_ALTER(subtype_) {T_AlterTableCmd, (subtype_) + 1}
#define HM_ON_CONSTRAINT(contype_) {T_Constraint, (contype_) + 1}
#define HM_ON_DROP(type_) {T_DropStmt, (type_) + 1}
#define HM_ON_RENAME(type_) {T_RenameStmt, (type_) + 1}

/* Once for each text, after its last statement; node is NULL. */
#define HM_AT_END 1
#define HM_ON_END {T_Invalid, HM_AT_END}

/* The same, of a migration that is registered: lint->migration is set. */
#define HM_AT_MIGRATION 2
#define HM_ON_MIGRATION {T_Invalid, HM_AT_MIGRATION}

/* Once for each statement, of whatever kind: node is that. */
#define HM_AT_STATEMENT 3
#define HM_ON_STATEMENT {T_Invalid, HM_AT_STATEMENT}

#define HM_LINT_MAX_PLACES 24

typedef struct HmLintRule
{
	const char *slug;
	int			number;			/* in the documentation */
	HmSeverity	severity;		/* before the catalogs are asked */
	int			flags;
	HmLintPlace places[HM_LINT_MAX_PLACES]; /* ends before {0, 0} unless full;
											 * first entry counts always */
	void		(*check) (struct HmLint *lint, Node *node); /* NULL: reported
															 * elsewhere */
	const char *message;		/* a line, lower case, no period */
	const char *safe_way;
	const char *rationale;		/* for the documentation: why, in a sentence */
} HmLintRule;

typedef struct HmLintRuleTable
{
	const HmLintRule *rules;
	int			count;
} HmLintRuleTable;

#define HM_LINT_RULE_TABLE(name_, rules_) \
	const HmLintRuleTable name_ = {rules_, lengthof(rules_)}

/* By topic, in the order of the documentation. */
extern const HmLintRuleTable hm_lint_rules_index;
extern const HmLintRuleTable hm_lint_rules_constraint;
extern const HmLintRuleTable hm_lint_rules_column;
extern const HmLintRuleTable hm_lint_rules_table;
extern const HmLintRuleTable hm_lint_rules_lock;
extern const HmLintRuleTable hm_lint_rules_limit;
extern const HmLintRuleTable hm_lint_rules_loss;
extern const HmLintRuleTable hm_lint_rules_change;
extern const HmLintRuleTable hm_lint_rules_guarded;
extern const HmLintRuleTable hm_lint_rules_exists;
extern const HmLintRuleTable hm_lint_rules_structure;
extern const HmLintRuleTable hm_lint_rules_migration;
extern const HmLintRuleTable hm_lint_rules_design;
extern const HmLintRuleTable hm_lint_rules_security;
extern const HmLintRuleTable hm_lint_rules_forbidden;
extern const HmLintRuleTable hm_lint_rules_phi;

/* All rules, of all tables, by number. */
extern int	hm_lint_rule_count(void);
extern const HmLintRule *hm_lint_rule_get(int index);

/* NULL when there is none of that slug. */
extern const HmLintRule *hm_lint_rule_find(const char *slug);

/* Whether what it finds is about health information. */
extern bool hm_lint_rule_about_phi(const HmLintRule *rule);

/*
 * Calls visit for each rule that looks at such a node: of that tag, and of
 * that kind or any.
 */
extern void hm_lint_rules_at(NodeTag tag, int kind,
							 void (*visit) (const HmLintRule *rule,
											void *argument),
							 void *argument);

#endif							/* HM_LINT_RULE_H */
