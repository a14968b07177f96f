/*
 * src/registry/author.h
 *	  Who has registered a revision, and who is said to have written it.
 */
#ifndef HM_REGISTRY_AUTHOR_H
#define HM_REGISTRY_AUTHOR_H

#include "audit/person.h"

/*
 * A statement on migration_revision AS r whose first columns are for
 * hm_author_read().  Tables of a version before this one have no author_oid
 * and author_server, which are null then: a name that a query does not know
 * is looked for in the query around it.
 */
#define HM_AUTHOR_SELECT \
	"SELECT a.*" \
	"  FROM (VALUES (NULL::pg_catalog.oid, NULL::pg_catalog.int8))" \
	"       AS before (author_oid, author_server)" \
	" CROSS JOIN LATERAL (" \
	"SELECT r.author, author_oid, author_server, r.author_authn_id," \
	"       r.source -> 'author'"
#define HM_AUTHOR_COLUMNS 5
#define HM_AUTHOR_END ") AS a"

/*
 * Whether the revision is part of what migration AS m would run: registered
 * since the last one that did run, or of the same content.  What was adopted
 * never ran, and counts only as long as it is in the database.
 */
#define HM_AUTHOR_IS_DUE \
	"(r.revision >= LEAST(m.revision, 1 + COALESCE(" \
	"     CASE WHEN m.state IN ('applied', 'adopted') THEN m.applied_revision" \
	"          WHEN m.applied_revision IS NOT NULL THEN" \
	"          (SELECT pg_catalog.max(s.revision)" \
	"             FROM hipaa_migrate.run_step AS s" \
	"            WHERE s.migration_id = m.migration_id" \
	"              AND s.outcome = 'applied') END, 0))" \
	" OR r.checksum =" \
	"    (SELECT c.checksum FROM hipaa_migrate.migration_revision AS c" \
	"      WHERE c.migration_id = m.migration_id AND c.revision = m.revision))"

/* Of a row: the role that registered it, which may be gone. */
extern Oid	hm_author_role(uint64 row);

/*
 * Of the row: who registered it, by whatever name the role goes now;
 * *claims gets what its source says besides, of char *, see person.h.
 */
extern HmPerson *hm_author_read(uint64 row, const HmPersons *persons,
								List **claims);

#endif							/* HM_REGISTRY_AUTHOR_H */
