/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_image_try - patches on top of a kernel's own: tried without a build, and built
 */
#include <string.h>

#include "error.h"
#include "image.h"
#include "image_try.h"
#include "kernel_fixture.h"

/* Two lines further down than it says, and with another line after it. */
static const char fuzzy[] = "--- a/drivers/net/tun.c\n+++ b/drivers/net/tun.c\n@@ -1,6 +1,7 @@\n \t\tgoto drop;\n \n \t/* keep it until somebody reads */\n"
			    "+\tskb_mark(skb);\n \tskb_orphan(skb);\n \tskb_queue_tail(&tun->socket.sk->sk_receive_queue, skb);\n \tdev->other = 1;\n";

static struct kernel *base_kernel(struct fixture *fixture)
{
	g_autofree char *tree = g_build_filename(fixture->folder, "linux", NULL), *config = g_build_filename(fixture->folder, "sample.config", NULL);
	g_autofree char *spec = g_strdup_printf("tree:%s,config=none:%s,patches=tun-orphan.sed,expect=fixed", tree, config);
	g_autoptr(GError) error = NULL;
	struct kernel *kernel;

	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(fixture->folder, "sample.config", "CONFIG_SAMPLE=y\n");
	kernel = kernel_new(&fixture->workspace, spec, &error);
	g_assert_no_error(error);
	return kernel;
}

static struct kernel *with_patch(struct fixture *fixture, const struct kernel *base, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
	struct kernel *kernel = kernel_variant(base, "base+top");

	if (text)
		fixture_write(fixture->folder, name, text);
	kernel_add_patch(kernel, path);
	return kernel;
}

static void test_on_top(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(kernel_t) base = base_kernel(fixture), top = with_patch(fixture, base, "top.patch", fuzzy);
	g_autoptr(GError) error = NULL;
	g_autoptr(patched_t) patched = image_try_patches(top, &fixture->workspace, NULL, &error);
	g_autoptr(image_t) first = NULL, second = NULL;
	g_autofree char *built = NULL;
	const struct patch_step *sed, *step;

	(void)data;
	g_assert_no_error(error);
	g_assert_null(kernel_expectation(top, "any"));
	g_assert_cmpuint(patched->steps->len, ==, 2);
	sed = patched->steps->pdata[0];
	step = patched->steps->pdata[1];
	g_assert_nonnull(strstr(sed->diff, "--- a/drivers/net/tun.c\n+++ b/drivers/net/tun.c\n@@ "));
	g_assert_nonnull(strstr(sed->diff, "\n+\tskb_orphan(skb);\n"));
	g_assert_cmpuint(sed->notes->len, ==, 0);
	g_assert_cmpstr(step->name, ==, "top.patch");
	g_assert_cmpstr(step->diff, ==, fuzzy);
	g_assert_cmpuint(step->notes->len, ==, 1);
	g_assert_nonnull(strstr(step->notes->pdata[0], "drivers/net/tun.c: Hunk #1 succeeded at "));
	g_assert_nonnull(strstr(step->notes->pdata[0], " with fuzz 1 "));
	g_assert_false(fixture_has(fixture->folder, "cache/image")); /* nothing was built */
	first = image_get(base, &fixture->workspace, NULL, &error);
	second = first ? image_get(top, &fixture->workspace, NULL, &error) : NULL;
	g_assert_no_error(error);
	g_assert_cmpstr(first->key, !=, second->key);
	built = fixture_read(second->directory, "bzImage");
	g_assert_nonnull(strstr(built, "\tskb_mark(skb);\n\tskb_orphan(skb);\n\tskb_queue_tail(&tun->socket"));
}

static void try_fails(struct fixture *fixture, const struct kernel *kernel, int code, const char *expected)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(image_try_patches(kernel, &fixture->workspace, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, code);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
}

