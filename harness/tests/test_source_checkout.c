/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_source_checkout - what is said of a commit: its name, its branch, who has it; and what must not be said
 */
#include "source_checkout.h"

#include "error.h"
#include "kernel_fixture.h"

/* Two commits under an annotated tag, a third of our own; "pub" has the first two, under an address with a password. */
static const char make_repository[] =
	"set -e; git init -q -b main repo; cd repo; git config user.name t; git config user.email t@t; "
	"for word in one two; do echo $word >file; git add file; git commit -qm $word; done; git tag -a -m v9 v9.1 HEAD~1; git tag light; "
	"git remote add pub 'https://user:secret@git.example.org/linux.git?token=secret'; git update-ref refs/remotes/pub/net/next HEAD; "
	"echo three >file; git commit -qam three";

static struct source_checkout *checkout_of(struct fixture *fixture, const char *tail, const char *pinned, GError **error)
{
	g_autofree char *spec = g_strdup_printf("git:%s/repo%s", fixture->folder, tail);
	GError *why = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &why);

	g_assert_no_error(why);
	if (pinned)
		kernel_set_key(kernel, "commit", pinned);
	return source_checkout_new(kernel, &fixture->workspace, NULL, error);
}

static void expect(struct fixture *fixture, const char *tail, const char *name, const char *branch, const char *url)
{
	GError *error = NULL;
	g_autoptr(source_checkout_t) checkout = checkout_of(fixture, tail, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(strlen(checkout->commit), ==, 40);
	g_assert_true(name ? g_str_has_prefix(checkout->name, name) : !checkout->name);
	g_assert_cmpstr(checkout->branch, ==, branch);
	g_assert_cmpstr(checkout->repository_url, ==, url);
	g_assert_cmpstr(checkout->patchset_hash, ==, "");
}

static void test_places(struct fixture *fixture, gconstpointer data)
{
	static const char url[] = "https://git.example.org/linux.git";

	(void)data;
	g_free(fixture_shell(fixture->folder, make_repository));
	expect(fixture, "@v9.1", "v9.1", NULL, url);
	expect(fixture, "@pub/net/next", "v9.1-1-g", "net/next", url);
	expect(fixture, "@light", "v9.1-1-g", NULL, url);
	expect(fixture, "@main", "v9.1-2-g", "main", NULL);
	expect(fixture, "", "v9.1-2-g", "main", NULL);
	expect(fixture, "@HEAD~1", "v9.1-1-g", NULL, url);
	/* Nobody can fetch from these. */
	g_free(fixture_shell(fixture->folder, "cd repo; git remote set-url pub /srv/linux.git"));
	expect(fixture, "@pub/net/next", "v9.1-1-g", "net/next", NULL);
	g_free(fixture_shell(fixture->folder, "cd repo; git remote set-url pub git@example.org:linux.git"));
	expect(fixture, "@pub/net/next", "v9.1-1-g", "net/next", NULL);
	g_free(fixture_shell(fixture->folder, "cd repo; git remote remove pub; git update-ref refs/remotes/pub/net/next main; git tag -d v9.1"));
	expect(fixture, "@pub/net/next", NULL, "net/next", NULL);
}

/* The commit that was looked up before counts, and the ref still tells the branch. */
static void test_pinned(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *first = NULL;
	g_autoptr(source_checkout_t) checkout = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, make_repository));
	first = g_strchomp(fixture_shell(fixture->folder, "git -C repo rev-parse v9.1^{commit}"));
	checkout = checkout_of(fixture, "@main", first, NULL);
	g_assert_cmpstr(checkout->commit, ==, first);
	g_assert_cmpstr(checkout->name, ==, "v9.1");
	g_assert_cmpstr(checkout->branch, ==, "main");
}

static void test_patched(struct fixture *fixture, gconstpointer data)
{
	static const char sum[] = "sha256sum a.patch b.sed | cut -c1-64 | sha256sum | cut -c1-64";
	g_autofree char *tail = g_strdup_printf("@main,patches=%s/a.patch;%s/b.sed", fixture->folder, fixture->folder), *expected = NULL;
	g_autoptr(source_checkout_t) checkout = NULL;
	g_autoptr(JsonObject) json = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, make_repository));
	fixture_write(fixture->folder, "a.patch", "one");
	fixture_write(fixture->folder, "b.sed", "two");
	expected = g_strchomp(fixture_shell(fixture->folder, sum));
	checkout = checkout_of(fixture, tail, NULL, NULL);
	g_assert_cmpstr(checkout->patchset_hash, ==, expected);
	json = source_checkout_json(checkout);
	g_assert_cmpstr(json_object_get_string_member(json, "patchset_hash"), ==, expected);
	g_assert_cmpstr(json_object_get_string_member(json, "commit"), ==, checkout->commit);
	g_assert_false(json_object_has_member(json, "repository_url"));
}

static void test_none(struct fixture *fixture, gconstpointer data)
{
	GError *error = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, "deb:linux-image-cloud-amd64", &error);

	(void)data;
	g_assert_no_error(error);
	g_assert_null(source_checkout_new(kernel, &fixture->workspace, NULL, &error));
	g_assert_no_error(error);
	g_free(fixture_shell(fixture->folder, make_repository));
	g_assert_null(checkout_of(fixture, "@absent", NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_clear_error(&error);
	g_assert_null(checkout_of(fixture, "@main,patches=/absent.patch", NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE);
	g_clear_error(&error);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(struct fixture *fixture, gconstpointer data); } tests[] = {
		{"/source_checkout/places", test_places}, {"/source_checkout/pinned", test_pinned},
		{"/source_checkout/patched", test_patched}, {"/source_checkout/none", test_none},
	};

	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].name, struct fixture, NULL, fixture_set_up, tests[i].run, fixture_tear_down);
	return g_test_run();
}
