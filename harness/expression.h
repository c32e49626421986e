/* SPDX-License-Identifier: GPL-2.0-or-later
 * expression - one comparison of an `ok:` or `bug:` line
 * in: `fin.retransmits >= 4`, `fin.gap_ratio in 1.8..2.2`, `state.last == CLOSING`, `fin.sent == rto.backoffs`; out: does it hold?
 *
 *   comparison = fact (">=" | "<=" | ">" | "<" | "==" | "!=") (number | fact | text)  |  fact "in" number ".." number
 *
 * Texts are compared with == and != alone; a text with blanks stands in double quotes.
 */
#ifndef FINRIG_EXPRESSION_H
#define FINRIG_EXPRESSION_H

#include <glib.h>

#include "case.h"
#include "facts.h"

struct expression;

/* file: for messages. NULL with FINRIG_ERROR_USAGE: file:line:column and what was expected there; for a name that no analyzer
 * declares, the names that look like it. */
struct expression *expression_parse(const char *file, const struct case_line *line, GError **error);
void expression_free(struct expression *expression);

struct expression_result {
	gboolean held;
	char *value;  /* of the fact on the left, NULL when absent */
	char *reason; /* why it did not hold: "fin.retransmits is 0"; NULL when it did */
};

/* An absent fact, on either side, makes any comparison false; the reason is that of its declaration. */
void expression_evaluate(const struct expression *expression, const struct facts *facts, struct expression_result *result);
void expression_result_clear(struct expression_result *result);

typedef struct expression expression_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(expression_t, expression_free)

#endif
