/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_image - the image stage on tiny trees that answer as kbuild does: keys, rooms, configuration, failed builds
 * The real kernels are built by the pair tests; here is what must hold for any.
 */
#include "image.h"

#include <stdlib.h>
#include <unistd.h>

#include "error.h"
#include "image_config.h"
#include "kernel_fixture.h"

static struct image *get(struct fixture *fixture, const char *spec, GCancellable *cancellable, GError **error)
{
	GError *why = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &why);

	g_assert_no_error(why);
	return image_get(kernel, &fixture->workspace, cancellable, error);
}

static struct image *get_ok(struct fixture *fixture, const char *spec)
{
	GError *error = NULL;
	struct image *image = get(fixture, spec, NULL, &error);

	g_assert_no_error(error);
	return image;
}

static void fails(struct fixture *fixture, const char *spec, int code, const char *expected)
{
	GError *error = NULL;

	g_assert_null(get(fixture, spec, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, code);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
	g_clear_error(&error);
}

/* folder/linux with a small configuration, and the spec that builds it. */
static char *sample_tree(struct fixture *fixture, const char *more)
{
	g_autofree char *tree = g_build_filename(fixture->folder, "linux", NULL), *config = g_build_filename(fixture->folder, "sample.config", NULL);

	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(fixture->folder, "sample.config", "CONFIG_SAMPLE=y\n# CONFIG_OTHER is not set\nCONFIG_TEXT=\"a b\"\n");
	return g_strdup_printf("tree:%s,config=none:%s%s", tree, config, more);
}

static char *compiled(struct fixture *fixture)
{
	return g_strchomp(fixture_shell(fixture->folder, "cat cache/image/room-*/obj/compiled | tr '\\n' ' '"));
}

/* Machines that share the cache each build on a disk of their own. */
static void test_scratch(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *rooms = NULL, *locks = NULL;
	g_autoptr(image_t) image = NULL;

	(void)data;
	fixture->workspace.scratch = g_build_filename(fixture->folder, "scratch", NULL);
	image = get_ok(fixture, spec);
	g_clear_pointer(&fixture->workspace.scratch, g_free);
	g_assert_true(g_str_has_prefix(image->directory, fixture->workspace.cache));
	rooms = fixture_shell(fixture->folder, "ls -d cache/image/room-* scratch/image/room-* 2>/dev/null | grep -c scratch");
	locks = fixture_shell(fixture->folder, "ls cache/image/build.lock scratch/image/build.lock 2>/dev/null || true");
	g_assert_cmpstr(g_strstrip(rooms), ==, "1");
	g_assert_cmpstr(g_strstrip(locks), ==, "scratch/image/build.lock");
}

/* Where make cannot be, it is said before anything is done. */
static void test_odd_place(struct fixture *fixture, gconstpointer data)
{
	static const struct { const char *name; char odd; } names[] = {
		{"a b", ' '}, {"a:b", ':'}, {"a,b", ','}, {"a'b", '\''}, {"a$b", '$'}, {"a#b", '#'}, {"a%b", '%'}, {"a=b", '='}, {"a(b", '('},
	};
	g_autofree char *spec = sample_tree(fixture, ""), *way = g_build_filename(fixture->folder, "way", NULL), *target = NULL;
	g_autoptr(image_t) image = NULL;

	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *expected = g_strdup_printf("%s/%s: no kernel can be built in a folder with '%c' in its name; set FINRIG_SCRATCH",
							    fixture->folder, names[i].name, names[i].odd);

		fixture->workspace.scratch = g_build_filename(fixture->folder, names[i].name, NULL);
		fails(fixture, spec, FINRIG_ERROR_BROKEN, expected);
		g_assert_false(g_file_test(fixture->workspace.scratch, G_FILE_TEST_EXISTS));
		g_clear_pointer(&fixture->workspace.scratch, g_free);
	}
	/* Where a link leads counts, not its name. */
	target = g_build_filename(fixture->folder, "a b", NULL);
	g_assert_cmpint(g_mkdir(target, 0777), ==, 0);
	g_assert_cmpint(symlink(target, way), ==, 0);
	fixture->workspace.scratch = g_steal_pointer(&way);
	fails(fixture, spec, FINRIG_ERROR_BROKEN, "way: no kernel can be built in a folder with ' '");
	g_free(fixture->workspace.scratch);
	fixture->workspace.scratch = g_build_filename(fixture->folder, "\303\251t\303\251.+-_@~", NULL);
	image = get_ok(fixture, spec);
	g_clear_pointer(&fixture->workspace.scratch, g_free);
}

