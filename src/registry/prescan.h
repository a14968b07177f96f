/*
 * src/registry/prescan.h
 *	  What the lexer alone tells about a script, before it is parsed.
 *
 * Refuses, with a position, what the parser could only call a syntax error:
 * psql meta-commands, COPY from or to the client, ${placeholders}.  The
 * \restrict lines that dumps carry are blanked in place.
 */
#ifndef HM_REGISTRY_PRESCAN_H
#define HM_REGISTRY_PRESCAN_H

extern void hm_prescan(char *text);

#endif							/* HM_REGISTRY_PRESCAN_H */
