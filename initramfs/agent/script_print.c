/* SPDX-License-Identifier: GPL-2.0-or-later
 * print - a parsed script back to text, in one canonical form
 */
#include "script_reader.h"

#include <string.h>

static void print_times(const struct script_time *time, FILE *out)
{
	char start[32], end[32], blocking[32];

	script_format_time(time->start_ns, start, sizeof(start));
	script_format_time(time->end_ns, end, sizeof(end));
	script_format_time(time->blocking_end_ns, blocking, sizeof(blocking));
	switch (time->kind) {
	case SCRIPT_TIME_ABSOLUTE: fputs(start, out); break;
	case SCRIPT_TIME_RELATIVE: fprintf(out, "+%s", start); break;
	case SCRIPT_TIME_ANY: fputs("*", out); break;
	case SCRIPT_TIME_ABSOLUTE_RANGE: fprintf(out, "%s~%s", start, end); break;
	case SCRIPT_TIME_RELATIVE_RANGE: fprintf(out, "+%s~+%s", start, end); break;
	case SCRIPT_TIME_KIND_COUNT: break;
	}
	if (time->blocking)
		fprintf(out, "...%s", blocking);
}

static void print_string(const struct script_expr *expr, FILE *out)
{
	fputc('"', out);
	for (size_t i = 0; i < expr->text_bytes; i++) {
		unsigned char byte = (unsigned char)expr->text[i];

		if (byte == '"' || byte == '\\')
			fprintf(out, "\\%c", byte);
		else if (byte < ' ' || byte == 0x7f)
			fprintf(out, "\\x%02x", byte);
		else
			fputc(byte, out);
	}
	fprintf(out, "\"%s", expr->repeated ? "..." : "");
}

static void print_expr(const struct script_expr *expr, FILE *out);

static void print_children(const struct script_expr *first, const char *between, FILE *out)
{
	for (const struct script_expr *child = first; child; child = child->next) {
		print_expr(child, out);
		if (child->next)
			fputs(between, out);
	}
}

static void print_field(const struct script_expr *expr, FILE *out)
{
	fputs(expr->text, out);
	if (expr->argument) {
		fputc('(', out);
		print_children(expr->argument, ", ", out);
		fputc(')', out);
	}
	fputs(" = ", out);
	print_expr(expr->first, out);
}

/* Recursion is as deep as the parser's stack allowed, YYMAXDEPTH. */
static void print_expr(const struct script_expr *expr, FILE *out)
{
	switch (expr->kind) {
	case SCRIPT_EXPR_INTEGER:
		fprintf(out, expr->hex ? "0x%llx" : "%lld", (long long)expr->value);
		break;
	case SCRIPT_EXPR_STRING: print_string(expr, out); break;
	case SCRIPT_EXPR_SYMBOL: fputs(expr->text, out); break;
	case SCRIPT_EXPR_OR: print_children(expr->first, "|", out); break;
	case SCRIPT_EXPR_ELLIPSIS: fputs("...", out); break;
	case SCRIPT_EXPR_FIELD: print_field(expr, out); break;
	case SCRIPT_EXPR_LIST:
	case SCRIPT_EXPR_STRUCT:
	case SCRIPT_EXPR_CALL:
		if (expr->kind == SCRIPT_EXPR_CALL)
			fputs(expr->text, out);
		fputc(expr->kind == SCRIPT_EXPR_LIST ? '[' : expr->kind == SCRIPT_EXPR_STRUCT ? '{' : '(', out);
		print_children(expr->first, ", ", out);
		fputc(expr->kind == SCRIPT_EXPR_LIST ? ']' : expr->kind == SCRIPT_EXPR_STRUCT ? '}' : ')', out);
		break;
	case SCRIPT_EXPR_KIND_COUNT: break;
	}
}

static void print_call(const struct script_call *call, FILE *out)
{
	fprintf(out, "%s(", call->name);
	print_children(call->arguments, ", ", out);
	fputs(") = ", out);
	print_expr(call->result, out);
	if (call->errno_name)
		fprintf(out, " %s", call->errno_name);
	if (call->note)
		fprintf(out, " (%s)", call->note);
}

static void print_packet(const struct packet *packet, FILE *out)
{
	struct packet_text text;

	packet_format(packet, &text);
	fputs(text.text, out);
}

static void print_text(const char *open, const struct script_statement *statement, const char *close, FILE *out)
{
	fputs(open, out);
	fwrite(statement->text, 1, statement->text_bytes, out);
	fputs(close, out);
}

void script_print_statement(const struct script_statement *statement, FILE *out)
{
	if (statement->kind != SCRIPT_INIT_COMMAND && statement->kind != SCRIPT_CLEANUP_COMMAND) {
		print_times(&statement->time, out);
		fputc(' ', out);
	}
	switch (statement->kind) {
	case SCRIPT_PACKET_IN:
	case SCRIPT_PACKET_OUT: print_packet(statement->packet, out); break;
	case SCRIPT_CALL: print_call(statement->call, out); break;
	case SCRIPT_COMMAND:
	case SCRIPT_INIT_COMMAND:
	case SCRIPT_CLEANUP_COMMAND: print_text("`", statement, "`", out); break;
	case SCRIPT_CODE: print_text("%{", statement, "}%", out); break;
	case SCRIPT_OWN:
		fputs(statement->name, out);
		if (statement->text_bytes)
			print_text(" ", statement, "", out);
		break;
	case SCRIPT_KIND_COUNT: break;
	}
	fputc('\n', out);
}

void script_print(const struct script *script, FILE *out)
{
	for (unsigned i = 0; i < script->option_count; i++) {
		const struct script_option *option = &script->options[i];
		bool quoted = option->value && strcmp(option->name, "define") != 0 && strchr(option->value, ' ');

		fprintf(out, "--%s", option->name);
		if (option->value)
			fprintf(out, quoted ? "=\"%s\"" : "=%s", option->value);
		fputc('\n', out);
	}
	for (unsigned i = 0; i < script->statement_count; i++)
		script_print_statement(&script->statements[i], out);
}
