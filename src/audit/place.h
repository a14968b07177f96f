/*
 * src/audit/place.h
 *	  Where an object is: what it is attached to, and its schema.
 *
 * Read from the catalogs as they are at this moment, with what the current
 * command has done to them, so that an object can be placed while it is being
 * created.  Locks nothing but the catalogs and raises nothing for what is not
 * there.
 */
#ifndef HM_AUDIT_PLACE_H
#define HM_AUDIT_PLACE_H

#include "catalog/objectaccess.h"
#include "catalog/objectaddress.h"

#define HM_PLACE_OWNERS 2

/*
 * What an object like a trigger, a constraint or an index entry is attached
 * to: relations, or the schema of a publication.  What there is less of is
 * InvalidOid.  False: objects of this class stand for themselves.  access is
 * how it was announced, which says what object_id means.
 */
extern bool hm_place_owners(ObjectAccessType access, Oid class_id,
							Oid object_id, Oid owners[HM_PLACE_OWNERS]);

/* The types that a cast is from and to; false: it is not there. */
extern bool hm_place_cast(Oid cast, Oid types[HM_PLACE_OWNERS]);

/* The schema that it is in itself, or InvalidOid. */
extern Oid	hm_place_schema(Oid class_id, Oid object_id);

/* The same of a relation that is just being created, which is cheaper. */
extern Oid	hm_place_new_relation(Oid relid);

/* Its name, or NULL. */
extern char *hm_place_name(Oid class_id, Oid object_id);

#endif							/* HM_AUDIT_PLACE_H */
