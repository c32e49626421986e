/* SPDX-License-Identifier: GPL-2.0-or-later
 * kernel_fixture - a workspace of a test's own and tiny trees that look like a kernel's source
 * in: a folder name; out: data/ (kernels/ of the checkout by links), cache/, tarballs/, and a log of progress lines.
 */
#ifndef FINRIG_KERNEL_FIXTURE_H
#define FINRIG_KERNEL_FIXTURE_H

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "source_process.h"
#include "source_unpack.h"
#include "workspace.h"

struct fixture {
	struct workspace workspace;
	char *folder; /* all of it lies below */
	GMutex mutex;
	GString *told; /* "stage subject: text\n" */
};

static inline void fixture_told(gpointer user, const char *stage, const char *subject, const char *text)
{
	struct fixture *fixture = user;

	g_mutex_lock(&fixture->mutex);
	g_string_append_printf(fixture->told, "%s %s: %s\n", stage, subject, text);
	g_mutex_unlock(&fixture->mutex);
}

static inline void fixture_set_up(struct fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->folder = g_dir_make_tmp("finrig-test-XXXXXX", NULL);
	g_assert_nonnull(fixture->folder);
	fixture->told = g_string_new(NULL);
	g_mutex_init(&fixture->mutex);
	fixture->workspace.data = g_get_current_dir(); /* tests run from the top of the checkout */
	fixture->workspace.libexec = g_canonicalize_filename(g_getenv("FINRIG_LIBEXEC") ? g_getenv("FINRIG_LIBEXEC") : "build", NULL);
	fixture->workspace.cache = g_build_filename(fixture->folder, "cache", NULL);
	fixture->workspace.tarball_dirs = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(fixture->workspace.tarball_dirs, g_build_filename(fixture->folder, "tarballs", NULL));
	g_mkdir_with_parents(fixture->workspace.tarball_dirs->pdata[0], 0777);
	fixture->workspace.mirror = g_strdup("http://127.0.0.1:1/"); /* nobody listens there */
	fixture->workspace.jobs = 1; /* what is compiled comes in one order */
	fixture->workspace.progress = fixture_told;
	fixture->workspace.progress_user = fixture;
}

static inline void fixture_tear_down(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *command = g_strdup_printf("chmod -R u+w '%s'", fixture->folder);

	(void)data;
	g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL);
	remove_folder(fixture->folder);
	g_free(fixture->folder);
	g_string_free(fixture->told, TRUE);
	g_mutex_clear(&fixture->mutex);
	g_free(fixture->workspace.data);
	g_free(fixture->workspace.libexec);
	g_free(fixture->workspace.cache);
	g_free(fixture->workspace.mirror);
	g_ptr_array_unref(fixture->workspace.tarball_dirs);
}

/* Writes folder/name with its folders. */
static inline void fixture_write(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL), *above = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(above, 0777), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static inline char *fixture_read(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

static inline gboolean fixture_has(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Runs a shell command in folder; it must work. Returns what it printed. */
static inline char *fixture_shell(const char *folder, const char *command)
{
	const char *const argv[] = {"sh", "-c", command, NULL};
	struct process process = {.argv = argv, .directory = folder};
	char *output = NULL;
	GError *error = NULL;

	process_run(&process, NULL, &output, NULL, &error);
	g_assert_no_error(error);
	return output;
}

/* A tun driver in the shape of 2.6.32's: names as there, everything else the test's own. */
#define FIXTURE_TUN \
	"struct tun_struct;\n" \
	"static int tun_net_xmit(struct sk_buff *skb, struct net_device *dev);\n" \
	"static void tun_other(struct sk_buff *skb)\n{\n\tskb_queue_tail(&elsewhere, skb);\n}\n\n" \
	"/* a packet leaves */\n" \
	"static netdev_tx_t tun_net_xmit(struct sk_buff *skb, struct net_device *dev)\n{\n" \
	"\tstruct tun_struct *tun = netdev_priv(dev);\n\n" \
	"\tif (!tun->tfile)\n\t\tgoto drop;\n\n" \
	"\t/* keep it until somebody reads */\n" \
	"\tskb_queue_tail(&tun->socket.sk->sk_receive_queue, skb);\n" \
	"\tdev->trans_start = jiffies;\n" \
	"\treturn NETDEV_TX_OK;\ndrop:\n\tkfree_skb(skb);\n\treturn NETDEV_TX_OK;\n}\n\n" \
	"static void tun_last(struct sk_buff *skb)\n{\n\tskb_queue_tail(&elsewhere, skb);\n}\n"

/* A Makefile that answers as kbuild does to what the image stage asks, and notes each object it compiles in obj/compiled. */
#define FIXTURE_MAKEFILE \
	"VERSION = 2\nPATCHLEVEL = 6\n" \
	"allnoconfig:\n" \
	"\tgrep -v NOT_HEARD $(KCONFIG_ALLCONFIG) | grep -v NOT_THERE > $(O)/.config\n" \
	"\techo configured >> $(O)/compiled\n" \
	"$(O)/tun.o: drivers/net/tun.c\n" \
	"\tgrep -c BROKEN $< && $(CC) -c $< -o $@ || true\n" \
	"\t! grep -q BROKEN $<\n" \
	"\tcp $< $@; echo tun >> $(O)/compiled\n" \
	"$(O)/main.o: init/main.c\n" \
	"\t$(CC) -c $< -o $@ && echo main >> $(O)/compiled\n" \
	"bzImage: $(O)/tun.o $(O)/main.o\n" \
	"\tmkdir -p $(O)/arch/x86/boot $(O)/include/config\n" \
	"\tcat $(O)/tun.o > $(O)/arch/x86/boot/bzImage\n" \
	"\techo map > $(O)/System.map; echo elf > $(O)/vmlinux; echo 2.6.99-sample > $(O)/include/config/kernel.release\n" \
	"\techo $$KBUILD_BUILD_USER $(ARCH) [$(CROSS_COMPILE)] [$(LOCALVERSION)] $$(date) >> $(O)/asked\n"

/* The least that counts as a kernel tree. */
static inline void fixture_tree(const char *folder, const char *tun)
{
	fixture_write(folder, "Makefile", FIXTURE_MAKEFILE);
	fixture_write(folder, "Kbuild", "# sample\n");
	fixture_write(folder, "Kconfig", "config SAMPLE\n\tbool\nconfig NOT_HEARD\n\tbool \"never\"\n");
	fixture_write(folder, "scripts/Kbuild.include", "# sample\n");
	fixture_write(folder, "init/main.c", "int sample_main;\n");
	fixture_write(folder, "drivers/net/tun.c", tun);
}

#define FIXTURE_TEST(path, function) \
	g_test_add(path, struct fixture, NULL, fixture_set_up, function, fixture_tear_down)

#endif
