/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_source_debian - packages of another release than the machine's, by the machine's own apt from an archive of files; kernels in parts
 */
#include "image.h"
#include "image_recipe.h"
#include "source_fixture.h"

/* A machine that takes packages from suite `here`, which has no kernel, of an archive that has a suite `other` too. */
static const char make_archive[] =
	"set -e; mkdir -p repo state/lists/partial cache-apt/archives/partial\n"
	"package() {\n" /* NAME DEPENDS FILE */
	"	mkdir -p make/$1/DEBIAN; printf 'Package: %s\\nVersion: 1:9.9-1\\nArchitecture: amd64\\nMaintainer: t <t@example.org>\\nDescription: t\\n' $1 >make/$1/DEBIAN/control\n"
	"	[ -z \"$2\" ] || echo \"Depends: $2\" >>make/$1/DEBIAN/control\n"
	"	[ -z \"$3\" ] || { mkdir -p make/$1/$(dirname $3); echo $1 >make/$1/$3; }\n"
	"	mkdir -p pool; dpkg-deb -b -Znone --root-owner-group make/$1 pool >/dev/null; }\n"
	"package linux-image-cloud-amd64 'linux-base-9.9 (= 1:9.9-1), linux-image-9.9-cloud (= 1:9.9-1)'\n"
	"package linux-image-9.9-cloud 'kmod, linux-binary-9.9-cloud (= 1:9.9-1), linux-modules-9.9-cloud (= 1:9.9-1)'\n"
	"package linux-binary-9.9-cloud '' usr/lib/modules/9.9-cloud/vmlinuz\n"
	"package linux-modules-9.9-cloud '' usr/lib/modules/9.9-cloud/kernel/a.ko\n"
	"mkdir repo/here; mv pool repo/other; package linux-doc '' ''; mv pool/* repo/here/; cd repo\n"
	"for suite in here other; do\n"
	"	list=dists/$suite/main/binary-amd64/Packages; mkdir -p ${list%/*}; dpkg-scanpackages $suite >$list 2>/dev/null\n"
	"	printf 'Date: Fri, 02 Jan 2026 00:00:00 UTC\\nOrigin: Debian\\nSuite: %s\\nCodename: %s\\nArchitectures: amd64\\nComponents: main\\nSHA256:\\n %s %s main/binary-amd64/Packages\\n' \\\n"
	"		$suite $suite $(sha256sum <$list | cut -c1-64) $(stat -c %s $list) >dists/$suite/Release\n"
	"done; cd ..\n"
	"echo \"deb [trusted=yes] file:$PWD/repo here main\" >machine.list\n"
	"printf 'Dir::State \"%s/state\";Dir::State::lists \"%s/state/lists\";Dir::Cache \"%s/cache-apt\";Dir::Etc::sourcelist \"%s/machine.list\";"
	"Dir::Etc::sourceparts \"/dev/null\";Acquire::AllowInsecureRepositories \"true\";APT::Get::AllowUnauthenticated \"true\";APT::Sandbox::User \"\";\\n' "
	"$PWD $PWD $PWD $PWD >apt.conf\n"
	"APT_CONFIG=$PWD/apt.conf apt-get -q update >update.log 2>&1";

static gboolean set_up_apt(struct fixture *fixture)
{
	g_autofree char *config = g_build_filename(fixture->folder, "apt.conf", NULL), *apt = g_find_program_in_path("apt-get");

	if (!apt) {
		g_test_skip("[apt] apt-get is not installed");
		return FALSE;
	}
	g_free(fixture_shell(fixture->folder, make_archive));
	g_setenv("APT_CONFIG", config, TRUE);
	return TRUE;
}

static guint times_told(const struct fixture *fixture, const char *text)
{
	g_auto(GStrv) parts = g_strsplit(fixture->told->str, text, -1);

	return g_strv_length(parts) - 1;
}

static void assert_whole(const struct source *source)
{
	g_assert_cmpstr(source->label, ==, "linux-image-9.9-cloud 1:9.9-1");
	g_assert_cmpuint(source->parts->len, ==, 2);
	g_assert_true(fixture_has(source->directory, "usr/lib/modules/9.9-cloud/vmlinuz"));
	g_assert_true(fixture_has(source->directory, "usr/lib/modules/9.9-cloud/kernel/a.ko"));
}

