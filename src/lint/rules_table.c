/*
 * src/lint/rules_table.c
 *	  Tables as a whole: where they are stored, partitions, triggers, domains.
 */
#include "postgres.h"

#include "base/settings.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "lint/dependents.h"
#include "lint/lint.h"
#include "lint/proof.h"
#include "lint/rewrite.h"
#include "lint/triggers.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/builtins.h"

/* The catalogs do not have it, and IF EXISTS says that they need not. */
static bool
is_absent(const HmLint *lint)
{
	return lint->world->catalogs && !lint->relation->known &&
		((AlterTableStmt *) lint->statement)->missing_ok;
}

/* Storage. */

static HmWork
work_of(HmLint *lint, Node *node)
{
	return hm_work_of_command(lint->relation,
							  (AlterTableStmt *) lint->statement,
							  castNode(AlterTableCmd, node));
}

static void
check_persistence(HmLint *lint, Node *node)
{
	bool		logged = castNode(AlterTableCmd, node)->subtype == AT_SetLogged;
	HmCase		found = {.relation = lint->relation};

	if (is_absent(lint) || work_of(lint, node).kind == HM_WORK_NONE)
		return;
	found.detail = logged ? "all of it into the write-ahead log" :
		"and from then on a crash empties it";
	if (logged)
	{
		/* Nothing is lost by it. */
		found.raise = -1;
		found.why = "nothing is lost by SET LOGGED";
	}
	hm_lint_report(lint, &found);
}

static void
report_index_moves(HmLint *lint, HmCase *found)
{
	HmIndex    *index = hm_world_index(lint->world,
									   ((AlterTableStmt *) lint->statement)->relation);

	if (index && hm_made(index->made))
		return;
	found->name = lint->relation->name;
	found->relation = index ? index->table : NULL;
	found->table = psprintf("index %s%s%s", quote_identifier(found->name),
							index ? " of " : "",
							index ? index->table->display : "");
	hm_lint_report(lint, found);
}

static void
check_storage(HmLint *lint, Node *node)
{
	HmCase		found = {0};
	AlterTableCmd *command;

	if (IsA(node, AlterTableMoveAllStmt))
	{
		AlterTableMoveAllStmt *all = (AlterTableMoveAllStmt *) node;

		found.table = psprintf("everything in tablespace %s",
							   quote_identifier(all->orig_tablespacename));
		found.type = quote_identifier(all->new_tablespacename);
		hm_lint_report(lint, &found);
		return;
	}
	command = castNode(AlterTableCmd, node);
	if (is_absent(lint) || work_of(lint, node).kind == HM_WORK_NONE)
		return;
	found.relation = lint->relation;
	found.type = command->name ? quote_identifier(command->name) : "DEFAULT";
	if (lint->relation->kind == RELKIND_INDEX)
		report_index_moves(lint, &found);
	else
		hm_lint_report(lint, &found);
}

static void
check_vacuum_full(HmLint *lint, Node *node)
{
	VacuumStmt *statement = castNode(VacuumStmt, node);
	HmCase		found = {.detail = "VACUUM FULL"};
	HmRelation *relation;
	ListCell   *cell;

	if (hm_work_of_statement(lint->world, node,
							 &relation).kind != HM_WORK_REWRITE)
		return;
	if (statement->rels == NIL)
	{
		found.table = "the whole database";
		hm_lint_report(lint, &found);
	}
	foreach(cell, statement->rels)
	{
		found.relation = hm_world_relation(lint->world,
										   lfirst_node(VacuumRelation, cell)->relation);
		hm_lint_report(lint, &found);
	}
}

static void
check_copied(HmLint *lint, Node *node)
{
	HmCase		found = {.detail = "CLUSTER"};

	if (IsA(node, VacuumStmt))
	{
		check_vacuum_full(lint, node);
		return;
	}
	if (((ClusterStmt *) node)->relation)
		found.relation = hm_world_relation(lint->world,
										   ((ClusterStmt *) node)->relation);
	else
		found.table = "every table that was clustered before";
	hm_lint_report(lint, &found);
}