static void test_refused(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(kernel_t) base = base_kernel(fixture), twice = with_patch(fixture, base, "again.sed", NULL);
	g_autoptr(kernel_t) gone = with_patch(fixture, base, "gone.patch", NULL), ready = NULL;
	g_autofree char *spec = g_strdup_printf("image:%s/bzImage", fixture->folder);

	(void)data;
	g_free(fixture_shell(fixture->folder, "{ head -c 514 /dev/zero; printf HdrS; head -c 300 /dev/zero; } > bzImage"));
	fixture_write(fixture->folder, "again.sed", "# file: drivers/net/tun.c\n# changes: 1\ns/nothing of the kind/x/\n");
	try_fails(fixture, twice, FINRIG_ERROR_UNFIT, "base+top: again.sed: was to change 1 lines of drivers/net/tun.c and changed 0");
	try_fails(fixture, gone, FINRIG_ERROR_USAGE, "gone.patch: No such file");
	ready = kernel_new(&fixture->workspace, spec, NULL);
	try_fails(fixture, ready, FINRIG_ERROR_USAGE, "has no source to patch");
}

static void test_parts(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(kernel_t) tree = base_kernel(fixture);
	g_autoptr(kernel_t) package = kernel_new(&fixture->workspace, "deb:linux-image-x,modules.tun=linux-source-x:drivers/net/tun.c", NULL);
	g_autofree char *sed = g_build_filename(fixture->folder, "a.sed", NULL), *prose = g_build_filename(fixture->folder, "prose.patch", NULL);
	g_autofree char *diff = g_build_filename(fixture->folder, "a.patch", NULL);
	static const struct { const char *file; gboolean made; enum image_part of_tree, of_package; } parts[] = {
		{"drivers/net/tun.c", FALSE, IMAGE_PART_BUILT, IMAGE_PART_BUILT},
		{"drivers/net/tun_vnet.h", FALSE, IMAGE_PART_BUILT, IMAGE_PART_BUILT},
		{"drivers/net/tap.c", FALSE, IMAGE_PART_BUILT, IMAGE_PART_ELSEWHERE},
		{"net/ipv4/tcp.c", FALSE, IMAGE_PART_BUILT, IMAGE_PART_ELSEWHERE},
		{"include/linux/if_tun.h", FALSE, IMAGE_PART_BUILT, IMAGE_PART_ELSEWHERE},
		{"include/linux/new.h", TRUE, IMAGE_PART_BUILT, IMAGE_PART_BUILT},
		{"net/ipv4/new.h", TRUE, IMAGE_PART_BUILT, IMAGE_PART_ELSEWHERE},
		{"Documentation/networking/tuntap.rst", FALSE, IMAGE_PART_NOT_CODE, IMAGE_PART_NOT_CODE},
		{"tools/testing/selftests/net/tun.c", TRUE, IMAGE_PART_NOT_CODE, IMAGE_PART_NOT_CODE},
		{"MAINTAINERS", FALSE, IMAGE_PART_NOT_CODE, IMAGE_PART_NOT_CODE},
		{"drivers/net/Kconfig", FALSE, IMAGE_PART_NOT_CODE, IMAGE_PART_NOT_CODE},
	};
	g_autoptr(GPtrArray) of_sed = NULL, of_diff = NULL;
	g_autoptr(GError) error = NULL;

	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_assert_cmpint(image_part_of(tree, parts[i].file, parts[i].made), ==, parts[i].of_tree);
		g_assert_cmpint(image_part_of(package, parts[i].file, parts[i].made), ==, parts[i].of_package);
	}
	fixture_write(fixture->folder, "a.sed", "# file: net/a.c\n# changes: 1\n");
	fixture_write(fixture->folder, "a.patch", "--- a/old.c\n+++ b/new.c\n--- a/x.c\n+++ b/x.c\n--- a/y.c\n+++ /dev/null\n");
	fixture_write(fixture->folder, "prose.patch", "words\n");
	of_sed = patch_files(sed, &error);
	of_diff = patch_files(diff, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(of_sed->len, ==, 1);
	g_assert_cmpstr(of_sed->pdata[0], ==, "net/a.c");
	g_assert_cmpuint(of_diff->len, ==, 4);
	g_assert_cmpstr(of_diff->pdata[0], ==, "old.c");
	g_assert_cmpstr(of_diff->pdata[3], ==, "y.c");
	g_assert_null(patch_files(prose, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/image-try/on-top", test_on_top);
	FIXTURE_TEST("/image-try/refused", test_refused);
	FIXTURE_TEST("/image-try/parts", test_parts);
	return g_test_run();
}
