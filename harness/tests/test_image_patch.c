/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_image_patch - patches and edits applied to copies of a tiny tree, and those that must be refused
 */
#include "image_patch.h"

#include "error.h"
#include "kernel_fixture.h"

/* Applies one patch of folder (or of kernels/patches) to folder/linux. */
static struct patched *apply(struct fixture *fixture, const char *patch, GError **error)
{
	g_autofree char *own = g_build_filename(fixture->folder, patch, NULL), *ours = g_build_filename("kernels/patches", patch, NULL);
	g_autofree char *tree = g_build_filename(fixture->folder, "linux", NULL);
	char *const patches[] = {g_file_test(own, G_FILE_TEST_EXISTS) ? own : ours, NULL};

	return patches_apply(patches, tree, NULL, error);
}

static void patch_fails(struct fixture *fixture, const char *text, const char *name, const char *expected)
{
	GError *error = NULL;

	fixture_write(fixture->folder, name, text);
	g_assert_null(apply(fixture, name, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
	g_clear_error(&error);
}

/* The shape of 6.1's driver, in words of the test's own. */
#define NEWER_TUN \
	"static void tun_other(struct sk_buff *skb)\n{\n\tskb_orphan(skb);\n\tptr_ring_produce(&r, skb);\n}\n\n" \
	"static netdev_tx_t tun_net_xmit(struct sk_buff *skb, struct net_device *dev)\n{\n" \
	"\tif (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC)))\n\t\tgoto drop;\n\n%s" \
	"\tnf_reset_ct(skb);\n\n\tif (ptr_ring_produce(&tfile->tx_ring, skb)) {\n\t\tgoto drop;\n\t}\n}\n"

static void test_orphan_edits(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *with = g_strdup_printf(NEWER_TUN, "\tskb_orphan(skb);\n\n"), *without = g_strdup_printf(NEWER_TUN, "\n");
	g_autofree char *tun = NULL, *text = NULL;
	GError *error = NULL;
	struct patched *patched;

	(void)data;
	fixture_write(fixture->folder, "linux/drivers/net/tun.c", FIXTURE_TUN);
	patched = apply(fixture, "tun-orphan.sed", &error);
	g_assert_no_error(error);
	tun = fixture_read(patched->scratch, "drivers/net/tun.c");
	g_assert_nonnull(strstr(tun, "\t/* keep it until somebody reads */\n\tskb_orphan(skb);\n\tskb_queue_tail(&tun->socket"));
	g_assert_cmpuint(strlen(tun), ==, strlen(FIXTURE_TUN) + strlen("\tskb_orphan(skb);\n"));
	patched_free(patched);
	g_assert_null(apply(fixture, "tun-no-orphan.sed", &error));
	g_assert_nonnull(strstr(error->message, "was to change 1 lines of drivers/net/tun.c and changed 0"));
	g_clear_error(&error);

	fixture_write(fixture->folder, "linux/drivers/net/tun.c", with);
	patched = apply(fixture, "tun-no-orphan.sed", &error);
	g_assert_no_error(error);
	text = fixture_read(patched->scratch, "drivers/net/tun.c");
	g_assert_cmpstr(text, ==, without);
	patched_free(patched);

	fixture_write(fixture->folder, "linux/drivers/net/tun.c", without);
	patched = apply(fixture, "tun-orphan.sed", &error);
	g_assert_no_error(error);
	g_free(text);
	text = fixture_read(patched->scratch, "drivers/net/tun.c");
	g_assert_nonnull(strstr(text, "\n\n\tskb_orphan(skb);\n\tif (ptr_ring_produce(&tfile->tx_ring, skb)) {\n"));
	patched_free(patched);
}

static void test_patch_files(struct fixture *fixture, gconstpointer data)
{
	static const char fits[] = "--- a/init/main.c\t2001-01-01\n+++ b/init/main.c\n@@ -1 +1,2 @@\n int sample_main;\n+int more;\n"
				   "--- /dev/null\n+++ b/init/new.c\n@@ -0,0 +1 @@\n+int fresh;\n";
	static const char fits_not[] = "--- a/init/main.c\n+++ b/init/main.c\n@@ -1,3 +1,4 @@\n int one;\n int two;\n+int more;\n int three;\n";
	g_autofree char *tree = g_build_filename(fixture->folder, "linux", NULL), *main_c = NULL, *fresh = NULL;
	GError *error = NULL;
	struct patched *patched;

	(void)data;
	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(fixture->folder, "fits.patch", fits);
	patched = apply(fixture, "fits.patch", &error);
	g_assert_no_error(error);
	main_c = fixture_read(patched->scratch, "init/main.c");
	fresh = fixture_read(patched->scratch, "init/new.c");
	g_assert_cmpstr(main_c, ==, "int sample_main;\nint more;\n");
	g_assert_cmpstr(fresh, ==, "int fresh;\n");
	g_assert_nonnull(strstr(patched->diff, "--- /dev/null\n+++ b/init/new.c\n"));
	patched_free(patched);
	patch_fails(fixture, fits_not, "not.patch", "not.patch: does not apply:");
	patch_fails(fixture, fits_not, "not.patch", "Hunk #1 FAILED");
	patch_fails(fixture, fits_not, "not.patch", "+int more;");
	patch_fails(fixture, "--- a/init/main.c\n+++ b/init/main.c\n@@ -1 +1 @@\n-int older_main;\n+int sample_main;\n", "not.patch", "not.patch: " PATCH_IS_THERE ":");
	patch_fails(fixture, "--- a/init/main.c\n+++ b/init/main.c\n@@ -1 +1 @@\n-int older_main;\n+int sample_main;\n"
		    "--- /dev/null\n+++ b/init/new.c\n@@ -0,0 +1 @@\n+int fresh;\n", "not.patch", "not.patch: does not apply:");
	patch_fails(fixture, "--- a/init/main.c\n+++ b/init/main.c\n@@ -1 +1 @@\n-int\tsample_main;\n+int\tother_main;\n", "not.patch",
		    "not.patch: " PATCH_WANTS_BLANKS ":");
	patch_fails(fixture, "nothing of the kind\n", "not.patch", "expected a unified diff");
	patch_fails(fixture, "--- a/../evil\n+++ b/../evil\n@@ -0,0 +1 @@\n+x\n", "not.patch", "outside the tree");
	patch_fails(fixture, "s/a/b/\n", "not.sed", "expected lines `# file: PATH`");
	patch_fails(fixture, "# file: no/such.c\n# changes: 1\ns/a/b/\n", "not.sed", "the tree has no no/such.c");
	patch_fails(fixture, "# file: init/main.c\n# changes: 2\ns/sample/other/\n", "not.sed", "was to change 2 lines of init/main.c and changed 1:");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/image_patch/orphan-edits", test_orphan_edits);
	FIXTURE_TEST("/image_patch/patch-files", test_patch_files);
	return g_test_run();
}
