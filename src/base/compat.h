/*
 * src/base/compat.h
 *	  Differences between PostgreSQL 15 to 18, each with its reason.
 *
 * The only place in this project that looks at PG_VERSION_NUM.
 */
#ifndef HM_BASE_COMPAT_H
#define HM_BASE_COMPAT_H

/*
 * Port keeps one layout with and without GSSAPI (libpq-be.h says so), but its
 * header wants Kerberos headers, which server packages do not depend on.
 */
#undef ENABLE_GSS
#include "libpq/libpq-be.h"

#include "access/transam.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "nodes/value.h"
#include "parser/parse_relation.h"
#include "replication/message.h"
#include "storage/lockdefs.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/snapmgr.h"

#if PG_VERSION_NUM < 150000
#error "hipaa_migrate needs PostgreSQL 15 or newer"
#endif

/* 16 moved the macros for values of variable length to a header of its own. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 made the module magic carry a name and a version. */
#if PG_VERSION_NUM >= 180000
#define HM_MODULE_MAGIC(name_, version_) \
	PG_MODULE_MAGIC_EXT(.name = name_, .version = version_)
#else
#define HM_MODULE_MAGIC(name_, version_) PG_MODULE_MAGIC
#endif

/* 18 took away pg_attribute_noreturn(), and wants its successor in front. */
#if PG_VERSION_NUM >= 180000
#define HM_NORETURN pg_noreturn
#else
#define HM_NORETURN pg_attribute_noreturn()
#endif

/* 18 dropped run_once: a portal always runs to where it was told. */
static inline bool
hm_compat_portal_run(Portal portal, long count, bool is_top_level,
					 DestReceiver *dest, QueryCompletion *completion)
{
#if PG_VERSION_NUM >= 180000
	return PortalRun(portal, count, is_top_level, dest, dest, completion);
#else
	return PortalRun(portal, count, is_top_level, true, dest, dest,
					 completion);
#endif
}

/* 16 gave the authenticated identity to every process, 15 to the port. */
static inline const char *
hm_compat_authn_id(void)
{
#if PG_VERSION_NUM >= 160000
	return MyClientConnectionInfo.authn_id;
#else
	return MyProcPort ? MyProcPort->authn_id : NULL;
#endif
}

/* 16 told apart being a member of a role and being allowed to become it. */
static inline bool
hm_compat_can_become(Oid member, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return member_can_set_role(member, role);
#else
	return is_member_of_role(member, role);
#endif
}

/*
 * 16 let a role be granted so that its member can only give it to others, and
 * gives whoever makes a role such a membership: who neither inherits nor can
 * become it is no member here.  The roads to it as pg_auth_members m has them.
 */
static inline bool
hm_compat_is_member(Oid member, Oid role)
{
#if PG_VERSION_NUM >= 160000
	if (!has_privs_of_role(member, role) && !member_can_set_role(member, role))
		return false;
#endif
	return is_member_of_role_nosuper(member, role);
}

#if PG_VERSION_NUM >= 160000
#define HM_COMPAT_MEMBER_INHERITS "m.inherit_option"
#define HM_COMPAT_MEMBER_SETS "m.set_option"
#else
#define HM_COMPAT_MEMBER_INHERITS "true"
#define HM_COMPAT_MEMBER_SETS "true"
#endif

/* 17 renamed what transaction ids are handed out from. */
static inline TransactionId
hm_compat_oldest_xid(void)
{
#if PG_VERSION_NUM >= 170000
	return TransamVariables->oldestXid;
#else
	return ShmemVariableCache->oldestXid;
#endif
}

/* 16 renamed what a relation's files are found by. */
#if PG_VERSION_NUM >= 160000
#define hm_compat_locator(relation_) ((relation_)->rd_locator)
#else
#define hm_compat_locator(relation_) ((relation_)->rd_node)
#endif

/* 17 taught LogLogicalMessage() to flush; a message of no transaction. */
static inline XLogRecPtr
hm_compat_log_message(const char *prefix, const char *bytes, Size length)
{
#if PG_VERSION_NUM >= 170000
	return LogLogicalMessage(prefix, bytes, length, false, true);
#else
	XLogRecPtr	lsn = LogLogicalMessage(prefix, bytes, length, false);

	XLogFlush(lsn);
	return lsn;
#endif
}

/* 18 gave what a query groups by a range table entry of its own. */
static inline List *
hm_compat_grouped(const RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 180000
	return rte->rtekind == RTE_GROUP ? rte->groupexprs : NIL;
#else
	return NIL;
#endif
}

