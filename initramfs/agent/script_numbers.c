/* SPDX-License-Identifier: GPL-2.0-or-later
 * numbers - digits to numbers, whatever the locale, with overflow found
 */
#include "script_reader.h"

#include <string.h>

enum { NS_PER_SECOND = 1000000000, DIGITS_OF_NS = 9 };

int script_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* All of text must be digits of the base. */
static bool read_digits(const char *text, size_t bytes, unsigned base, uint64_t limit, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < bytes; i++) {
		int digit = script_digit(text[i]);

		if (digit < 0 || (unsigned)digit >= base || *value > (limit - (unsigned)digit) / base)
			return false;
		*value = *value * base + (unsigned)digit;
	}
	return bytes > 0;
}

bool script_read_integer(struct script_token token, struct script_number *number)
{
	uint64_t value;

	number->token = token;
	number->hex = token.bytes > 2 && token.text[0] == '0' && (token.text[1] == 'x' || token.text[1] == 'X');
	if (number->hex) {
		if (!read_digits(token.text + 2, token.bytes - 2, 16, UINT64_MAX, &value))
			return false;
	} else if (!read_digits(token.text, token.bytes, 10, INT64_MAX, &value)) {
		return false;
	}
	number->value = (int64_t)value;
	return true;
}

bool script_read_range(struct script_token token, struct script_range *range)
{
	const char *colon = memchr(token.text, ':', token.bytes);
	size_t start_bytes = (size_t)(colon - token.text);
	uint64_t start, end;

	if (!read_digits(token.text, start_bytes, 10, UINT32_MAX, &start) ||
	    !read_digits(colon + 1, token.bytes - start_bytes - 1, 10, UINT32_MAX, &end))
		return false;
	range->start = (int64_t)start;
	range->end = (int64_t)end;
	return true;
}

bool script_read_time(struct script_token token, int64_t *time_ns)
{
	const char *point = memchr(token.text, '.', token.bytes);
	size_t whole_bytes = point ? (size_t)(point - token.text) : token.bytes;
	size_t decimals = point ? token.bytes - whole_bytes - 1 : 0;
	uint64_t seconds = 0, fraction = 0;

	while (decimals > DIGITS_OF_NS && point[decimals] == '0')
		decimals--;
	if (decimals > DIGITS_OF_NS ||
	    (whole_bytes && !read_digits(token.text, whole_bytes, 10, SCRIPT_MAX_SECONDS, &seconds)) ||
	    (decimals && !read_digits(point + 1, decimals, 10, NS_PER_SECOND, &fraction)))
		return false;
	for (; decimals < DIGITS_OF_NS; decimals++)
		fraction *= 10;
	*time_ns = (int64_t)(seconds * NS_PER_SECOND + fraction);
	return true;
}

void script_format_time(int64_t time_ns, char *text, size_t size_bytes)
{
	int64_t fraction = time_ns % NS_PER_SECOND;
	int digits = DIGITS_OF_NS;

	if (!fraction) {
		snprintf(text, size_bytes, "%lld", (long long)(time_ns / NS_PER_SECOND));
		return;
	}
	for (; fraction % 10 == 0; digits--)
		fraction /= 10;
	snprintf(text, size_bytes, "%lld.%0*lld", (long long)(time_ns / NS_PER_SECOND), digits, (long long)fraction);
}
