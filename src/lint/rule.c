/*
 * src/lint/rule.c
 *	  All rules, and which of them look at a node.
 */
#include "postgres.h"

#include "lint/rule.h"
#include "utils/memutils.h"

static const HmLintRuleTable *const tables[] = {
	&hm_lint_rules_index,
	&hm_lint_rules_constraint,
	&hm_lint_rules_column,
	&hm_lint_rules_table,
	&hm_lint_rules_lock,
	&hm_lint_rules_limit,
	&hm_lint_rules_loss,
	&hm_lint_rules_change,
	&hm_lint_rules_guarded,
	&hm_lint_rules_exists,
	&hm_lint_rules_structure,
	&hm_lint_rules_migration,
	&hm_lint_rules_design,
	&hm_lint_rules_security,
	&hm_lint_rules_forbidden,
	&hm_lint_rules_phi,
};

/* A rule at one of its places. */
typedef struct Post
{
	HmLintPlace place;
	const HmLintRule *rule;
} Post;

static int	nrules;				/* 0: not built yet */
static const HmLintRule **rules_by_number;
static int	nposts;
static Post *posts;				/* sorted by tag, then rule */

static int
compare_rules(const void *a, const void *b)
{
	const HmLintRule *left = *(const HmLintRule *const *) a;
	const HmLintRule *right = *(const HmLintRule *const *) b;

	if (left->number != right->number)
		return left->number - right->number;
	return strcmp(left->slug, right->slug);
}

static int
compare_posts(const void *a, const void *b)
{
	const Post *left = a;
	const Post *right = b;

	if (left->place.tag != right->place.tag)
		return left->place.tag < right->place.tag ? -1 : 1;
	return compare_rules(&left->rule, &right->rule);
}

static int
count_places(const HmLintRule *rule)
{
	int			count = 1;

	while (count < HM_LINT_MAX_PLACES &&
		   rule->places[count].tag != T_Invalid)
		count++;
	return count;
}

static void
add_posts(const HmLintRule *rule)
{
	int			count = count_places(rule);

	for (int i = 0; i < count; i++)
	{
		posts[nposts].place = rule->places[i];
		posts[nposts].rule = rule;
		nposts++;
	}
}

/* Once in a backend's life; to be done again after an error half way. */
static void
build(void)
{
	int			count = 0;

	for (int i = 0; i < lengthof(tables); i++)
		count += tables[i]->count;
	if (rules_by_number == NULL)
		rules_by_number = MemoryContextAlloc(TopMemoryContext,
											 sizeof(HmLintRule *) * count);
	if (posts == NULL)
		posts = MemoryContextAlloc(TopMemoryContext,
								   sizeof(Post) * count * HM_LINT_MAX_PLACES);
	count = nposts = 0;
	for (int i = 0; i < lengthof(tables); i++)
	{
		for (int j = 0; j < tables[i]->count; j++)
		{
			rules_by_number[count++] = &tables[i]->rules[j];
			add_posts(&tables[i]->rules[j]);
		}
	}
	qsort(rules_by_number, count, sizeof(HmLintRule *), compare_rules);
	qsort(posts, nposts, sizeof(Post), compare_posts);
	nrules = count;
}

int
hm_lint_rule_count(void)
{
	if (nrules == 0)
		build();
	return nrules;
}

const HmLintRule *
hm_lint_rule_get(int index)
{
	Assert(index >= 0 && index < hm_lint_rule_count());
	return rules_by_number[index];
}

const HmLintRule *
hm_lint_rule_find(const char *slug)
{
	for (int i = 0; i < hm_lint_rule_count(); i++)
	{
		if (strcmp(rules_by_number[i]->slug, slug) == 0)
			return rules_by_number[i];
	}
	return NULL;
}

/* The first post of that tag, or where it would stand. */
static int
first_post(NodeTag tag)
{
	int			low = 0;
	int			high = nposts;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (posts[middle].place.tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
hm_lint_rules_at(NodeTag tag, int kind,
				 void (*visit) (const HmLintRule *rule, void *argument),
				 void *argument)
{
	if (nrules == 0)
		build();
	for (int i = first_post(tag); i < nposts && posts[i].place.tag == tag; i++)
	{
		if (posts[i].place.kind == 0 || posts[i].place.kind == kind)
			visit(posts[i].rule, argument);
	}
}

bool
hm_lint_rule_about_phi(const HmLintRule *rule)
{
	const HmLintRuleTable *table = &hm_lint_rules_phi;

	return rule >= table->rules && rule < table->rules + table->count;
}