static void test_build(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *asked = NULL, *manifest = NULL, *log = NULL, *first = NULL, *second = NULL;
	g_autoptr(image_t) image = get_ok(fixture, spec), again = NULL;

	(void)data;
	g_assert_cmpuint(strlen(image->key), ==, 64);
	g_assert_cmpstr(image->release, ==, "2.6.99-sample");
	g_assert_cmpuint(image->modules->len, ==, 0);
	g_assert_nonnull(image->system_map);
	g_assert_nonnull(image->vmlinux);
	g_assert_true(g_file_test(image->bzimage, G_FILE_TEST_EXISTS));
	g_assert_true(image_has_option(image, "SAMPLE"));
	g_assert_false(image_has_option(image, "OTHER"));
	g_assert_false(image_has_option(image, "SAMP"));
	asked = fixture_shell(fixture->folder, "cat cache/image/room-*/obj/asked");
	g_assert_cmpstr(asked, ==, "finrig x86_64 [] [] Thu Jan 1 00:00:00 UTC 1970\n");
	manifest = fixture_read(image->directory, "manifest.json");
	g_assert_nonnull(strstr(manifest, "\"toolchain\""));
	g_assert_null(strstr(manifest, "applied"));
	log = fixture_read(image->directory, "build.log");
	g_assert_nonnull(log);
	first = compiled(fixture);
	g_assert_cmpstr(first, ==, "configured tun main");
	again = get_ok(fixture, spec);
	second = compiled(fixture);
	g_assert_cmpstr(first, ==, second);
	g_assert_cmpstr(again->key, ==, image->key);
}

/* Two kernels of one tree, apart by a patch: one room, one driver compiled anew each way, the user's tree as it was. */
static void test_mutant(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *plain_spec = sample_tree(fixture, ""), *mutant_spec = sample_tree(fixture, ",patches=tun-orphan.sed");
	g_autofree char *before = NULL, *after = NULL, *count = NULL, *diff = NULL, *built = NULL, *plain = NULL, *changed = NULL;
	g_autoptr(image_t) first = NULL, mutant = NULL, back = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, "chmod -R a-w linux"));
	before = fixture_shell(fixture->folder, "find linux -printf '%p %m %s %T@ %C@\\n' | sort");
	first = get_ok(fixture, plain_spec);
	mutant = get_ok(fixture, mutant_spec);
	g_assert_cmpstr(first->key, !=, mutant->key);
	diff = fixture_read(mutant->directory, "applied.patch");
	g_assert_nonnull(strstr(diff, "--- a/drivers/net/tun.c\n+++ b/drivers/net/tun.c\n"));
	g_assert_nonnull(strstr(diff, "\n+\tskb_orphan(skb);\n"));
	built = fixture_read(mutant->directory, "bzImage");
	g_assert_nonnull(strstr(built, "\tskb_orphan(skb);\n\tskb_queue_tail(&tun->socket"));
	g_free(fixture_shell(fixture->folder, "rm -r cache/image/[0-9a-f]*"));
	back = get_ok(fixture, plain_spec);
	g_assert_cmpstr(back->key, ==, first->key);
	plain = fixture_read(back->directory, "bzImage");
	g_assert_cmpstr(plain, ==, FIXTURE_TUN);
	count = compiled(fixture);
	g_assert_cmpstr(count, ==, "configured tun main tun tun");
	after = fixture_shell(fixture->folder, "find linux -printf '%p %m %s %T@ %C@\\n' | sort");
	g_assert_cmpstr(before, ==, after);
	g_assert_cmpstr(g_strstrip(changed = fixture_shell(fixture->folder, "ls -d cache/image/room-* | wc -l")), ==, "1");
}

/* The user goes on working in the tree: what changed is compiled, what went is gone. */
static void test_changed_tree(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *count = NULL;
	g_autoptr(image_t) first = NULL, second = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, "echo x > linux/going; echo y > linux/coming"));
	first = get_ok(fixture, spec);
	g_free(fixture_shell(fixture->folder, "rm linux/going; touch -d 2001-01-01 linux/init/main.c; echo 'int other_main;' > linux/init/main.c; touch -d 2001-01-01 linux/init/main.c"));
	second = get_ok(fixture, spec);
	g_assert_cmpstr(first->key, !=, second->key);
	count = compiled(fixture);
	g_assert_cmpstr(count, ==, "configured tun main configured main");
	g_assert_cmpstr(g_strstrip(fixture_shell(fixture->folder, "ls cache/image/room-*/src | grep ing")), ==, "coming");
}

