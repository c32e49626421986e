/* SPDX-License-Identifier: GPL-2.0-or-later
 * patch_mail - a patch as it came by mail
 * in: a file's text: a diff, a mail, or a series in one mbox, quoted-printable, base64, with CR LF; out: text that patch and hunks_parse() read.
 */
#ifndef FINRIG_PATCH_MAIL_H
#define FINRIG_PATCH_MAIL_H

#include <glib.h>

/* The text with each mail's encoding (RFC 2045, 6) taken off and LF at the ends of its lines. remarks (char *) gets what was done that
 * changes what is judged: a series taken as one, line ends. Never fails: what is no mail stays as it is. Caller frees. */
char *patch_mail_text(const char *text, GPtrArray *remarks);
/* The line, from 1, by which a mail says that it has several parts (RFC 2046, 5.1); 0: none does. Each part has an encoding of its own, and which
 * of them is the patch is not to be guessed. */
guint patch_mail_parts_line(const char *text);

#endif
