/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_case - case headers, durations, needs
 */
#include <glib.h>

#include "case.h"
#include "duration.h"
#include "error.h"
#include "needs.h"

static struct test_case *parse(const char *text, GError **error)
{
	return case_parse("name", "dir/name.pkt", text, strlen(text), error);
}

static void test_header(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(test_case_t) test_case = parse("// title: A title: with colon\n"
						 "//why: one\n"
						 "// why: two\r\n"
						 "// observe: 2min\n"
						 "// drain: slow 5/s\n"
						 "// device: veth0\n"
						 "// sysctl: net.ipv4.tcp_rmem = 4096 87380 6291456\n"
						 "// needs: CONFIG_VETH\n"
						 "# another comment\n"
						 "\n"
						 "// Note: prose with a colon is no key\n"
						 "// ok: fin.retransmits >= 4\n"
						 "//   bug:   fin.retransmits == 0\n"
						 "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
						 "// ok: not of the header any more\n", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(test_case->title, ==, "A title: with colon");
	g_assert_cmpstr(test_case->why, ==, "one two");
	g_assert_cmpint(test_case->observe_us, ==, 120 * G_USEC_PER_SEC);
	g_assert_cmpstr(test_case->drain, ==, "slow 5/s");
	g_assert_cmpstr(test_case->device, ==, "veth0");
	g_assert_cmpint(test_case->sysctl->len, ==, 1);
	g_assert_cmpstr(test_case->sysctl->pdata[0], ==, "net.ipv4.tcp_rmem=4096 87380 6291456");
	g_assert_cmpstr(test_case->needs->pdata[0], ==, "CONFIG_VETH");
	g_assert_cmpint(test_case->ok->len, ==, 1);
	g_assert_cmpint(test_case->bug->len, ==, 1);
	g_assert_cmpstr(((struct case_line *)test_case->bug->pdata[0])->text, ==, "fin.retransmits == 0");
	g_assert_cmpuint(((struct case_line *)test_case->bug->pdata[0])->line, ==, 13);
	g_assert_cmpuint(((struct case_line *)test_case->bug->pdata[0])->column, ==, 13);
}

static void test_defaults(void)
{
	g_autoptr(test_case_t) test_case = parse("0 close(3) = 0\n", NULL);

	g_assert_nonnull(test_case);
	g_assert_cmpstr(test_case->drain, ==, "expected");
	g_assert_cmpint(test_case->observe_us, ==, 0);
	g_assert_null(test_case->title);
}

static void test_faults(void)
{
	static const struct { const char *text, *message; } faults[] = {
		{ "\n// observe: soon\n", "dir/name.pkt:2:13: expected a time such as 140s, 250ms or 12h, found 'soon'" },
		{ "// observe: -1s\n", "dir/name.pkt:1:13: expected a time such as 140s, 250ms or 12h, found '-1s'" },
		{ "// drain: sometimes\n", "dir/name.pkt:1:11: expected never, always, expected, 'after 3s' or 'slow 5/s', found 'sometimes'" },
		{ "// device: a b\n", "dir/name.pkt:1:12: expected the name of a device such as veth0, found 'a b'" },
		{ "// device: sixteen-letters-\n", "dir/name.pkt:1:12: expected the name of a device such as veth0, found 'sixteen-letters-'" },
		{ "// drain: slow 0/s\n", "dir/name.pkt:1:11: expected never, always, expected, 'after 3s' or 'slow 5/s', found 'slow 0/s'" },
		{ "// title: a\n// title: b\n", "dir/name.pkt:2:11: this key was given before" },
		{ "// title:\n", "dir/name.pkt:1:10: expected a value for 'title'" },
		{ "// sysctl: ../../etc = 1\n", "dir/name.pkt:1:12: expected 'name = value' with a name such as net.ipv4.tcp_rmem, found '../../etc = 1'" },
		{ "// needs: luck\n", "dir/name.pkt:1:11: expected CONFIG_NAME, 'kernel >= X.Y' or 'kernel < X.Y', found 'luck'" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(parse(faults[i].text, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
		g_assert_cmpstr(error->message, ==, faults[i].message);
	}
}

static void test_nul(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(case_parse("n", "n.pkt", "0 \0x", 4, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
}

static void test_duration(void)
{
	static const struct { const char *text; gint64 us; } good[] = {
		{ "0s", 0 }, { "250ms", 250000 }, { "1.5h", G_GINT64_CONSTANT(5400000000) }, { "12 h", G_GINT64_CONSTANT(43200000000) },
		{ "3us", 3 }, { "2d", G_GINT64_CONSTANT(172800000000) },
	};
	static const char *const bad[] = { "", "s", "1", "1x", "-1s", "1s ", "1e99s", "nan s", "0x", "101000d" };
	gint64 us;

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_assert_true(duration_parse(good[i].text, &us));
		g_assert_cmpint(us, ==, good[i].us);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(duration_parse(bad[i], &us));
}

static void test_release(void)
{
	g_assert_cmpint(needs_compare_release("6.1.0-53-cloud-amd64", "6.1"), ==, 0);
	g_assert_cmpint(needs_compare_release("2.6.32", "2.6.33.3"), <, 0);
	g_assert_cmpint(needs_compare_release("2.6.33", "2.6.33.3"), <, 0);
	g_assert_cmpint(needs_compare_release("3.10.105", "3.9"), >, 0);
	g_assert_cmpint(needs_compare_release("4.0-rc1", "4.0"), ==, 0);
	g_assert_cmpint(needs_compare_release("3.15+", "3.16"), <, 0);
}

static void test_needs(void)
{
	g_autoptr(test_case_t) test_case = parse("// needs: kernel >= 3.6\n// needs: kernel < 6.0\n", NULL);
	struct image old = { .release = (char *)"2.6.32" }, fit = { .release = (char *)"5.10.1" }, new = { .release = (char *)"6.1.0-1" };
	g_autofree char *too_old = needs_missing(test_case, &old), *too_new = needs_missing(test_case, &new);

	g_assert_cmpstr(too_old, ==, "needs kernel >= 3.6, this is 2.6.32");
	g_assert_cmpstr(too_new, ==, "needs kernel < 6.0, this is 6.1.0-1");
	g_assert_null(needs_missing(test_case, &fit));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/case/header", test_header);
	g_test_add_func("/case/defaults", test_defaults);
	g_test_add_func("/case/faults", test_faults);
	g_test_add_func("/case/nul", test_nul);
	g_test_add_func("/duration", test_duration);
	g_test_add_func("/needs/release", test_release);
	g_test_add_func("/needs/missing", test_needs);
	return g_test_run();
}