static void test_unpacked_source_stays(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *config = g_build_filename(fixture->folder, "sample.config", NULL), *tun = NULL;
	g_autofree char *spec = g_strdup_printf("tarball:linux-2.6.99,patches=tun-orphan.sed,config=none:%s", config);
	g_autofree char *tree = g_build_filename(fixture->folder, "linux-2.6.99", NULL);
	g_autoptr(image_t) image = NULL;

	(void)data;
	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(fixture->folder, "sample.config", "CONFIG_SAMPLE=y\n");
	g_free(fixture_shell(fixture->folder, "tar -cJf tarballs/linux-2.6.99.tar.xz linux-2.6.99"));
	image = get_ok(fixture, spec);
	tun = fixture_shell(fixture->folder, "cat cache/source/linux-2.6.99-*/drivers/net/tun.c");
	g_assert_cmpstr(tun, ==, FIXTURE_TUN); /* hard-linked into the room, and not written through */
}

/* Beside the sentence, for reports: the same at the second time, and of no machine. */
static void check_about(struct fixture *fixture, const char *spec)
{
	g_autofree char *first = NULL;

	for (int round = 0; round < 2; round++) {
		g_autoptr(GError) error = NULL;
		const struct error_about *about;

		g_assert_null(get(fixture, spec, NULL, &error));
		about = error_about(error);
		g_assert_true(about->unready);
		g_assert_cmpuint(strlen(about->image), ==, 64);
		g_assert_true(g_str_has_suffix(about->log, "/build.log"));
		g_assert_true(g_file_test(about->log, G_FILE_TEST_EXISTS));
		g_assert_nonnull(strstr(about->lines, "tun.c:2:27: error: 'nothing_of_that_name' undeclared"));
		g_assert_nonnull(strstr(about->lines, "int BROKEN(void)"));
		g_assert_null(strstr(about->lines, fixture->folder));
		if (first)
			g_assert_cmpstr(about->lines, ==, first);
		g_free(first);
		first = g_strdup(about->lines);
	}
}

static void test_failed_build(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *log = NULL;

	(void)data;
	fixture_write(fixture->folder, "linux/drivers/net/tun.c", "int fine;\nint BROKEN(void) { return nothing_of_that_name; }\n");
	fails(fixture, spec, FINRIG_ERROR_UNBUILT, "make bzImage failed: drivers/net/tun.c:2:27: error: ");
	fails(fixture, spec, FINRIG_ERROR_UNBUILT, "linux: image: make bzImage failed");
	check_about(fixture, spec);
	log = fixture_shell(fixture->folder, "cat cache/image/room-*/build.log");
	g_assert_nonnull(strstr(log, "nothing_of_that_name"));
	g_assert_cmpstr(g_strstrip(fixture_shell(fixture->folder, "ls cache/image | grep tmp || true")), ==, "");
	/* Mended, it builds. */
	fixture_write(fixture->folder, "linux/drivers/net/tun.c", FIXTURE_TUN);
	image_free(get_ok(fixture, spec));
}

static void test_unheard_option(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *manifest = NULL;
	g_autoptr(image_t) image = NULL;

	(void)data;
	fixture_write(fixture->folder, "sample.config", "CONFIG_SAMPLE=y\n\nCONFIG_NOT_HEARD=y\n");
	fails(fixture, spec, FINRIG_ERROR_UNBUILT, "sample.config:3: CONFIG_NOT_HEARD=y was asked for and became n");
	fixture_write(fixture->folder, "sample.config", "CONFIG_SAMPLE=y\nCONFIG_NOT_THERE=y\n# finrig: optional\nCONFIG_NOT_HEARD=y\n");
	image = get_ok(fixture, spec);
	manifest = fixture_read(image->directory, "manifest.json");
	g_assert_nonnull(strstr(manifest, "\"NOT_THERE\""));
	g_assert_null(strstr(manifest, "\"NOT_HEARD\""));
	fixture_write(fixture->folder, "sample.config", "CONFIG_SAMPLE=y\nSAMPLE\n");
	fails(fixture, spec, FINRIG_ERROR_USAGE, "sample.config:2: expected CONFIG_NAME=value");
}

