/* SPDX-License-Identifier: GPL-2.0-or-later
 * options - the --name=value lines at the top of a script: which there are and what values they take
 */
#include "script_reader.h"

#include <string.h>

enum option_kind {
	OPTION_FLAG,    /* no value, or one that is kept as it is */
	OPTION_NUMBER,
	OPTION_TEXT,    /* any value but none */
	OPTION_DEFINE,  /* NAME=VALUE */
	OPTION_VERSION, /* ipv4, ipv6, ipv4_mapped_ipv6 */
};

static const struct known_option { const char *name; enum option_kind kind; } known_options[] = {
	{ "bind_port", OPTION_NUMBER },
	{ "code_command", OPTION_TEXT },
	{ "code_format", OPTION_TEXT },
	{ "code_sockopt", OPTION_TEXT },
	{ "connect_port", OPTION_NUMBER },
	{ "debug", OPTION_FLAG },
	{ "define", OPTION_DEFINE },
	{ "dry_run", OPTION_FLAG },
	{ "fm_filename", OPTION_TEXT },
	{ "gateway_ip", OPTION_TEXT },
	{ "init_scripts", OPTION_TEXT },
	{ "ip_version", OPTION_VERSION },
	{ "is_anyip", OPTION_FLAG },
	{ "local_ip", OPTION_TEXT },
	{ "mss", OPTION_NUMBER },
	{ "mtu", OPTION_NUMBER },
	{ "netmask_ip", OPTION_TEXT },
	{ "non_fatal", OPTION_TEXT },
	{ "persistent_tun_dev", OPTION_FLAG },
	{ "remote_ip", OPTION_TEXT },
	{ "send_omit_free", OPTION_FLAG },
	{ "speed", OPTION_TEXT },
	{ "strict_segments", OPTION_FLAG },
	{ "tcp_ts_ecr_scaled", OPTION_FLAG },
	{ "tcp_ts_tick_usecs", OPTION_NUMBER },
	{ "tolerance_percent", OPTION_TEXT },
	{ "tolerance_usecs", OPTION_NUMBER },
	{ "udp_encaps", OPTION_TEXT },
	{ "verbose", OPTION_FLAG },
};

static const char *const ip_versions[] = { "ipv4", "ipv6", "ipv4_mapped_ipv6", "ipv4-mapped-ipv6" };

static const struct known_option *find_option(const char *name)
{
	for (size_t i = 0; i < sizeof(known_options) / sizeof(*known_options); i++)
		if (strcmp(known_options[i].name, name) == 0)
			return &known_options[i];
	return NULL;
}

static bool is_ip_version(const char *value)
{
	for (size_t i = 0; i < sizeof(ip_versions) / sizeof(*ip_versions); i++)
		if (strcmp(ip_versions[i], value) == 0)
			return true;
	return false;
}

static bool check_option(struct script_reader *reader, const struct script_option *option, const struct script_location *at)
{
	const struct known_option *known = find_option(option->name);
	struct script_number number;

	if (strncmp(option->name, "wire_", strlen("wire_")) == 0)
		return script_about(reader, "option --%s", option->name) &&
		       script_fail(reader, at, "--%s is for two machines on a wire; finrig runs both sides in one guest",
				   option->name);
	if (!known)
		return script_about(reader, "option --%s", option->name) &&
		       script_fail(reader, at, "unknown option --%.64s", option->name);
	if (known->kind != OPTION_FLAG && (!option->value || !*option->value))
		return script_fail(reader, at, "--%s wants a value", option->name);
	switch (known->kind) {
	case OPTION_FLAG:
	case OPTION_TEXT:
		return true;
	case OPTION_NUMBER:
		return (script_read_integer((struct script_token){ option->value, strlen(option->value) }, &number) &&
			number.value >= 0) ||
		       script_fail(reader, at, "--%s wants a number, found '%.64s'", option->name, option->value);
	case OPTION_DEFINE:
		return (strchr(option->value, '=') && option->value[0] != '=') ||
		       script_fail(reader, at, "--define wants NAME=VALUE, found '%.64s'", option->value);
	case OPTION_VERSION:
		return is_ip_version(option->value) ||
		       script_fail(reader, at, "--ip_version is ipv4, ipv6 or ipv4_mapped_ipv6, found '%.64s'", option->value);
	}
	return false;
}