/* 16 keeps settings in a hash table, of which it makes an array. */
static inline struct config_generic **
hm_compat_settings(int *count)
{
#if PG_VERSION_NUM >= 160000
	return get_guc_variables(count);
#else
	*count = GetNumConfigOptions();
	return get_guc_variables();
#endif
}

/* 17 named it after what it is still used for: the schemas of the path. */
static inline List *
hm_compat_search_path(void)
{
#if PG_VERSION_NUM >= 170000
	return GetSearchPathMatcher(CurrentMemoryContext)->schemas;
#else
	return GetOverrideSearchPath(CurrentMemoryContext)->schemas;
#endif
}

/* 18 brought generated columns that are computed when they are read. */
static inline char
hm_compat_generated_kind(const Constraint *constraint)
{
#if PG_VERSION_NUM >= 180000
	return constraint->generated_kind;
#else
	return ATTRIBUTE_GENERATED_STORED;
#endif
}

/* 17 lets a transaction use what it added to an enum that it made itself. */
static inline bool
hm_compat_new_enum_is_usable(void)
{
#if PG_VERSION_NUM >= 170000
	return true;
#else
	return false;
#endif
}

/* 16 made of the one option of GRANT ROLE a list. */
static inline bool
hm_compat_grants_admin(const GrantRoleStmt *statement)
{
#if PG_VERSION_NUM >= 160000
	ListCell   *cell;

	foreach(cell, statement->opt)
	{
		const DefElem *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "admin") == 0 &&
			(option->arg == NULL || !IsA(option->arg, Boolean) ||
			 boolVal(option->arg)))
			return true;
	}
	return false;
#else
	return statement->admin_opt;
#endif
}

/* 18 brought constraints that are NOT ENFORCED. */
static inline bool
hm_compat_is_enforced(const Constraint *constraint)
{
#if PG_VERSION_NUM >= 180000
	return constraint->is_enforced ||
		(constraint->contype != CONSTR_CHECK &&
		 constraint->contype != CONSTR_FOREIGN);
#else
	return true;
#endif
}

/* 17 lets another expression be given to a generated column. */
#if PG_VERSION_NUM >= 170000
#define HM_AT_SET_EXPRESSION AT_SetExpression
#else
#define HM_AT_SET_EXPRESSION ((AlterTableType) -2)
#endif

/* 18 has constraints for NOT NULL, of this pg_constraint.contype. */
#define HM_CONSTRAINT_NOTNULL 'n'

/*
 * What a query does with a table that it names, and in which columns.  16 took
 * it out of the range table's entries.  A table without is none it names.
 */
static inline AclMode
hm_compat_access(const PlannedStmt *query, RangeTblEntry *table,
				 const Bitmapset **updated)
{
#if PG_VERSION_NUM >= 160000
	RTEPermissionInfo *info;

	*updated = NULL;
	if (table->perminfoindex == 0)
		return ACL_INSERT;
	info = getRTEPermissionInfo(query->permInfos, table);
	*updated = info->updatedCols;
	return info->requiredPerms;
#else
	*updated = table->updatedCols;
	return table->requiredPerms;
#endif
}

/* 18 takes ACCESS SHARE on what GRANT and REVOKE name. */
static inline bool
hm_compat_grant_locks(void)
{
	return PG_VERSION_NUM >= 180000;
}

/* 18 analyzes the children with their parent; before, they were only read. */
static inline LOCKMODE
hm_compat_analyzed_child_lock(void)
{
	return PG_VERSION_NUM >= 180000 ? ShareUpdateExclusiveLock :
		AccessShareLock;
}

/* 18 locks the partitions like the table that gets a unique constraint. */
static inline LOCKMODE
hm_compat_unique_partition_lock(LOCKMODE parent)
{
	return PG_VERSION_NUM >= 180000 ? parent : ShareLock;
}

/* 18 has functions that write what the planner believes of a table. */
static inline bool
hm_compat_writes_statistics(Oid function)
{
#if PG_VERSION_NUM >= 180000
	return function == F_PG_RESTORE_RELATION_STATS ||
		function == F_PG_RESTORE_ATTRIBUTE_STATS ||
		function == F_PG_CLEAR_RELATION_STATS ||
		function == F_PG_CLEAR_ATTRIBUTE_STATS;
#else
	return false;
#endif
}

/* 16 took the privileges that a plan needs out of its range table. */
static inline bool
hm_compat_may_execute(PlannedStmt *plan)
{
#if PG_VERSION_NUM >= 160000
	return ExecCheckPermissions(plan->rtable, plan->permInfos, false);
#else
	return ExecCheckRTPerms(plan->rtable, false);
#endif
}

#endif							/* HM_BASE_COMPAT_H */