static void test_config_check(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) wishes = config_new(), absent = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = g_build_filename(fixture->folder, "a.config", NULL), *text = NULL, *value = NULL;
	GError *error = NULL;

	(void)data;
	fixture_write(fixture->folder, "a.config", "# a comment\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_A=n\nCONFIG_HZ=1000\nCONFIG_A=y\n");
	g_assert_true(config_read(wishes, path, &error));
	text = config_text(wishes);
	g_assert_cmpstr(text, ==, "CONFIG_B=m\n# CONFIG_C is not set\nCONFIG_HZ=1000\nCONFIG_A=y\n");
	fixture_write(fixture->folder, "tree/net/Kconfig", "config A\n\tbool\n\nmenuconfig B\nconfig C\nconfig HZ\n");
	fixture_write(fixture->folder, "tree/arch/arm/Kconfig", "config FOREIGN\n");
	value = g_build_filename(fixture->folder, "tree", NULL);
	g_assert_true(config_check(wishes, "CONFIG_A=y\nCONFIG_B=y\nCONFIG_HZ=1000\nCONFIG_AA=n\n", value, absent, &error));
	g_assert_no_error(error);
	g_assert_false(config_check(wishes, "CONFIG_AA=y\nCONFIG_B=y\nCONFIG_C=y\nCONFIG_HZ=250\n", value, absent, &error));
	g_assert_nonnull(strstr(error->message, "a.config:7: CONFIG_A=y was asked for and became n"));
	g_assert_nonnull(strstr(error->message, "a.config:4: CONFIG_C=n was asked for and became y"));
	g_assert_nonnull(strstr(error->message, "CONFIG_HZ=1000 was asked for and became 250"));
	g_clear_error(&error);
	fixture_write(fixture->folder, "a.config", "CONFIG_FOREIGN=y\n");
	g_ptr_array_set_size(wishes, 0);
	g_assert_true(config_read(wishes, path, &error));
	g_assert_true(config_check(wishes, "", value, absent, &error));
	g_assert_cmpuint(absent->len, ==, 1);
}

struct cancelling {
	struct fixture *fixture;
	GCancellable *cancellable;
};

static gpointer cancel_when_building(gpointer user)
{
	struct cancelling *cancelling = user;

	while (!fixture_has(cancelling->fixture->folder, "building"))
		g_usleep(10000);
	g_cancellable_cancel(cancelling->cancellable);
	return NULL;
}

/* Ctrl-C ends make and all below it. */
static void test_cancel(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *pids = NULL, *makefile = NULL;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct cancelling cancelling = {fixture, cancellable};
	GError *error = NULL;
	GThread *thread;

	(void)data;
	makefile = g_strdup_printf("allnoconfig:\n\tcp $(KCONFIG_ALLCONFIG) $(O)/.config\nbzImage: a b\na b:\n\tsh -c 'echo $$$$ >> %s/pids; exec sleep 1000' & "
				   "touch %s/building; sleep 1000\n", fixture->folder, fixture->folder);
	fixture_write(fixture->folder, "linux/Makefile", makefile);
	thread = g_thread_new("cancel", cancel_when_building, &cancelling);
	g_assert_null(get(fixture, spec, cancellable, &error));
	g_thread_join(thread);
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED);
	g_clear_error(&error);
	pids = fixture_read(fixture->folder, "pids");
	for (char *next = pids; next && *next; next = strchr(next, '\n') + 1) {
		g_autofree char *place = g_strdup_printf("/proc/%d", atoi(next)), *words = fixture_read(place, "cmdline");

		g_assert_cmpstr(words ? words : "", ==, ""); /* gone, or dead and not yet waited for */
	}
}

/* Saved command lines as kernels before 4.16 have them, in short: what was run is kept in a file, with each `#` guarded by `\\#` in a
 * function, and run again when it reads differently. GNU make 4.3 reads it differently each time. */
static const char old_saved_commands[] =
	"squote := '\nescsq = $(subst $(squote),'\\$(squote)',$1)\n"
	"make-cmd = $(subst \\#,\\\\\\#,$(subst $$,$$$$,$(call escsq,$(cmd_$(1)))))\n"
	"cmd_note = echo 'a\\#b $$HOME' > $(O)/note\n"
	"-include $(O)/note.cmd\n"
	"allnoconfig:\n\tcp $(KCONFIG_ALLCONFIG) $(O)/.config\n"
	"bzImage: $(O)/note\n\tmkdir -p $(O)/arch/x86/boot; for f in arch/x86/boot/bzImage System.map vmlinux; do cp init/main.c $(O)/$$f; done\n"
	"$(O)/note: FORCE\n"
	"\t$(if $(filter-out $(saved_note),$(cmd_note)),$(cmd_note); echo ran >> $(O)/compiled; echo 'saved_note := $(call make-cmd,note)' > $(O)/note.cmd,@:)\n"
	"FORCE:\n";

