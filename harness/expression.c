/* SPDX-License-Identifier: GPL-2.0-or-later
 * expression - one comparison of an `ok:` or `bug:` line
 */
#include "expression.h"

#include <math.h>
#include <string.h>

#include "error.h"

enum operator { OP_GE, OP_LE, OP_EQ, OP_NE, OP_GT, OP_LT, OP_IN, OP_COUNT };

/* Longer signs first: ">=" begins with ">". */
static const char *const operator_texts[] = { ">=", "<=", "==", "!=", ">", "<", "in" };
G_STATIC_ASSERT(G_N_ELEMENTS(operator_texts) == OP_COUNT);

enum operand { OPERAND_NUMBER, OPERAND_TEXT, OPERAND_FACT, OPERAND_COUNT };

struct expression {
	char *fact;
	const struct fact_name *declaration;
	enum operator operator;
	enum operand operand;
	double low, high; /* OPERAND_NUMBER: both the same but for OP_IN */
	char *text;       /* OPERAND_TEXT, or the name for OPERAND_FACT */
};

struct reader {
	const char *file;
	const struct case_line *line;
	const char *at;
};

static gboolean fail(const struct reader *reader, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

static gboolean fail(const struct reader *reader, GError **error, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s:%u:%u: %s", reader->file, reader->line->line,
		    reader->line->column + (guint)(reader->at - reader->line->text), what);
	return FALSE;
}

static void skip_blanks(struct reader *reader)
{
	while (g_ascii_isspace(*reader->at))
		reader->at++;
}

static gsize word_length(const char *at)
{
	gsize length = 0;

	while (g_ascii_isalnum(at[length]) || (at[length] && strchr("._-+", at[length])))
		length++;
	return length;
}

/* NULL with error set when no analyzer declares name. The reader still stands before it. */
static const struct fact_name *declaration(const struct reader *reader, const char *name, GError **error)
{
	const struct fact_name *found = facts_declaration(name);
	g_autofree char *near = NULL;

	if (found)
		return found;
	near = facts_near(name);
	if (near)
		fail(reader, error, "no fact is called \"%s\": expected %s", name, near);
	else
		fail(reader, error, "no fact is called \"%s\": expected a name such as fin.retransmits", name);
	return NULL;
}

static gboolean read_fact(struct reader *reader, struct expression *expression, GError **error)
{
	gsize length;

	skip_blanks(reader);
	length = word_length(reader->at);
	if (!length)
		return fail(reader, error, "expected the name of a fact");
	expression->fact = g_strndup(reader->at, length);
	expression->declaration = declaration(reader, expression->fact, error);
	if (expression->declaration)
		reader->at += length;
	return expression->declaration != NULL;
}

static gboolean read_operator(struct reader *reader, struct expression *expression, GError **error)
{
	skip_blanks(reader);
	for (guint i = 0; i < OP_COUNT; i++)
		if (g_str_has_prefix(reader->at, operator_texts[i])) {
			reader->at += strlen(operator_texts[i]);
			expression->operator = (enum operator)i;
			return TRUE;
		}
	return fail(reader, error, "expected >= <= == != > < or in");
}

static gboolean read_number(struct reader *reader, double *value)
{
	char *end;
	/* "1.8..2.2": the number must not take the dots of the range. */
	g_autofree char *text = g_strndup(reader->at, word_length(reader->at));
	char *dots = strstr(text, "..");

	if (dots)
		*dots = '\0';
	*value = g_ascii_strtod(text, &end);
	if (end == text || *end || !isfinite(*value))
		return FALSE;
	reader->at += end - text;
	return TRUE;
}

static gboolean read_range(struct reader *reader, struct expression *expression, GError **error)
{
	if (!read_number(reader, &expression->low))
		return fail(reader, error, "expected a range such as 1.8..2.2");
	skip_blanks(reader);
	if (!g_str_has_prefix(reader->at, ".."))
		return fail(reader, error, "expected \"..\" and the range's upper end");
	reader->at += 2;
	skip_blanks(reader);
	if (!read_number(reader, &expression->high))
		return fail(reader, error, "expected the range's upper end, a number");
	if (expression->high < expression->low)
		return fail(reader, error, "expected an upper end that is not below the lower one");
	return TRUE;
}

static gboolean read_quoted(struct reader *reader, struct expression *expression, GError **error)
{
	const char *end = strchr(reader->at + 1, '"');

	if (!end)
		return fail(reader, error, "expected a closing quote");
	expression->text = g_strndup(reader->at + 1, (gsize)(end - reader->at - 1));
	reader->at = end + 1;
	return TRUE;
}