/* Materialized views. */

/* REFRESH ... CONCURRENTLY needs one. */
static bool
has_unique_index(HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(relation))
	{
		HmIndex    *index = lfirst(cell);

		if (index->unique && index->valid && !index->partial &&
			!list_member_ptr(index->columns, NULL))
			return true;
	}
	return false;
}

/* What was never filled, nobody reads. */
static void
check_refresh(HmLint *lint, Node *node)
{
	RefreshMatViewStmt *statement = castNode(RefreshMatViewStmt, node);
	HmCase		found = {0};

	found.relation = hm_world_relation(lint->world, statement->relation);
	if (statement->concurrent ||
		(OidIsValid(found.relation->oid) && !found.relation->populated))
		return;
	if (statement->skipData)
		found.detail = "WITH NO DATA, whoever reads it gets an error until it is filled again";
	if (found.relation->known && has_unique_index(found.relation))
		found.safe_way = "REFRESH MATERIALIZED VIEW CONCURRENTLY {table}";
	hm_lint_report(lint, &found);
}

/* Partitions. */

static HmRelation *
default_partition(HmRelation *parent)
{
	Oid			oid = OidIsValid(parent->oid) ?
	get_default_partition_oid(parent->oid) : InvalidOid;
	HmRelation *partition = OidIsValid(oid) ?
	hm_world_relation_of(parent->world, oid) : NULL;

	return partition && !partition->gone && partition->partition ?
		partition : NULL;
}

/* The name that a constraint may have that lives only for this. */
static char *
attach_safely(const char *name, const char *check)
{
	name = quote_identifier(name);
	return psprintf("ALTER TABLE {table} ADD CONSTRAINT %s CHECK (%s) NOT VALID; ALTER TABLE {table} VALIDATE CONSTRAINT %s in another migration; then ATTACH PARTITION",
					name, check, name);
}

static void
report_attach(HmLint *lint, const PartitionCmd *command, HmRelation *table,
			  HmProof proof)
{
	HmCase		found = {.relation = table};

	if (proof == HM_PROVEN)
		return;
	if (proof == HM_PROOF_UNKNOWN && hm_relation_has_valid_check(table))
	{
		found.raise = -1;
		found.why = "it has a CHECK constraint, which may prove the bound";
	}
	found.safe_way = attach_safely(psprintf("%s_bound", table->name),
								   "<the bound, and IS NOT NULL of the key>");
	hm_lint_report(lint, &found);
}

/* Rows of the default partition may belong into the new one. */
static void
report_default(HmLint *lint, const PartitionCmd *command,
			   HmRelation *partition)
{
	HmCase		found = {.relation = partition};

	if (hm_proof_attach(lint->relation, command->bound, partition,
						true) == HM_PROVEN)
		return;
	found.detail = "it is the default partition, and may have rows of the new one";
	found.safe_way = attach_safely(psprintf("%s_without_%s", partition->name,
											command->name->relname),
								   "NOT (<bound of the new partition>), and IS NOT NULL of the key");
	hm_lint_report(lint, &found);
}

static void
check_attach(HmLint *lint, Node *node)
{
	PartitionCmd *command = (PartitionCmd *) castNode(AlterTableCmd, node)->def;
	HmRelation *table;
	HmRelation *partition;

	if (((AlterTableStmt *) lint->statement)->objtype == OBJECT_INDEX ||
		command->bound == NULL || is_absent(lint))
		return;
	table = hm_world_relation(lint->world, command->name);
	if (!hm_made(table->made) && table->kind != RELKIND_FOREIGN_TABLE)
		report_attach(lint, command, table,
					  hm_proof_attach(lint->relation, command->bound, table,
									  false));
	partition = command->bound->is_default ? NULL :
		default_partition(lint->relation);
	if (partition)
		report_default(lint, command, partition);
}

