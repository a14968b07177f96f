/*
 * src/audit/relations.h
 *	  Which relations are ours: OIDs by name, and whether an OID is of ours.
 *
 * Ours is what extension hipaa_migrate has in schema hipaa_migrate, with the
 * indexes and TOAST tables of it.  The answers are kept in the backend and
 * follow CREATE, ALTER and DROP EXTENSION of any backend as catalog caches
 * do: they are right for whoever has just locked the relation.  A database
 * without the extension costs one test of a flag.
 *
 * All but hm_relations_init() need a transaction that has not failed.
 */
#ifndef HM_AUDIT_RELATIONS_H
#define HM_AUDIT_RELATIONS_H

/* The order is that of the table of names in relations.c. */
typedef enum HmRelation
{
	HM_RELATION_AUDIT_EVENT,
	HM_RELATION_AUDIT_EVENT_PKEY,
	HM_RELATION_AUDIT_LEAF,
	HM_RELATION_AUDIT_LEAF_PKEY,
	HM_RELATION_AUDIT_LEAF_EVENT_KEY,
	HM_RELATION_AUDIT_BLOCK,
	HM_RELATION_AUDIT_BLOCK_PKEY,
	HM_RELATION_AUDIT_EPOCH,
	HM_RELATION_AUDIT_EPOCH_PKEY,
	HM_RELATION_AUDIT_STATE,
	HM_RELATION_AUDIT_HOLD,
	HM_RELATION_AUDIT_HOLD_PKEY,
	HM_RELATION_PENDING_ACT,
	HM_RELATION_PENDING_ACT_PKEY,
	HM_RELATION_GUARD_CLASS,
	HM_RELATION_EVENT_ID_SEQ,
	HM_RELATION_MIGRATION,
	HM_RELATION_MIGRATION_REVISION,
	HM_RELATION_MIGRATION_DEPENDENCY,
	HM_RELATION_CAPABILITY_GRANT,
	HM_RELATION_GUARD_EXEMPTION,
	HM_RELATION_BREAK_GLASS,
	HM_RELATION_WAIVER,
	HM_RELATION_PERSON_LOGIN,
	HM_RELATION_POLICY_REQUIREMENT,
	HM_RELATION_FREEZE_PERIOD,
	HM_RELATION_ASSESSMENT,
	HM_RELATION_SUBMISSION,
	HM_RELATION_SUBMISSION_MEMBER,
	HM_RELATION_APPROVAL,
	HM_RELATION_KNOWN_MEMBERSHIP,
	HM_RELATION_RUN,
	HM_RELATION_RUN_STEP,
	HM_RELATION_RUN_STATEMENT,
	HM_RELATION_MIGRATION_ID_SEQ,
	HM_RELATION_RUN_ID_SEQ,
	HM_RELATION_STEP_ID_SEQ,
	HM_RELATION_HOLD_ID_SEQ,
	HM_RELATION_ACT_ID_SEQ,
	HM_RELATION_EXEMPTION_ID_SEQ,
	HM_RELATION_BREAK_GLASS_ID_SEQ,
	HM_RELATION_WAIVER_ID_SEQ,
	HM_RELATION_FREEZE_ID_SEQ,
	HM_RELATION_ASSESSMENT_ID_SEQ,
	HM_RELATION_SUBMISSION_ID_SEQ,
	HM_RELATION_APPROVAL_ID_SEQ
} HmRelation;

#define HM_RELATION_COUNT (HM_RELATION_APPROVAL_ID_SEQ + 1)

extern void hm_relations_init(void);

/* OID of the extension, or InvalidOid where this database has none. */
extern Oid	hm_relations_extension(void);

/* OID of schema hipaa_migrate, or InvalidOid. */
extern Oid	hm_relations_schema(void);

/* Raises undefined_table when this database, or its version, has it not. */
extern Oid	hm_relation_oid(HmRelation relation);

/* The same, but InvalidOid. */
extern Oid	hm_relation_find(HmRelation relation);

extern bool hm_relation_is_ours(Oid relid);

/* All of them, ascending; good until a catalog cache is looked into. */
extern const Oid *hm_relations_all(int *count);

#endif							/* HM_AUDIT_RELATIONS_H */