/* Quotes around the whole value are the shell's, not the option's; those of a define tell a string. */
static const char *option_value(struct script_reader *reader, const char *text, size_t bytes)
{
	if (bytes >= 2 && text[0] == '"' && text[bytes - 1] == '"')
		return script_text(reader, text + 1, bytes - 2);
	return script_text(reader, text, bytes);
}

static const char *defined_by(const char *definition, struct script_token name)
{
	bool same = definition && strncmp(definition, name.text, name.bytes) == 0 && definition[name.bytes] == '=';

	return same ? definition + name.bytes + 1 : NULL;
}

/* What public suites give on each script's command line: the cookies that tcp_fastopen_key a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4 (their
 * defaults.sh sets it) and a key of zeros make of the standard addresses, by SipHash since Linux 5.3. */
static const char *suite_cookie(const struct script_reader *reader, struct script_token name)
{
	static const struct { const char *name, *ipv4, *ipv6; } defines[] = {
		{ "TFO_COOKIE", "3021b9d889017eeb", "c1d1e9742a47a9bc" }, { "TFO_COOKIE_ZERO", "b7c12350a90dc8f5", "82af1a8f9a205c34" },
	};

	for (size_t i = 0; i < sizeof(defines) / sizeof(*defines); i++)
		if (script_token_is(name, defines[i].name))
			return strcmp(script_ip_version(reader), "ipv6") == 0 ? defines[i].ipv6 : defines[i].ipv4;
	return NULL;
}

const char *script_define(const struct script_reader *reader, struct script_token name)
{
	const char *value = NULL;

	for (unsigned i = reader->setting_count; !value && i-- > 0;)
		if (strcmp(reader->settings[i].name, "define") == 0)
			value = defined_by(reader->settings[i].value, name);
	for (unsigned i = reader->script->option_count; !value && i-- > 0;)
		if (strcmp(reader->script->options[i].name, "define") == 0)
			value = defined_by(reader->script->options[i].value, name);
	return value;
}

const char *script_define_cookie(const struct script_reader *reader, struct script_token name)
{
	const char *value = script_define(reader, name);

	return value ? value : suite_cookie(reader, name);
}

const char *script_ip_version(const struct script_reader *reader)
{
	const char *own = script_option(reader->script, "ip_version");

	for (unsigned i = reader->setting_count; i-- > 0;)
		if (strcmp(reader->settings[i].name, "ip_version") == 0 && reader->settings[i].value)
			return reader->settings[i].value;
	return own ? own : "ipv4";
}

static struct script_option *push_option(struct script_reader *reader)
{
	struct script *script = reader->script;

	if (script->option_count == reader->option_space) {
		unsigned space = reader->option_space ? reader->option_space * 2 : 8;
		struct script_option *options = script_take(reader, space * sizeof(*options));

		if (script->option_count)
			memcpy(options, script->options, script->option_count * sizeof(*options));
		script->options = options;
		reader->option_space = space;
	}
	return &script->options[script->option_count++];
}

bool script_add_option(struct script_reader *reader, struct script_token token, const struct script_location *at)
{
	struct script_option option = { .line = at->line, .column = at->column };
	const char *name = token.text + 2, *end = token.text + token.bytes, *equals;

	if (token.text[1] == 'D') {
		while (*name == ' ' || *name == '\t')
			name++;
		option.name = "define";
		option.value = option_value(reader, name, (size_t)(end - name));
	} else {
		equals = memchr(name, '=', (size_t)(end - name));
		option.name = script_text(reader, name, (size_t)((equals ? equals : end) - name));
		option.value = equals ? option_value(reader, equals + 1, (size_t)(end - equals - 1)) : NULL;
	}
	if (!check_option(reader, &option, at))
		return false;
	*push_option(reader) = option;
	return true;
}