static void
check_detach(HmLint *lint, Node *node)
{
	PartitionCmd *command = (PartitionCmd *) castNode(AlterTableCmd, node)->def;
	HmCase		found = {.relation = lint->relation};
	HmRelation *partition;

	if (command->concurrent || is_absent(lint))
		return;
	partition = hm_world_relation(lint->world, command->name);
	found.detail = partition->display;
	if (default_partition(lint->relation) != NULL && partition->known)
		found.safe_way = "window: CONCURRENTLY is not possible while {table} has a default partition";
	hm_lint_report(lint, &found);
}

/* Triggers. */

/*
 * The lock is short, but waits for all who write, and all who come later wait
 * behind it.
 */
static void
report_trigger(HmLint *lint, HmRelation *relation, const char *detail)
{
	HmCase		found = {.relation = relation,.detail = detail};

	if (hm_made(relation->made) || relation->temporary ||
		relation->kind == RELKIND_VIEW || hm_relation_empty(relation))
		return;
	if (relation->held >= ShareRowExclusiveLock ||
		hm_lint_is_said_of(lint, relation))
		return;
	if (relation->known && !hm_relation_busy(relation))
	{
		if (hm_relation_rows(relation) < hm_setting_large_table)
			return;
		found.raise = -1;
		found.why = "the table is not busy";
	}
	hm_lint_report(lint, &found);
}

static void
check_trigger(HmLint *lint, Node *node)
{
	AlterTableCmd *command;

	if (IsA(node, CreateTrigStmt))
	{
		CreateTrigStmt *statement = (CreateTrigStmt *) node;

		report_trigger(lint, hm_world_relation(lint->world,
											   statement->relation),
					   psprintf("trigger %s is made",
								quote_identifier(statement->trigname)));
		return;
	}
	command = castNode(AlterTableCmd, node);
	if (!is_absent(lint))
		report_trigger(lint, lint->relation, command->name ?
					   psprintf("trigger %s is %s",
								quote_identifier(command->name),
								command->subtype == AT_DisableTrig ?
								"disabled" : "enabled") :
					   "its triggers are enabled");
}

static List *
foreign_keys_of(HmRelation *relation)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == CONSTRAINT_FOREIGN && constraint->name)
			names = lappend(names, psprintf("foreign key %s",
											quote_identifier(constraint->name)));
	}
	foreach(cell, hm_dependents_of(relation))
	{
		HmDependent *dependent = lfirst(cell);

		if (dependent->contype == CONSTRAINT_FOREIGN &&
			dependent->relation != relation)
			names = lappend(names, psprintf("foreign key %s",
											dependent->name));
	}
	return names;
}

/* Where the catalogs know that there is none, it does nothing. */
static void
check_disable_all(HmLint *lint, Node *node)
{
	bool		all = castNode(AlterTableCmd, node)->subtype ==
	AT_DisableTrigAll;
	HmRelation *relation = lint->relation;
	HmCase		found = {.relation = relation};
	List	   *names = NIL;
	ListCell   *cell;

	if (is_absent(lint) || hm_made(relation->made) || relation->temporary)
		return;
	foreach(cell, hm_triggers_of(relation))
		names = lappend(names, psprintf("trigger %s", (char *) lfirst(cell)));
	if (all)
		names = list_concat(names, foreign_keys_of(relation));
	if (OidIsValid(relation->oid) && names == NIL)
		return;
	found.type = all ? "ALL" : "USER";
	found.detail = names == NIL ? NULL : hm_lint_names(names);
	hm_lint_report(lint, &found);
}

/* Domains. */

typedef struct DomainUse
{
	HmWorld    *world;
	List	   *columns;		/* of char *, as shown */
	HmRelation *largest;
	bool		empty;			/* all of their tables */
	int			depth;
} DomainUse;

