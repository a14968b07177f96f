/*
 * src/base/resolve.h
 *	  What a name means: without a lock, a privilege or an error.
 *
 * The command itself says what is wrong with a name, and whether its user may
 * use it; to all others it looks as if nobody had asked.  So a name that means
 * nothing is InvalidOid here, and what is found may be gone a moment later.
 *
 * All of these need a transaction.
 */
#ifndef HM_BASE_RESOLVE_H
#define HM_BASE_RESOLVE_H

#include "nodes/parsenodes.h"

/* A name in two parts. */
typedef struct HmQualified
{
	char	   *schema;			/* or NULL */
	char	   *name;			/* NULL: it is not a name at all */
} HmQualified;

/* Where something is to be created; schema may not exist yet. */
typedef struct HmPlace
{
	Oid			schema;
	bool		temporary;
} HmPlace;

/* Of a list of String nodes. */
extern HmQualified hm_resolve_parts(List *names);

/* A text of any length. */
extern Oid	hm_resolve_role(const char *name);

/*
 * The role that acted under that name: on the server where it did, as it was
 * known there, and it may be gone; on another one, to which that came in a
 * dump, whatever has the name.
 */
extern Oid	hm_resolve_actor(const char *name, Oid role, int64 server);

/* pg_temp is the one of this session. */
extern Oid	hm_resolve_schema(const char *name);

/* A schema of temporary objects, this session's or another's. */
extern bool hm_resolve_is_temporary(Oid schema);

/* Where CREATE puts it; schema may be NULL. */
extern HmPlace hm_resolve_creation(const char *schema);
extern HmPlace hm_resolve_relation_creation(const RangeVar *name);

extern Oid	hm_resolve_relation(const RangeVar *name);
extern Oid	hm_resolve_type(const TypeName *name);

/*
 * The rest finds the object and the schema that it is in.  Where the name
 * has a schema, that is returned also when the object is not there.
 */
extern Oid	hm_resolve_named_type(HmQualified name, Oid *schema);
extern Oid	hm_resolve_function(ObjectType kind, const ObjectWithArgs *name,
								Oid *schema);
extern Oid	hm_resolve_operator(const ObjectWithArgs *name, Oid *schema);
extern Oid	hm_resolve_collation(HmQualified name, Oid *schema);

/* Of a catalog whose objects are found by name and schema. */
extern Oid	hm_resolve_in_schema(int cache, HmQualified name, Oid *schema);

/* Of a catalog whose objects have an access method, name and schema. */
extern Oid	hm_resolve_of_method(int cache, const char *method,
								 HmQualified name, Oid *schema);

#endif							/* HM_BASE_RESOLVE_H */