static void test_saved_commands(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *count = NULL, *plain = NULL;

	(void)data;
	fixture_write(fixture->folder, "linux/Makefile", old_saved_commands);
	plain = fixture_shell(fixture->folder, "mkdir plain; for i in 1 2 3; do make -s -C linux O=../plain bzImage; done; cat plain/compiled | tr '\\n' ' '; rm -r plain");
	if (strncmp(plain, "ran ran ran", 11)) {
		g_test_skip("[make] this make does not do the harm");
		return;
	}
	image_free(get_ok(fixture, spec));
	fixture_write(fixture->folder, "linux/init/main.c", "int other_main;\n");
	image_free(get_ok(fixture, spec));
	count = compiled(fixture);
	g_assert_cmpstr(count, ==, "ran");
}

struct wanting {
	struct fixture *fixture;
	const char *spec;
};

static gpointer get_in_thread(gpointer user)
{
	const struct wanting *wanting = user;

	return get_ok(wanting->fixture, wanting->spec);
}

/* Several at once want the same: it is made once. */
static void test_together(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *once = NULL, *spec = sample_tree(fixture, "");
	struct wanting wanting = {fixture, spec};
	GThread *threads[4];

	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("get", get_in_thread, &wanting);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		image_free(g_thread_join(threads[i]));
	once = compiled(fixture);
	g_assert_cmpstr(once, ==, "configured tun main");
}

static void test_usage(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *module = sample_tree(fixture, ",modules=tun"), *patch = sample_tree(fixture, ",patches=fix.txt");
	g_autofree char *none = sample_tree(fixture, ",patches=none.patch"), *make = sample_tree(fixture, ",make=clean");

	(void)data;
	g_assert_nonnull(module);
	fails(fixture, patch, FINRIG_ERROR_USAGE, "patches: fix.txt: expected a name ending in");
	fails(fixture, none, FINRIG_ERROR_USAGE, "none.patch: No such file");
	fails(fixture, make, FINRIG_ERROR_USAGE, "make: expected VARIABLE=value");
}

/* A user's kernel file may name what this machine lacks; finrig's own files are all here, or finrig is broken. */
static void test_own_files(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = sample_tree(fixture, ""), *users = g_build_filename(fixture->folder, "mine.kernel", NULL);
	const char *make = "mkdir -p data/kernels/config; cp \"$OLDPWD\"/kernels/config/guest.config data/kernels/config/;"
			   "printf '[kernel]\\ntree = ../../linux\\nconfig = none\\npatches = gone.patch\\n' > data/kernels/ours.kernel;"
			   "printf '[kernel]\\ntree = linux\\nconfig = none\\npatches = gone.patch\\n' > mine.kernel";
	g_autofree char *command = g_strdup_printf("OLDPWD='%s'; %s", fixture->workspace.data, make);

	(void)data;
	g_free(fixture_shell(fixture->folder, command));
	g_free(fixture->workspace.data);
	fixture->workspace.data = g_build_filename(fixture->folder, "data", NULL);
	fails(fixture, spec, FINRIG_ERROR_BROKEN, "data/kernels/shims");
	fails(fixture, "ours", FINRIG_ERROR_BROKEN, "gone.patch: No such file");
	fixture_write(fixture->workspace.data, "kernels/ours.kernel", "[kernel]\ntree = ../../linux\nconfig = gone.config\n");
	fails(fixture, "ours", FINRIG_ERROR_BROKEN, "gone.config");
	fails(fixture, users, FINRIG_ERROR_UNAVAILABLE, "gone.patch: No such file");
	g_free(fixture_shell(fixture->folder, "rm data/kernels/config/guest.config"));
	fails(fixture, spec, FINRIG_ERROR_BROKEN, "guest.config");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/image/build", test_build);
	FIXTURE_TEST("/image/scratch", test_scratch);
	FIXTURE_TEST("/image/odd-place", test_odd_place);
	FIXTURE_TEST("/image/mutant", test_mutant);
	FIXTURE_TEST("/image/changed-tree", test_changed_tree);
	FIXTURE_TEST("/image/unpacked-source-stays", test_unpacked_source_stays);
	FIXTURE_TEST("/image/failed-build", test_failed_build);
	FIXTURE_TEST("/image/unheard-option", test_unheard_option);
	FIXTURE_TEST("/image/config-check", test_config_check);
	FIXTURE_TEST("/image/cancel", test_cancel);
	FIXTURE_TEST("/image/saved-commands", test_saved_commands);
	FIXTURE_TEST("/image/together", test_together);
	FIXTURE_TEST("/image/own-files", test_own_files);
	FIXTURE_TEST("/image/usage", test_usage);
	return g_test_run();
}