static void
note_column(DomainUse *use, const HmDependent *column)
{
	if (column->relation == NULL || hm_made(column->relation->made))
		return;
	use->columns = lappend(use->columns, column->name);
	use->empty &= hm_relation_empty(column->relation);
	if (use->largest == NULL ||
		hm_relation_rows(column->relation) > hm_relation_rows(use->largest))
		use->largest = column->relation;
}

/* Also by way of domains upon it, and arrays of it. */
static void
find_use(DomainUse *use, Oid type)
{
	ListCell   *cell;

	check_stack_depth();
	use->depth++;
	foreach(cell, hm_dependents_of_object(use->world, TypeRelationId, type))
	{
		HmDependent *dependent = lfirst(cell);

		if (dependent->class == TypeRelationId && use->depth < 10)
			find_use(use, dependent->object);
		else if (dependent->class == RelationRelationId &&
				 dependent->part != 0 &&
				 (RELKIND_HAS_STORAGE(dependent->relkind) ||
				  dependent->relkind == RELKIND_PARTITIONED_TABLE))
			note_column(use, dependent);
	}
	use->depth--;
}

static bool
checks_values(const AlterDomainStmt *statement)
{
	return statement->subtype == 'O' ||
		(statement->subtype == 'C' &&
		 !castNode(Constraint, statement->def)->skip_validation);
}

static void
check_alter_domain(HmLint *lint, Node *node)
{
	AlterDomainStmt *statement = castNode(AlterDomainStmt, node);
	TypeName	name = {.type = T_TypeName,.typemod = -1};
	DomainUse	use = {.world = lint->world,.empty = true};
	HmCase		found = {0};
	HmType	   *type;

	if (!checks_values(statement))
		return;
	name.names = statement->typeName;
	type = hm_world_type(lint->world, &name);
	if (type && hm_made(type->made))
		return;
	found.name = strVal(llast(statement->typeName));
	if (statement->subtype == 'O')
		found.safe_way = "ALTER DOMAIN {name} ADD CONSTRAINT ... CHECK (VALUE IS NOT NULL) NOT VALID; ALTER DOMAIN {name} VALIDATE CONSTRAINT ... in another migration";
	if (type && OidIsValid(type->oid))
	{
		find_use(&use, type->oid);
		if (use.columns == NIL)
			return;
		found.relation = use.largest;
		found.detail = hm_lint_names(use.columns);
	}
	hm_lint_report(lint, &found);
}

static void
check_create_domain(HmLint *lint, Node *node)
{
	CreateDomainStmt *statement = castNode(CreateDomainStmt, node);
	ListCell   *cell;

	foreach(cell, statement->constraints)
	{
		ConstrType	kind = lfirst_node(Constraint, cell)->contype;

		if (kind == CONSTR_CHECK || kind == CONSTR_NOTNULL)
		{
			hm_lint_report_on(lint, NULL,
							  strVal(llast(statement->domainname)));
			return;
		}
	}
}

