/*
 * src/audit/secret_text.h
 *	  What a secret looks like inside a text.
 *
 * Pure functions; nothing is allocated, nothing raised; time is linear.  In
 * doubt it is a secret.
 */
#ifndef HM_AUDIT_SECRET_TEXT_H
#define HM_AUDIT_SECRET_TEXT_H

/*
 * Does text hold something like a password: name=value, a URI with a
 * password, a private key, a password's verifier?
 */
extern bool hm_secret_in(const char *text, int length);

/* Is it the name of something secret: password, api_token? */
extern bool hm_secret_is_name(const char *name, int length);

/* Does text end with such a name, before "=", quotes and blanks? */
extern bool hm_secret_ends_with_name(const char *text, int length);

#endif							/* HM_AUDIT_SECRET_TEXT_H */
