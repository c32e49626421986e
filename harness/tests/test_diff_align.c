/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_diff_align - what pairs in two sequences: the most there can be, the same from either side, in long ones too
 */
#include "diff_align.h"

#include <string.h>

struct words {
	const char *const *a, *const *b;
};

static gint64 worth(gconstpointer user, guint a, guint b)
{
	const struct words *words = user;

	return g_str_equal(words->a[a], words->b[b]) ? DIFF_WORTH_WHOLE : 0;
}

static int order(gconstpointer user, guint a, guint b)
{
	const struct words *words = user;

	return strcmp(words->a[a], words->b[b]);
}

static guint mark_a(gconstpointer user, guint a)
{
	return g_str_hash(((const struct words *)user)->a[a]);
}

static guint mark_b(gconstpointer user, guint b)
{
	return g_str_hash(((const struct words *)user)->b[b]);
}

static GArray *align(const struct words *words, guint a_count, guint b_count)
{
	struct diff_aligner aligner = { worth, order, mark_a, mark_b, words };

	return diff_align(&aligner, a_count, b_count);
}

static void check_align(const char *a, const char *b, const char *expected)
{
	g_auto(GStrv) left = g_strsplit(a, " ", -1), right = g_strsplit(b, " ", -1);
	guint a_count = *a ? g_strv_length(left) : 0, b_count = *b ? g_strv_length(right) : 0;
	struct words words = { (const char *const *)left, (const char *const *)right };
	g_autoptr(GArray) rows = align(&words, a_count, b_count);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		struct diff_row row = g_array_index(rows, struct diff_row, i);

		g_string_append_printf(text, "%s%s%s", i ? " " : "", row.a == DIFF_ALIGN_NONE ? ">" : row.b == DIFF_ALIGN_NONE ? "<" : "",
				       row.a == DIFF_ALIGN_NONE ? right[row.b] : left[row.a]);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_align(void)
{
	check_align("", "", "");
	check_align("s a f", "s a f", "s a f");
	check_align("s a f f f", "s a f", "s a f <f <f");
	check_align("s a f", "s a f f", "s a f >f");
	check_align("s a f f r", "s a f r", "s a f <f r");
	check_align("", "x", ">x");
	check_align("a b c d", "a c b d", "a <b c >b d");
	check_align("x y", "p q", ">p >q <x <y");
}

/* The longest common sequence by trying all: the table must not be shorter. Rows must give back both inputs. */
static guint longest(const char *a, const char *b)
{
	if (!*a || !*b)
		return 0;
	if (*a == *b)
		return 1 + longest(a + 1, b + 1);
	return MAX(longest(a + 1, b), longest(a, b + 1));
}

static guint partner(const GArray *rows, gboolean of_a, guint index)
{
	for (guint i = 0; i < rows->len; i++) {
		struct diff_row row = g_array_index(rows, struct diff_row, i);

		if ((of_a ? row.a : row.b) == index)
			return of_a ? row.b : row.a;
	}
	g_assert_not_reached();
}

/* With the sides changed the same elements pair. */
static void check_mirror(const GArray *rows, const GArray *back)
{
	g_assert_cmpuint(rows->len, ==, back->len);
	for (guint i = 0; i < rows->len; i++) {
		struct diff_row row = g_array_index(rows, struct diff_row, i);

		if (row.a != DIFF_ALIGN_NONE)
			g_assert_cmpuint(partner(back, FALSE, row.a), ==, row.b);
	}
}

static void test_align_random(void)
{
	for (guint round = 0; round < 500; round++) {
		char text[2][9] = { "", "" };
		char letters[2][8][2];
		const char *keys[2][8];
		guint count[2], pairs = 0, next[2] = { 0, 0 };

		for (guint side = 0; side < 2; side++) {
			count[side] = (guint)g_test_rand_int_range(0, 9);
			for (guint i = 0; i < count[side]; i++) {
				text[side][i] = (char)g_test_rand_int_range('a', 'd');
				letters[side][i][0] = text[side][i];
				letters[side][i][1] = '\0';
				keys[side][i] = letters[side][i];
			}
			text[side][count[side]] = '\0';
		}
		struct words words = { keys[0], keys[1] }, mirrored = { keys[1], keys[0] };
		g_autoptr(GArray) rows = align(&words, count[0], count[1]), back = align(&mirrored, count[1], count[0]);

		for (guint i = 0; i < rows->len; i++) {
			struct diff_row row = g_array_index(rows, struct diff_row, i);

			if (row.a != DIFF_ALIGN_NONE)
				g_assert_cmpuint(row.a, ==, next[0]++);
			if (row.b != DIFF_ALIGN_NONE)
				g_assert_cmpuint(row.b, ==, next[1]++);
			if (row.a != DIFF_ALIGN_NONE && row.b != DIFF_ALIGN_NONE) {
				g_assert_cmpstr(keys[0][row.a], ==, keys[1][row.b]);
				pairs++;
			}
		}
		g_assert_cmpuint(pairs, ==, longest(text[0], text[1]));
		check_mirror(rows, back);
		g_assert_cmpuint(next[0], ==, count[0]);
		g_assert_cmpuint(next[1], ==, count[1]);
	}
}

/* Numbers a pair by worth: pairs of one worth are many, of the other few. */
struct numbers {
	gint64 (*worth)(guint a, guint b);
};

static gint64 number_worth(gconstpointer user, guint a, guint b)
{
	return ((const struct numbers *)user)->worth(a, b);
}

static int number_order(gconstpointer user, guint a, guint b)
{
	(void)user;
	return a < b ? -1 : a > b;
}

static guint number_mark(gconstpointer user, guint index)
{
	(void)user, (void)index;
	return 0;
}

static guint count_pairs(const GArray *rows)
{
	guint pairs = 0;

	for (guint i = 0; i < rows->len; i++) {
		struct diff_row row = g_array_index(rows, struct diff_row, i);

		pairs += row.a != DIFF_ALIGN_NONE && row.b != DIFF_ALIGN_NONE;
	}
	return pairs;
}

/* One whole pair against all the half ones that it crosses; then what agrees more; then what is nearer. */
static gint64 whole_or_half(guint a, guint b)
{
	return a == 0 && b == 3 ? DIFF_WORTH_WHOLE : DIFF_WORTH_HALF;
}

static gint64 agreeing(guint a, guint b)
{
	return DIFF_WORTH_WHOLE + (b == a + 1 ? DIFF_WORTH_AGREES : DIFF_NEARNESS_MAX);
}

static gint64 nearer(guint a, guint b)
{
	return DIFF_WORTH_WHOLE + (b == a + 2 ? DIFF_NEARNESS_MAX : 1);
}

static void check_partner_of_first(gint64 (*worth_of)(guint a, guint b), guint a_count, guint expected)
{
	struct numbers numbers = { worth_of };
	struct diff_aligner aligner = { number_worth, number_order, number_mark, number_mark, &numbers };
	g_autoptr(GArray) rows = diff_align(&aligner, a_count, 4);

	g_assert_cmpuint(partner(rows, TRUE, 0), ==, expected);
}

static void test_align_worth(void)
{
	check_partner_of_first(whole_or_half, 4, 3);
	check_partner_of_first(agreeing, 2, 1);
	check_partner_of_first(nearer, 2, 2);
}

/* Too long for one table: cut at what is there once, so that not one pair is lost; or, without any, in halves. */
static void test_align_long(void)
{
	enum { MANY = 20000 };
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree const char **a = g_new(const char *, MANY), **b = g_new(const char *, MANY), **same = g_new(const char *, MANY);
	struct words words = { a, b }, flat = { same, same };
	guint b_count = 0;

	for (guint i = 0; i < MANY; i++) {
		g_ptr_array_add(texts, g_strdup_printf("%u", i));
		a[i] = g_ptr_array_index(texts, i);
		if (i % 7)
			b[b_count++] = a[i];
		same[i] = "same";
	}
	g_autoptr(GArray) rows = align(&words, MANY, b_count), halves = align(&flat, MANY, MANY - 100);
	g_assert_cmpuint(count_pairs(rows), ==, b_count);
	g_assert_cmpuint(rows->len, ==, MANY);
	g_assert_cmpuint(count_pairs(halves), ==, MANY - 100);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/diff-align/small", test_align);
	g_test_add_func("/diff-align/random", test_align_random);
	g_test_add_func("/diff-align/worth", test_align_worth);
	g_test_add_func("/diff-align/long", test_align_long);
	return g_test_run();
}
