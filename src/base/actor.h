/*
 * src/base/actor.h
 *	  Who is acting.
 *
 * The person is the authenticated user: SET ROLE and SET SESSION
 * AUTHORIZATION change what a session may do, not who it is.
 */
#ifndef HM_BASE_ACTOR_H
#define HM_BASE_ACTOR_H

typedef struct HmActor
{
	const char *authenticated;	/* role that logged in */
	const char *session;		/* session_user */
	const char *effective;		/* current_user of the caller */
	const char *authn_id;		/* what the client proved, or NULL */
	const char *client;			/* "address:port", "local" or a process */
	const char *application;	/* application_name, or NULL */
} HmActor;

/* The acting session, in the current memory context. */
extern HmActor *hm_actor_load(void);

/*
 * The same, valid until the next call.  Raises nothing and may be called in
 * any state: outside a usable transaction, a role that was not looked up
 * before is called by its number.
 */
extern const HmActor *hm_actor_current(void);

/* Who logged in; the name, palloc'd, raises when that role was dropped. */
extern Oid	hm_actor_authenticated(void);
extern char *hm_actor_authenticated_name(void);

/* Whether there is a role of that number, and it may log in. */
extern bool hm_actor_can_log_in(Oid role);

#endif							/* HM_BASE_ACTOR_H */