/* Found by a name that only names another package, put together from its parts, pinned; the machine's own lists stay. */
static void test_suite(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *before = NULL, *after = NULL;
	g_autoptr(source_t) first = NULL, second = NULL;

	(void)data;
	if (!set_up_apt(fixture))
		return;
	before = fixture_shell(fixture->folder, "find state machine.list -type f -exec sha256sum {} + | sort");
	fails(fixture, "deb:linux-image-cloud-amd64", FINRIG_ERROR_USAGE, "name the release that has it (suite = sid)");
	first = get(fixture, "deb:linux-image-cloud-amd64,suite=other");
	assert_whole(first);
	second = get(fixture, "deb:linux-image-cloud-amd64,suite=other");
	g_assert_cmpstr(first->identity, ==, second->identity);
	g_assert_cmpuint(times_told(fixture, "reading the package lists of other"), ==, 1);
	g_assert_true(fixture_has(fixture->workspace.cache, "source/pins/deb-other-linux-image-cloud-amd64"));
	after = fixture_shell(fixture->folder, "find state machine.list -type f -exec sha256sum {} + | sort");
	g_assert_cmpstr(before, ==, after);
	fails(fixture, "deb:linux-image-none,suite=other", FINRIG_ERROR_USAGE, "other has no package linux-image-none");
	fails(fixture, "deb:linux-image-cloud-amd64,suite=nowhere", FINRIG_ERROR_UNAVAILABLE, "the package lists of nowhere cannot be had: ");
}

/* A machine whose own entries have the suite, in an archive of its own, has it taken from there. */
static void test_suite_of_the_machine(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(source_t) source = NULL;

	(void)data;
	if (!set_up_apt(fixture))
		return;
	g_free(fixture_shell(fixture->folder, "set -e; mkdir old; cp -r repo/other old/; mkdir old/dists; mv repo/dists/other old/dists/;"
					      "echo \"deb [trusted=yes] file:$PWD/old other main\" >>machine.list; APT_CONFIG=$PWD/apt.conf apt-get -q update"));
	source = get(fixture, "deb:linux-image-cloud-amd64,suite=other");
	assert_whole(source);
}

/* Its kernel lies beside the modules and not in boot/. */
static void assert_image(struct fixture *fixture, const char *spec)
{
	GError *error = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &error);
	g_autoptr(image_t) image = image_get(kernel, &fixture->workspace, NULL, &error);
	g_autofree char *bytes = NULL;

	g_assert_no_error(error);
	g_assert_cmpstr(image->release, ==, "9.9-cloud");
	g_assert_true(g_file_get_contents(image->bzimage, &bytes, NULL, &error));
	g_assert_cmpstr(bytes, ==, "linux-binary-9.9-cloud\n");
}

/* As files: the parts lie beside. */
static void test_parts_beside(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = g_strdup_printf("deb:%s/repo/other/linux-image-9.9-cloud_9.9-1_amd64.deb", fixture->folder), *identity = NULL;
	struct source *source;

	(void)data;
	if (!set_up_apt(fixture))
		return;
	/* as apt-get download names them */
	g_free(fixture_shell(fixture->folder, "cd repo/other; for part in linux-binary linux-modules; do mv $part-9.9-cloud_9.9-1_amd64.deb $part-9.9-cloud_1%3a9.9-1_amd64.deb; done"));
	source = get(fixture, spec);
	assert_whole(source);
	identity = g_strdup(source->identity);
	source_free(source);
	assert_image(fixture, spec);
	g_free(fixture_shell(fixture->folder, "echo other >make/linux-modules-9.9-cloud/usr/lib/modules/9.9-cloud/kernel/a.ko;"
					      "dpkg-deb -b -Znone make/linux-modules-9.9-cloud repo/other/linux-modules-9.9-cloud_1%3a9.9-1_amd64.deb"));
	source = get(fixture, spec);
	g_assert_cmpstr(source->identity, !=, identity);
	source_free(source);
	g_free(fixture_shell(fixture->folder, "rm repo/other/linux-modules-*"));
	fails(fixture, spec, FINRIG_ERROR_USAGE, "is one part of a kernel; expected linux-modules-9.9-cloud_1:9.9-1_….deb beside it");
}

