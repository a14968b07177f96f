/*
 * src/guard/server.h
 *	  Servers that the library must not be trusted on.
 */
#ifndef HM_GUARD_SERVER_H
#define HM_GUARD_SERVER_H

/*
 * 15.9, 16.5 and 17.1 changed the layout of a structure that extensions use,
 * which the minors after them took back: whether the running one is none of
 * these.
 */
extern bool hm_guard_server_is_fit(void);

/* Raises, saying what to do. */
extern void hm_guard_require_fit_server(void);

/* Tells the server's log, when it starts. */
extern void hm_guard_warn_of_unfit_server(void);

#endif							/* HM_GUARD_SERVER_H */
