/*
 * src/audit/seal_init.c
 *	  Tells the sealer process what to do.
 */
#include "postgres.h"

#include "audit/access_change.h"
#include "audit/digest.h"
#include "audit/epoch.h"
#include "audit/retention.h"
#include "audit/seal.h"
#include "audit/seal_init.h"
#include "audit/sealer.h"
#include "audit/setting_change.h"

/* One block takes all there is; what came meanwhile has its own turn. */
static bool
seal(void)
{
	hm_epoch_visit();
	hm_retention_visit();
	hm_setting_change_look();
	hm_access_change_look();
	(void) hm_seal();
	return false;
}

static int
hand_out(void)
{
	int			digest = hm_digest_hand_out();
	int			adoption = hm_epoch_adopt();

	return digest == 0 || adoption == 0 ? digest + adoption :
		Min(digest, adoption);
}

void
hm_seal_init(void)
{
	hm_sealer_callbacks.visit_epoch = hm_epoch_visit;
	hm_sealer_callbacks.seal = seal;
	hm_sealer_callbacks.hand_out = hand_out;
}
