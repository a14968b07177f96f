/*
 * src/policy/set_filling.c
 *	  Which person stands for which set of approvers.
 *
 * A maximum matching, found along augmenting paths.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "policy/set_filling.h"

typedef struct Filling
{
	int			sets;
	HmCanFill	can_fill;
	const void *arg;
	int		   *filled_by;
	bool	   *visited;		/* sets, on the path that is being sought */
} Filling;

/* Finds a place for the person, moving others if it must. */
static bool
place(Filling *filling, int person)
{
	for (int set = 0; set < filling->sets; set++)
	{
		if (filling->visited[set] ||
			!filling->can_fill(filling->arg, person, set))
			continue;
		filling->visited[set] = true;
		if (filling->filled_by[set] < 0 ||
			place(filling, filling->filled_by[set]))
		{
			filling->filled_by[set] = person;
			return true;
		}
	}
	return false;
}

int *
hm_sets_fill(int persons, int sets, HmCanFill can_fill, const void *arg)
{
	Filling		filling = {.sets = sets,.can_fill = can_fill,.arg = arg};

	filling.filled_by = palloc(sizeof(int) * sets);
	filling.visited = palloc(sizeof(bool) * sets);
	for (int set = 0; set < sets; set++)
		filling.filled_by[set] = -1;
	for (int person = 0; person < persons; person++)
	{
		CHECK_FOR_INTERRUPTS();
		memset(filling.visited, 0, sizeof(bool) * sets);
		(void) place(&filling, person);
	}
	return filling.filled_by;
}
