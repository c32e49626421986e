/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_image_ready - what the image stage takes without building it: a ready bzImage, its release, modules of a package and of one's own
 */
#include "image.h"

#include "error.h"
#include "image_make.h"
#include "image_modules.h"
#include "kernel_fixture.h"

static struct image *get(struct fixture *fixture, const char *spec, GError **error)
{
	GError *why = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &why);

	g_assert_no_error(why);
	return image_get(kernel, &fixture->workspace, NULL, error);
}

static void fails(struct fixture *fixture, const char *spec, int code, const char *expected)
{
	GError *error = NULL;

	g_assert_null(get(fixture, spec, &error));
	g_assert_error(error, FINRIG_ERROR, code);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
	g_clear_error(&error);
}

static void write_bytes(const char *folder, const char *name, const char *bytes, gsize length)
{
	g_autofree char *path = g_build_filename(folder, name, NULL), *above = g_path_get_dirname(path);

	g_mkdir_with_parents(above, 0777);
	g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
}

static void test_modules(struct fixture *fixture, gconstpointer data)
{
	static const char tcp[] = "ELF\0name=tcp_diag\0depends=inet-diag,deep\0vermagic=x", inet[] = "ELF\0depends=\0x", deep[] = "\0depends=inet_diag,tcp_diag";
	const char *const wanted[] = {"af_packet", "tcp_diag", "tun", NULL};
	char *const required[] = {(char *)"veth", NULL}, *const missing[] = {(char *)"nowhere", NULL};
	g_autoptr(GPtrArray) loading = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) replacements = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *release = g_build_filename(fixture->folder, "6.1", NULL), *into = g_build_filename(fixture->folder, "into", NULL), *names = NULL;
	g_autofree char *own = g_build_filename(fixture->folder, "own.ko", NULL), *tun = NULL, *plain = NULL;
	GError *error = NULL;

	(void)data;
	write_bytes(release, "kernel/net/tcp_diag.ko", tcp, sizeof(tcp));
	write_bytes(release, "kernel/net/inet-diag.ko", inet, sizeof(inet));
	write_bytes(release, "kernel/net/deep.ko", deep, sizeof(deep) - 1); /* a circle, and no end mark */
	write_bytes(release, "kernel/drivers/tun.ko", "packaged", 8);
	write_bytes(release, "kernel/drivers/veth.ko", "zipped veth", 11);
	write_bytes(fixture->folder, "own.ko", "our own", 7);
	fixture_write(release, "modules.builtin", "kernel/net/packet/af_packet.ko\n");
	g_free(fixture_shell(release, "xz kernel/drivers/veth.ko"));
	g_hash_table_insert(replacements, (gpointer) "tun", own);
	modules_collect(release, wanted, required, replacements, into, loading, &error);
	g_assert_no_error(error);
	g_ptr_array_add(loading, NULL);
	names = g_strjoinv(" ", (char **)loading->pdata);
	g_assert_cmpstr(names, ==, "inet_diag.ko deep.ko tcp_diag.ko tun.ko veth.ko");
	tun = fixture_read(into, "modules/tun.ko");
	plain = fixture_read(into, "modules/veth.ko");
	g_assert_cmpstr(tun, ==, "our own");
	g_assert_cmpstr(plain, ==, "zipped veth");
	g_assert_false(modules_collect(release, wanted, missing, replacements, into, loading, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_clear_error(&error);
}

static void test_ready(struct fixture *fixture, gconstpointer data)
{
	char header[0x300] = {0};
	g_autofree char *spec = g_strdup_printf("image:%s/bzImage,modules=%s/b.ko.xz:%s/a.ko", fixture->folder, fixture->folder, fixture->folder);
	g_autofree char *missing = g_strdup_printf("image:%s/none", fixture->folder), *no_module = g_strdup_printf("%s:%s/none.ko", spec, fixture->folder);
	g_autoptr(image_t) image = NULL;
	GError *error = NULL;

	(void)data;
	memcpy(header + 0x202, "HdrS", 4);
	header[0x20e] = 0x60;
	strcpy(header + 0x260, "2.6.32.2 (someone@somewhere) #1");
	write_bytes(fixture->folder, "bzImage", header, sizeof(header));
	fixture_write(fixture->folder, "a.ko", "module a");
	fixture_write(fixture->folder, "b.ko", "module b");
	g_free(fixture_shell(fixture->folder, "xz b.ko"));
	image = get(fixture, spec, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(image->release, ==, "2.6.32.2");
	g_assert_null(image->config);
	g_assert_true(image_has_option(image, "ANYTHING"));
	g_assert_cmpuint(image->modules->len, ==, 2);
	g_assert_true(g_str_has_suffix(image->modules->pdata[0], "/modules/b.ko"));
	g_assert_true(g_str_has_suffix(image->modules->pdata[1], "/modules/a.ko"));
	fails(fixture, missing, FINRIG_ERROR_USAGE, "none: no such file");
	fails(fixture, no_module, FINRIG_ERROR_USAGE, "none.ko");
}

/* Damaged or hostile headers give no release, and nothing is read past the end. */
static void test_release(struct fixture *fixture, gconstpointer data)
{
	char header[0x300] = {0};
	g_autofree char *path = g_build_filename(fixture->folder, "bzImage", NULL);

	(void)data;
	memset(header + 0x260, 'x', sizeof(header) - 0x260);
	for (int i = 0; i < 4; i++) {
		g_autofree char *release = NULL;

		if (i >= 1)
			memcpy(header + 0x202, "HdrS", 4);
		header[0x20e] = i == 2 ? (char)0xff : i == 3 ? 0x60 : 0;
		header[0x20f] = i == 2 ? (char)0xff : 0;
		write_bytes(fixture->folder, "bzImage", header, i == 0 ? 0x100 : sizeof(header));
		release = make_release(path);
		g_assert_cmpint(release != NULL, ==, i == 3);
		g_assert_cmpuint(release ? strlen(release) : 0, ==, i == 3 ? sizeof(header) - 0x260 : 0);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/image-ready/modules", test_modules);
	FIXTURE_TEST("/image-ready/image", test_ready);
	FIXTURE_TEST("/image-ready/release", test_release);
	return g_test_run();
}