/* A word with a dot can only be meant as a fact: no state and no status has one. */
static gboolean read_word(struct reader *reader, struct expression *expression, GError **error)
{
	gsize length = word_length(reader->at);

	if (!length)
		return fail(reader, error, "expected a number, a fact or a text");
	expression->text = g_strndup(reader->at, length);
	if (strchr(expression->text, '.')) {
		expression->operand = OPERAND_FACT;
		if (!declaration(reader, expression->text, error))
			return FALSE;
	}
	reader->at += length;
	return TRUE;
}

static gboolean read_operand(struct reader *reader, struct expression *expression, GError **error)
{
	skip_blanks(reader);
	if (expression->operator == OP_IN)
		return read_range(reader, expression, error);
	if (read_number(reader, &expression->low)) {
		expression->high = expression->low;
		return TRUE;
	}
	expression->operand = OPERAND_TEXT;
	return *reader->at == '"' ? read_quoted(reader, expression, error) : read_word(reader, expression, error);
}

static gboolean is_text(const struct fact_name *name)
{
	return g_str_equal(name->unit, "text");
}

/* Numbers with numbers, texts with texts. */
static gboolean check_kinds(const struct reader *reader, const struct expression *expression, GError **error)
{
	gboolean left = is_text(expression->declaration), right = expression->operand == OPERAND_TEXT;

	if (expression->operand == OPERAND_FACT)
		right = is_text(facts_declaration(expression->text));
	if (left != right)
		return fail(reader, error, "%s is a %s: expected a %s to compare it with", expression->fact,
			    left ? "text" : "number", left ? "text" : "number");
	if (left && expression->operator != OP_EQ && expression->operator != OP_NE)
		return fail(reader, error, "%s is a text: expected == or !=", expression->fact);
	return TRUE;
}

struct expression *expression_parse(const char *file, const struct case_line *line, GError **error)
{
	struct reader reader = { file, line, line->text };
	g_autoptr(expression_t) expression = g_new0(struct expression, 1);

	if (!read_fact(&reader, expression, error) || !read_operator(&reader, expression, error) ||
	    !read_operand(&reader, expression, error))
		return NULL;
	skip_blanks(&reader);
	if (*reader.at) {
		fail(&reader, error, "expected the end of the line: one comparison each");
		return NULL;
	}
	reader.at = line->text;
	if (!check_kinds(&reader, expression, error))
		return NULL;
	return g_steal_pointer(&expression);
}

void expression_free(struct expression *expression)
{
	if (!expression)
		return;
	g_free(expression->fact);
	g_free(expression->text);
	g_free(expression);
}

static gboolean compare(enum operator operator, double left, double low, double high)
{
	switch (operator) {
	case OP_GE: return left >= low;
	case OP_LE: return left <= low;
	case OP_EQ: return left >= low && left <= low;
	case OP_NE: return left < low || left > low;
	case OP_GT: return left > low;
	case OP_LT: return left < low;
	case OP_IN: return left >= low && left <= high;
	case OP_COUNT: break;
	}
	return FALSE;
}

/* A fact's declared unit and its value can disagree only in a 4-analysis.json that someone edited: then nothing holds. */
static gboolean holds(const struct expression *expression, const struct fact *left, const struct fact *right)
{
	const char *text = right ? right->text : expression->text;

	if (left->text && text)
		return (strcmp(left->text, text) == 0) == (expression->operator == OP_EQ);
	if (left->text || (right && right->text) || expression->operand == OPERAND_TEXT)
		return FALSE;
	if (right)
		return compare(expression->operator, left->number, right->number, right->number);
	return compare(expression->operator, left->number, expression->low, expression->high);
}

static char *absence(const char *name)
{
	const struct fact_name *found = facts_declaration(name);

	return g_strdup_printf("%s is absent: %s", name, found && found->absent ? found->absent : "the run did not yield it");
}

static char *failure(const struct expression *expression, const char *value, const struct fact *right)
{
	g_autofree char *other = right ? fact_value_text(right) : NULL;

	if (other)
		return g_strdup_printf("%s is %s, %s is %s", expression->fact, value, expression->text, other);
	return g_strdup_printf("%s is %s", expression->fact, value);
}

void expression_evaluate(const struct expression *expression, const struct facts *facts, struct expression_result *result)
{
	const struct fact *left = facts_find(facts, expression->fact);
	const struct fact *right = expression->operand == OPERAND_FACT ? facts_find(facts, expression->text) : NULL;

	*result = (struct expression_result){ .value = left ? fact_value_text(left) : NULL };
	if (!left)
		result->reason = absence(expression->fact);
	else if (expression->operand == OPERAND_FACT && !right)
		result->reason = absence(expression->text);
	else if (holds(expression, left, right))
		result->held = TRUE;
	else
		result->reason = failure(expression, result->value, right);
}

void expression_result_clear(struct expression_result *result)
{
	g_clear_pointer(&result->value, g_free);
	g_clear_pointer(&result->reason, g_free);
}