static const HmLintRule rules[] = {
	{
		"table-persistence-changes", 24, HM_CRITICAL,
		HM_RULE_CATALOG | HM_RULE_ROWS,
		{HM_ON_ALTER(AT_SetLogged), HM_ON_ALTER(AT_SetUnLogged)},
		check_persistence,
		"{table} is written anew while nobody reads or writes it, {detail}",
		"leave it as it is; a table that may be lost is made UNLOGGED from the start",
		"An unlogged table is empty after a crash, and it does not exist on standbys or in backups taken by them."
	},
	{
		"table-storage-moves", 25, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_SetAccessMethod), HM_ON_ALTER(AT_SetTableSpace),
		HM_ON(AlterTableMoveAllStmt)},
		check_storage,
		"{table} is copied to {type} while nobody reads or writes it",
		"window; or a new table in {type} that is filled in steps and takes the name of {table}",
		"Changing access method or tablespace copies all of it under an ACCESS EXCLUSIVE lock."
	},
	{
		"table-vacuum-full", 26, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(VacuumStmt), HM_ON(ClusterStmt)}, check_copied,
		"{detail} writes {table} anew while nobody reads or writes it",
		"VACUUM {table}, which frees space for new rows; or pg_repack, which does the same beside the traffic",
		"VACUUM FULL and CLUSTER hold an ACCESS EXCLUSIVE lock while they copy the table and build its indexes."
	},
	{
		"matview-refresh-not-concurrent", 27, HM_MEDIUM,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(RefreshMatViewStmt)}, check_refresh,
		"nobody reads {table} while it is refreshed",
		"CREATE UNIQUE INDEX ON {table} (...); then REFRESH MATERIALIZED VIEW CONCURRENTLY {table}",
		"REFRESH without CONCURRENTLY holds an ACCESS EXCLUSIVE lock while the query runs."
	},
	{
		"partition-attach-scans", 28, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AttachPartition)}, check_attach,
		"every row of {table} is checked against the bound while nobody reads or writes it",
		"ALTER TABLE {table} ADD CONSTRAINT ... CHECK (<the bound, and IS NOT NULL of the key>) NOT VALID; ALTER TABLE {table} VALIDATE CONSTRAINT ... in another migration; then ATTACH PARTITION",
		"ATTACH PARTITION reads the whole table under an ACCESS EXCLUSIVE lock, unless a validated CHECK proves the bound."
	},
	{
		"partition-detach-not-concurrent", 29, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_DetachPartition)}, check_detach,
		"nobody reads or writes {table} while {detail} is detached",
		"ALTER TABLE {table} DETACH PARTITION {detail} CONCURRENTLY; in a migration of its own (-- transactional: no)",
		"DETACH PARTITION takes an ACCESS EXCLUSIVE lock on the parent, and so on all of its partitions' traffic."
	},
	{
		"trigger-on-busy-table", 30, HM_MEDIUM, HM_RULE_CATALOG,
		{HM_ON(CreateTrigStmt), HM_ON_ALTER(AT_EnableTrig),
			HM_ON_ALTER(AT_EnableAlwaysTrig),
			HM_ON_ALTER(AT_EnableReplicaTrig), HM_ON_ALTER(AT_DisableTrig),
		HM_ON_ALTER(AT_EnableTrigAll), HM_ON_ALTER(AT_EnableTrigUser)},
		check_trigger,
		"writes to {table} wait while {detail}",
		"SET LOCAL lock_timeout = '2s', and again when it fails",
		"The SHARE ROW EXCLUSIVE lock waits for all who write, and all who come later wait behind it."
	},
	{
		"trigger-disable-all", 31, HM_CRITICAL,
		HM_RULE_CATALOG | HM_RULE_DOWN,
		{HM_ON_ALTER(AT_DisableTrigAll), HM_ON_ALTER(AT_DisableTrigUser)},
		check_disable_all,
		"DISABLE TRIGGER {type} switches off what guards {table}",
		"ALTER TABLE {table} DISABLE TRIGGER <name>, of the one that is in the way, and ENABLE TRIGGER in the same transaction",
		"ALL switches off foreign keys too, USER all audit triggers, and nobody notices rows that were written meanwhile."
	},
	{
		"domain-constraint-checks", 32, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(AlterDomainStmt)}, check_alter_domain,
		"every value of domain {name} is checked while writes wait",
		"ALTER DOMAIN {name} ADD CONSTRAINT ... NOT VALID; ALTER DOMAIN {name} VALIDATE CONSTRAINT ... in another migration",
		"All tables with a column of the domain are read, each under a SHARE lock until the transaction ends."
	},
	{
		"domain-with-constraint", 33, HM_LOW, 0,
		{HM_ON(CreateDomainStmt)}, check_create_domain,
		"domain {name} has a constraint",
		"CREATE DOMAIN {name} without constraints, and CHECK constraints on the columns; or a table to refer to",
		"Adding a column of such a domain writes the whole table, and changing the constraint reads every table that uses it."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_table, rules);