/* What a swapped module's image says of its compiler. */
static char *toolchain_of(struct fixture *fixture, const char *spec)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &error);
	g_autoptr(source_t) source = kernel ? source_find(kernel, &fixture->workspace, SOURCE_LOCAL, NULL, &error) : NULL;
	g_autoptr(recipe_t) recipe = source ? recipe_new(kernel, &fixture->workspace, source, NULL, &error) : NULL;
	char *found = NULL;

	g_assert_no_error(error);
	for (guint i = 0; i < recipe->inputs->len; i++) {
		const struct recipe_input *input = recipe->inputs->pdata[i];

		if (!strcmp(input->kind, "compiler"))
			found = g_strndup(input->content, strcspn(input->content, ";"));
	}
	return found;
}

/* The compiler that the kernel was built by is in the image's key, read out of its package or where that is unpacked; gcc where it is missing. */
static void test_compiler(struct fixture *fixture, gconstpointer data)
{
	static const char make[] =
		"set -e; mkdir -p bin tree/drivers/net whole/DEBIAN; echo 'int x;' >tree/drivers/net/tun.c\n"
		"for n in 98 99; do printf '#!/bin/sh\\necho gcc-%s \\(here\\) %s.1\\n' $n $n >bin/gcc-$n; chmod +x bin/gcc-$n; done\n"
		"printf 'Package: linux-image-9.9\\nVersion: 9.9-1\\nArchitecture: amd64\\nMaintainer: t <t@example.org>\\nDescription: t\\n' >whole/DEBIAN/control\n";
	static const struct { const char *config, *says, *expected; } samples[] = {
		{"boot/config-9.9", "gcc-98 (there) 98.7", "gcc (here) 98.1"},
		{"usr/lib/modules/9.9/config", "x86_64-linux-gnu-gcc-99 (there) 99.7", "gcc (here) 99.1"},
		{"boot/config-9.9", "gcc-97 (there) 97.7", NULL}, /* not installed */
		{"boot/config-9.9", "clang 15", NULL},
	};
	g_autofree char *bin = g_build_filename(fixture->folder, "bin", NULL), *path = g_strconcat(bin, ":", g_getenv("PATH"), NULL), *before = g_strdup(g_getenv("PATH"));
	g_autofree char *spec = g_strdup_printf("deb:%s/linux-image-9.9.deb,modules.tun=%s/tree/:drivers/net/tun.c", fixture->folder, fixture->folder);
	g_autofree char *own = g_strchomp(fixture_shell(fixture->folder, "gcc --version | head -n 1"));

	(void)data;
	g_free(fixture_shell(fixture->folder, make));
	g_setenv("PATH", path, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *pack = g_strdup_printf("rm -rf whole/boot whole/usr; mkdir -p whole/$(dirname %s); echo 'CONFIG_CC_VERSION_TEXT=\"%s\"' >whole/%s;"
							"dpkg-deb -b -Znone whole linux-image-9.9.deb", samples[i].config, samples[i].says, samples[i].config);
		g_autofree char *packed = NULL, *unpacked = NULL;

		g_free(fixture_shell(fixture->folder, pack));
		packed = toolchain_of(fixture, spec);
		g_assert_cmpstr(packed, ==, samples[i].expected ? samples[i].expected : own);
		source_free(get(fixture, spec));
		unpacked = toolchain_of(fixture, spec);
		g_assert_cmpstr(unpacked, ==, packed);
	}
	g_setenv("PATH", before, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/source-debian/suite", test_suite);
	FIXTURE_TEST("/source-debian/suite-of-the-machine", test_suite_of_the_machine);
	FIXTURE_TEST("/source-debian/parts-beside", test_parts_beside);
	FIXTURE_TEST("/source-debian/compiler", test_compiler);
	return g_test_run();
}
