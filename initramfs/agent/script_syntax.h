/* SPDX-License-Identifier: GPL-2.0-or-later
 * syntax - the message for a token that does not fit: what was expected, what was found; included by script_parser.y alone
 */
#ifndef FINRIG_SCRIPT_SYNTAX_H
#define FINRIG_SCRIPT_SYNTAX_H

#include "script_reader.h"

enum { EXPECTED_NAMES_MAX = 48 };

struct script_expected {
	const char *names[EXPECTED_NAMES_MAX];
	unsigned count;
	bool found_end;
};

/* One token that would fit, by its name in the grammar. */
void script_expect(struct script_expected *expected, const char *name);
void script_syntax_error(struct script_reader *reader, struct script_expected *expected, const struct script_location *at);

#endif
