/* SPDX-License-Identifier: GPL-2.0-or-later
 * syntax - the message for a token that does not fit: what was expected, what was found
 * A parser's honest list of tokens is too long to help; names that a better one stands for are left out.
 */
#include "script_syntax.h"

#include <string.h>

/* hidden is left out of the list when shown is in it. */
static const struct { const char *shown, *hidden; } covers[] = {
	{ "a time", "a number" }, { "a time", "an errno" }, { "a time", "a note in '( )'" }, { "a time", "'|'" },
	{ "'*'", "a command in '`'" }, { "'*'", "an option" }, { "'*'", "end of file" },
	{ "a name", "'udp'" }, { "a name", "'icmp'" }, { "a name", "'icmpv6'" }, { "a name", "'ipv4'" }, { "a name", "'ipv6'" },
	{ "a name", "'gre'" }, { "a name", "'mpls'" }, { "a name", "'mtu', 'id', 'type' or 'code'" },
	{ "a string", "'...'" }, { "a string", "'['" }, { "a string", "'{'" }, { "a string", "'-'" }, { "a string", "'*'" },
	{ "TCP flags", "a name" }, { "TCP flags", "'-'" }, { "TCP flags", "'['" }, { "TCP flags", "'('" },
	{ "TCP flags", "a number" }, { "TCP flags", "a time" }, { "TCP flags", "'gre'" }, { "TCP flags", "'mpls'" },
	{ "TCP flags", "'ipv4'" }, { "TCP flags", "'ipv6'" },
	{ "'<'", "code in '%{ }%'" }, { "'<'", "a command in '`'" }, { "'<'", "a statement of finrig's" }, { "'<'", "'...'" },
	{ "'<'", "'~'" },
};

void script_expect(struct script_expected *expected, const char *name)
{
	if (expected->count < EXPECTED_NAMES_MAX)
		expected->names[expected->count++] = name;
}

static bool is_expected(const struct script_expected *expected, const char *name)
{
	for (unsigned i = 0; i < expected->count; i++)
		if (strcmp(expected->names[i], name) == 0)
			return true;
	return false;
}

static bool is_covered(const struct script_expected *expected, const char *name)
{
	for (size_t i = 0; i < sizeof(covers) / sizeof(*covers); i++)
		if (strcmp(covers[i].hidden, name) == 0 && is_expected(expected, covers[i].shown))
			return true;
	return false;
}

void script_syntax_error(struct script_reader *reader, struct script_expected *expected, const struct script_location *at)
{
	const char *shown[EXPECTED_NAMES_MAX];
	char list[160] = "", quoted[160];
	unsigned count = 0;
	size_t used = 0;

	for (unsigned i = 0; i < expected->count; i++)
		if (!is_covered(expected, expected->names[i]))
			shown[count++] = expected->names[i];
	for (unsigned i = 0; i < count && used < sizeof(list) - 32; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ",
					 shown[i]);
	script_quote(reader->text + at->start, at->end - at->start, quoted, sizeof(quoted));
	script_about(reader, "syntax at %s%s%s", *quoted >= '0' && *quoted <= '9' ? "a number" : "'",
		     *quoted >= '0' && *quoted <= '9' ? "" : quoted, *quoted >= '0' && *quoted <= '9' ? "" : "'");
	if (expected->found_end)
		script_fail(reader, at, "expected %s, found the end of the script", list);
	else
		script_fail(reader, at, "expected %s, found '%s'", list, quoted);
}
