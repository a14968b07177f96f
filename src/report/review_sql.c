/*
 * src/report/review_sql.c
 *	  SQL function migrate_review.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "plan/graph.h"
#include "plan/plan.h"
#include "plan/review.h"
#include "registry/stored.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_migrate_review);

/* So many digits are enough for a person to tell texts apart. */
#define CHECKSUM_DIGITS 12

static void
put_row(ReturnSetInfo *result, const char *section, const char *item,
		const char *value)
{
	Datum		values[3];
	bool		nulls[3] = {0};

	values[0] = CStringGetTextDatum(section);
	nulls[1] = item == NULL;
	if (item)
		values[1] = CStringGetTextDatum(item);
	values[2] = CStringGetTextDatum(value);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_review(ReturnSetInfo *result, const HmReview *review)
{
	ListCell   *cell;

	foreach(cell, review->rows)
	{
		const HmReviewRow *row = lfirst(cell);

		put_row(result, row->section, row->item, row->value);
	}
}

static void
put_call(ReturnSetInfo *result, const char *display, const char *checksum,
		 bool up)
{
	put_row(result, "to approve", NULL,
			psprintf("SELECT * FROM migrate_approve(%s, '%.*s'%s);",
					 quote_literal_cstr(display), CHECKSUM_DIGITS, checksum,
					 up ? "" : ", direction => 'down'"));
}

/* What runs next, where nothing else is said. */
static bool
goes_up(const HmNode *node, const char *direction)
{
	return direction ? hm_direction_require(direction) == HM_UP :
		hm_node_due(node);
}

Datum
hm_migrate_review(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *name;
	const HmGraph *graph;
	const HmNode *node;
	const HmStored *stored;
	HmReview   *review;

	hm_capability_require_any();
	name = hm_arg_require_text(fcinfo, 0, "name");
	graph = hm_graph_load();
	node = &graph->nodes[hm_graph_require_node(graph, name, NULL)];
	stored = hm_stored_require(node->migration_id, node->revision);
	hm_capability_require_text(stored->display, stored->author);
	review = hm_review_build(name, goes_up(node, hm_arg_text(fcinfo, 1)));
	InitMaterializedSRF(fcinfo, 0);
	put_review(result, review);
	put_row(result, "this review", "SHA-256", review->hash);
	put_call(result, review->display, review->checksum, review->up);
	hm_review_note_shown(review);
	return (Datum) 0;
}
