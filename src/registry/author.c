/*
 * src/registry/author.c
 *	  Who has registered a revision, and who is said to have written it.
 */
#include "postgres.h"

#include "base/query.h"
#include "base/resolve.h"
#include "registry/author.h"
#include "utils/jsonb.h"

/* One, an array of them, or an object that says more of one. */
static List *
read_claims(Jsonb *author)
{
	JsonbIterator *iterator = JsonbIteratorInit(&author->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *claims = NIL;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if ((token == WJB_ELEM || token == WJB_VALUE) &&
			value.type == jbvString)
			claims = lappend(claims, pnstrdup(value.val.string.val,
											  value.val.string.len));
	}
	return claims;
}

Oid
hm_author_role(uint64 row)
{
	return hm_resolve_actor(hm_query_text(row, 1), hm_query_oid(row, 2),
							hm_query_int64(row, 3));
}

HmPerson *
hm_author_read(uint64 row, const HmPersons *persons, List **claims)
{
	bool		isnull;
	Datum		author = hm_query_datum(row, 5, &isnull);

	if (!isnull)
		*claims = list_concat(*claims, read_claims(DatumGetJsonbP(author)));
	return hm_person_of(persons, hm_query_text(row, 1), hm_author_role(row),
						hm_query_text(row, 4));
}
