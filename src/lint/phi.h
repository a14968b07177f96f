/*
 * src/lint/phi.h
 *	  Which tables and columns hold health information, as their labels say.
 *
 *		SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ssn IS 'phi'
 *
 * A column's own label says it, and where it has none, its table's label.
 * What is true of a table is true of its partitions and children, too: their
 * own labels can say more, never less.
 *
 * All of these read catalogs and take no lock on the table.
 */
#ifndef HM_LINT_PHI_H
#define HM_LINT_PHI_H

#include "access/attnum.h"

/* In the order of protection. */
typedef enum HmPhiLevel
{
	HM_PHI_UNLABELLED,			/* nobody has said anything */
	HM_PHI_NONE,				/* somebody has said that it is neither */
	HM_PHI_PERSONAL,			/* identifies a person: 'pii' */
	HM_PHI_HEALTH				/* protected health information: 'phi' */
} HmPhiLevel;

/* A level, and whose label it comes from. */
typedef struct HmPhiLabel
{
	HmPhiLevel	level;
	Oid			relid;			/* InvalidOid: HM_PHI_UNLABELLED */
	AttrNumber	attnum;			/* 0: the label of the whole table */
} HmPhiLabel;

/* As it is written in labels; NULL for HM_PHI_UNLABELLED. */
extern const char *hm_phi_level_name(HmPhiLevel level);

/* False: no label may say so.  NULL is HM_PHI_UNLABELLED. */
extern bool hm_phi_level_parse(const char *label, HmPhiLevel *level);

/* What its own label says; of the table when attnum is 0. */
extern HmPhiLevel hm_phi_own_level(Oid relid, AttrNumber attnum);

/* What it comes to, and why. */
extern HmPhiLabel hm_phi_label_of(Oid relid, AttrNumber attnum);

/* The same if its own label were that. */
extern HmPhiLabel hm_phi_label_if(Oid relid, AttrNumber attnum,
								  HmPhiLevel own);

/* Just the level of a column, and of a table. */
extern HmPhiLevel hm_phi_level_of(Oid relid, AttrNumber attnum);
extern HmPhiLevel hm_phi_table_level(Oid relid);

#endif							/* HM_LINT_PHI_H */
