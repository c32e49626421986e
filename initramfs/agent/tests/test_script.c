/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_script - the script language: what it reads, what it refuses and where it says so
 */
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "symbols.h"
#include "tap.h"

/* The canonical text of a script, or "LINE:COLUMN: message"; from malloc. */
static char *reprint(const char *text, size_t text_bytes)
{
	struct script_error error;
	struct script *script = script_parse("test.pkt", text, text_bytes, &error);
	char *result = NULL;
	size_t result_bytes = 0;
	FILE *out = open_memstream(&result, &result_bytes);

	if (script)
		script_print(script, out);
	else
		fprintf(out, "%u:%u: %s", error.line, error.column, error.message);
	fclose(out);
	script_free(script);
	return result;
}

/* A test's name is one line. */
static const char *one_line(const char *text)
{
	static char line[64];

	snprintf(line, sizeof(line), "%s", text);
	for (char *byte = line; *byte; byte++)
		if (*byte == '\n' || *byte == '\r')
			*byte = ' ';
	return line;
}

static void check_text(const char *input, const char *expected)
{
	char *text = reprint(input, strlen(input));

	if (!tap_ok(strcmp(text, expected) == 0, "%s", one_line(expected)))
		printf("# input: %s\n# gives: %s\n", input, text);
	free(text);
}

/* One line of script and its canonical form; NULL: the same. */
static const struct { const char *input, *canonical; } good[] = {
	{ "", "" },
	{ "// comment alone", "" },
	{ "\xEF\xBB\xBF" "0 close(3) = 0", "0 close(3) = 0\n" },
	{ "0.100\tclose ( 3 )\r\n = 0 # tail\r\n", "0.1 close(3) = 0\n" },
	{ "/* a\n * b **/+.5 close(3) = 0 /**/ // x", "+0.5 close(3) = 0\n" },
	{ "1.000001 close(3) = 0", "1.000001 close(3) = 0\n" },
	{ "0.000000001 close(3) = 0", "0.000000001 close(3) = 0\n" },
	{ "1.50000000000000 close(3) = 0", "1.5 close(3) = 0\n" },
	{ "+1. close(3) = 0", "+1 close(3) = 0\n" },
	{ "* > . 1:1(0) ack 1", "* > . 1:1(0) ack 1\n" },
	{ ".1~0.2 > . 1:1(0)", "0.1~0.2 > . 1:1(0)\n" },
	{ "+.1~+.2 > . 1:1(0)", "+0.1~+0.2 > . 1:1(0)\n" },
	{ "0.2...0.3 read(4, ..., 10) = 10", "0.2...0.3 read(4, ..., 10) = 10\n" },
	{ "+0...1 read(4, ..., 10) = 10", "+0...1 read(4, ..., 10) = 10\n" },
	{ "0 close(3) = 0 1 close(4) = 0", "0 close(3) = 0\n1 close(4) = 0\n" },
	{ "0 > F.\n1 close(4) = 0", "0 > F.\n1 close(4) = 0\n" },
	{ "0 read(3) = -1 EAGAIN (Resource temporarily unavailable)", "0 read(3) = -1 EAGAIN (Resource temporarily unavailable)\n" },
	{ "0 read(3) = -1 ENOTCONN (Can't: it isn't connected)", "0 read(3) = -1 ENOTCONN (Can't: it isn't connected)\n" },
	{ "0 fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)", "0 fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)\n" },
	{ "0 f(010) = 08", "0 f(10) = 8\n" }, /* no octal numbers */
	{ "0 f() = *\n0 f() = ...", "0 f() = ...\n0 f() = ...\n" },
	{ "0 f() = O_RDWR|O_NONBLOCK", "0 f() = O_RDWR|O_NONBLOCK\n" },
	{ "0 f(-1, 0xFF, -0x1, \"a\\x00\\n\\\"\\\\\", \"ab\"...) = 0",
	  "0 f(-1, 0xff, 0xffffffffffffffff, \"a\\x00\\x0a\\\"\\\\\", \"ab\"...) = 0\n" },
	{ "0 f({sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"1.2.3.4\")}, ...) = 0",
	  "0 f({sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr(\"1.2.3.4\")}, ...) = 0\n" },
	{ "0 f({msg_name(...)=..., msg_iov(1)=[{..., 4000}], id=1, mtu=2, type=3}, {}, []) = 0",
	  "0 f({msg_name(...) = ..., msg_iov(1) = [{..., 4000}], id = 1, mtu = 2, type = 3}, {}, []) = 0\n" },
	{ "`a\nb`\n0 `c`\n`d`", "`a\nb`\n0 `c`\n`d`\n" },
	{ "0 %{ assert x % 2, {}\n}%", "0 %{ assert x % 2, {}\n}%\n" },
	{ "0 drain  slow 5/s  // why", "0 drain slow 5/s\n" },
	{ "0 hold", "0 hold\n" },
	{ "0 observe 3s\n+0 mark x", "0 observe 3s\n+0 mark x\n" },
	{ "--mtu=1500 --send_omit_free\n--remote_ip=1.2.3.4\n0 close(3) = 0",
	  "--mtu=1500\n--send_omit_free\n--remote_ip=1.2.3.4\n0 close(3) = 0\n" },
	{ "--define=A=17 -D B=\"cubic\" --define=C=abcd\n0 f(A, B) = A\n0 > S 0:0(0) win A <FO C>",
	  "--define=A=17\n--define=B=\"cubic\"\n--define=C=abcd\n0 f(17, \"cubic\") = 17\n0 > S 0:0(0) win 17 <FO abcd>\n" },
	/* packets */
	{ "0 < S 0:0(0) win 32792 <mss 1460,sackOK,nop,nop,nop,wscale 7>", NULL },
	{ "0 > S. 0:0(0) ack 1 <...>", NULL },
	{ "0 > S. 0:0(0) ack 1 < >", "0 > S. 0:0(0) ack 1\n" },
	{ "0 > .P 1:1001(1000) ack 1 win 5", "0 > P. 1:1001(1000) ack 1 win 5\n" },
	{ "0 > P. 1:1001 ack 1", "0 > P. 1:1001(1000) ack 1\n" },
	{ "0 > SEW 0:0(0)", NULL }, { "0 > FPU. 1:1(0) urg 3", NULL }, { "0 > R 1:1(0)", NULL }, { "0 < - 5:6(1)", NULL },
	{ "0 > SEWA 0:0(0)", NULL },
	{ "0 < P. 4294967295:1(2) ack 4294967295 win 0 urg 65535", NULL },
	{ "0 > . 1:1(0) ack 1 <nop,nop,TS val 4294967295 ecr 0,nop,nop,sack 1:2 3:4>", NULL },
	{ "0 > S 0:0(0) <FO 0xAbcd,nop,nop,nop,nop,FO,eol,eol>", "0 > S 0:0(0) <FO abcd,nop,nop,nop,nop,FO,eol,eol>\n" },
	{ "0 > S 0:0(0) <FO 12345678,nop,nop,FOEXP 1234,nop,nop>", NULL },
	{ "0 > S 0:0(0) <md5,nop,nop>", "0 > S 0:0(0) <md5 00000000000000000000000000000000,nop,nop>\n" },
	{ "0 > .5 1:1(0)", "0 > EA. 1:1(0)\n" }, { "0 > P.2 1:1(0)", "0 > PW. 1:1(0)\n" }, { "0 > 6P. 1:1(0)", "0 > PWA. 1:1(0)\n" },
	{ "0 > P5. 1:1(0)", "0 > PEA. 1:1(0)\n" }, { "0 > F7.P 1:1(0)", "0 > FPEWA. 1:1(0)\n" }, { "0 > F1P. 1:1(0)", "0 > FPE. 1:1(0)\n" },
	{ "0 > S0 0:0(0)", "0 > S 0:0(0)\n" }, { "0 > F.\n.5 close(3) = 0", "0 > F.\n0.5 close(3) = 0\n" },
	{ "0 > . 1:1(0) <ECN e0b 1 ceb 2 e1b 16777215,nop>", NULL }, { "0 > . 1:1(0) <ECN e1b 1,nop,nop,nop>", NULL },
	{ "0 > . 1:1(0) <ECN,nop,nop>", NULL }, { "0 > . 1:1(0) <opt ae,nop,nop>", NULL },
	{ "0 > S 0:0(0) <exp 1234,opt 1e01,raw 05>", NULL },
	{ "0 < (ttl 3) . 1:1(0)", "0 < [ttl 3] . 1:1(0)\n" },
	{ "0 > [ect01, ttl 3, flowlabel 0x12] 1 > 2 . 1:1(0)", NULL },
	{ "0 > [tos 0x2] udp (1000)", NULL }, { "0 < 1 > 2 udp(0)", "0 < 1 > 2 udp (0)\n" },
	{ "0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]", NULL },
	{ "0 < icmp unreachable host_unreachable [udp (5)]", NULL },
	{ "0 < icmp unreachable packet_filtered [1:1(0)]", "0 < icmp unreachable comm_prohibited [1:1(0)]\n" },
	{ "0 < icmpv6 unreachable not_neighbour [1:1(0)]", "0 < icmpv6 unreachable beyond_scope [1:1(0)]\n" },
	{ "0 > icmp echo_reply id 7 (56)", NULL },
	{ "0 > icmp type 42 code 9\n1 close(3) = 0",
	  "0 > icmp type 42 code 9\n1 close(3) = 0\n" },
	{ "0 < icmpv6 packet_too_big mtu 1280 [1:1(0)]", NULL },
	{ "0 > ipv4 1.2.3.4 > 5.6.7.8: gre: mpls (label 5, tc 0, ttl 3) (label 6, tc 7, [S], ttl 3): . 1:1(0)", NULL },
	{ "0 > ipv6 ::1 > fe80::2:1: . 1:1(0)", NULL },
	{ "0 > ipv6 1:: > fd00:1::: . 1:1(0)", NULL }, { "0 > ipv6 :: > ::: . 1:1(0)", NULL },
	{ "0 > ipv6 ::1 > ::2: gre, key=0x5,seq 7: . 1:1(0)", "0 > ipv6 ::1 > ::2: gre flags [key present, sequence present], key 0x5, seq 7: . 1:1(0)\n" },
	{ "0 > ipv6 ::1 > ::2: gre, sum 1, off 2: . 1:1(0)", "0 > ipv6 ::1 > ::2: gre flags [checksum present], sum 0x1, off 0x2: . 1:1(0)\n" },
	{ "0 > ipv6 ::1 > ::2: gre flags [none]: . 1:1(0)", "0 > ipv6 ::1 > ::2: gre: . 1:1(0)\n" },
};

static void test_good(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		char same[256], *first = reprint(good[i].input, strlen(good[i].input)), *second;

		snprintf(same, sizeof(same), "%s\n", good[i].input);
		check_text(good[i].input, good[i].canonical ? good[i].canonical : same);
		second = reprint(first, strlen(first));
		tap_ok(strcmp(first, second) == 0, "printed again the same: %s", one_line(good[i].input));
		free(first);
		free(second);
	}
}

static const struct { const char *input, *error; } bad[] = {
	{ "foo", "1:1: expected a time, '+' or '*', found 'foo'" },
	{ "0 close(3) = 0\n\n  foo", "3:3: expected a time, '+' or '*', found 'foo'" },
	{ "// \xE4\xBD\xA0\xE5\xA5\xBD\n0 close(3) = 0\r\n// x\r\n\tfoo", "4:2: expected a time, '+' or '*', found 'foo'" },
	{ "/*\n\n*/ /* \n */ foo", "4:5: expected a time, '+' or '*', found 'foo'" },
	{ "0 foo\n\n\n", "1:6: expected '(', found the end of the script" },
	{ "0 close(3", "1:10: expected ')', ',' or '|', found the end of the script" },
	{ "0 close(3)", "1:11: expected '=', found the end of the script" },
	{ "0 close(3) = ", "1:13: expected a number, a name or a string, found the end of the script" },
	{ "0 close(3) = \"a\"", "1:3: the result of close() is neither a number nor a symbol nor '...'" },
	{ "0 close(3) = -1 EFOO", "1:17: expected the name of an errno, found 'EFOO'" },
	{ "0 close(3) = 3 EAGAIN", "1:16: EAGAIN goes with the result -1" },
	{ "0 close(3) = 0 (note", "1:16: found a note without its closing ')'" },
	{ "0 close(NOPE) = 0", "1:9: unknown symbol 'NOPE'" },
	{ "0 close(99999999999999999999) = 0", "1:9: found a number that does not fit 63 bits" },
	{ "0 close(0x1ffffffffffffffff) = 0", "1:9: found a number that does not fit 63 bits" },
	{ "0 5s close(3) = 0", "1:3: found a number that runs into a name" },
	{ "0 write(3, \"abc", "1:12: found a string without its closing '\"'" },
	{ "0 write(3, \"\\q\", 3) = 3", "1:12: unknown escape in a string; there are \\xNN \\n \\t \\r \\f \\v \\a \\b \\0 \\\\ \\\" \\'" },
	{ "0 close(3)\xEF\xBC\x8C= 0", "1:11: found an unexpected character '\xEF\xBC\x8C'" },
	{ "0 close(\xff) = 0", "1:9: found an unexpected character '\\xff'" },
	{ "0 `echo", "1:3: found a command without its closing '`'" },
	{ "0 %{ foo } %", "1:3: found code without its closing '}%'" },
	{ "0 close(3) = 0\n/* foo", "2:1: found a comment without its closing '*/'" },
	/* times */
	{ "99999999999 close(3) = 0", "1:1: a time is a number of seconds, at most 1000000000" },
	{ "0x10 close(3) = 0", "1:1: a time is a number of seconds, at most 1000000000" },
	{ "9999999999.5 close(3) = 0", "1:1: found a time above a billion seconds or finer than a nanosecond" },
	{ "0.0000000001 close(3) = 0", "1:1: found a time above a billion seconds or finer than a nanosecond" },
	{ "0.5~0.4 > . 1:1(0)", "1:1: the range of times ends before it begins" },
	{ "+0.5~0.7 > . 1:1(0)", "1:6: expected '+', found '0.7'" },
	{ "+ close(3) = 0", "1:3: expected a time, found 'close'" },
	{ "* close(3) = 0", "1:1: '*' and ranges of time are for outgoing packets" },
	{ "0~1 < . 1:1(0) win 3", "1:1: '*' and ranges of time are for outgoing packets" },
	{ "0.5...0.4 close(3) = 0", "1:4: the blocking call ends before it begins" },
	{ "*...0.4 close(3) = 0", "1:2: a blocking call begins at one time, not in a range or at '*'" },
	{ "0 close(3) = 0\n`a`\n1 close(3) = 0", "3:1: a command without a time stands before all statements or after all of them" },
	/* options */
	{ "--bogus=1", "1:1: unknown option --bogus" },
	{ "--wire_client", "1:1: --wire_client is for two machines on a wire; finrig runs both sides in one guest" },
	{ "--mtu=foo", "1:1: --mtu wants a number, found 'foo'" },
	{ "--mtu", "1:1: --mtu wants a value" },
	{ "--ip_version=ipv5", "1:1: --ip_version is ipv4, ipv6 or ipv4_mapped_ipv6, found 'ipv5'" },
	{ "-D FOO", "1:1: --define wants NAME=VALUE, found 'FOO'" },
	{ "0 close(3) = 0\n--mtu=1500", "2:1: expected a time, '+' or '*', found '--mtu=1500'" },
	/* packets */
	{ "0 <", "1:4: expected TCP flags, found the end of the script" },
	{ "0 < Q 0:0(0)", "1:5: expected TCP flags out of 'FSRP.UEWA' and '0' to '7', found 'Q'" },
	{ "0 < SS 0:0(0)", "1:5: TCP flag 'S' is given twice in 'SS'" },
	{ "0 < .58 0:0(0)", "1:5: expected TCP flags out of 'FSRP.UEWA' and '0' to '7', found '.58'" },
	{ "0 < .55 0:0(0)", "1:5: TCP flag '5' is given twice in '.55'" },
	{ "0 < .W1 0:0(0)", "1:5: TCP flag '1' is given twice in '.W1'" },
	{ "0 < .1W 0:0(0)", "1:5: TCP flag 'W' is given twice in '.1W'" },
	{ "0 < S 0:0(0) win 70000", "1:14: win wants a number from 0 to 65535" },
	{ "0 < S 0:0(0) win", "1:17: expected a number, found the end of the script" },
	{ "0 < S 0:0(0) win 1 win 1", "1:20: 'win' is given twice" },
	{ "0 < S 0:0(0) foo 3", "1:14: expected 'ack', 'win', 'urg' or '<', found 'foo'" },
	{ "0 < S 0:10(0) win 3", "1:7: sequence numbers 0:10 are 10 bytes apart, the length says 0" },
	{ "0 < S 0:99999999999(0)", "1:7: found a sequence number that does not fit 32 bits" },
	{ "0 < . 0:70000(70000)", "1:7: a packet carries at most 65535 bytes" },
	{ "0 < S win 3", "1:3: an incoming packet wants sequence numbers, as in '1:1001(1000)'" },
	{ "0 < . 1:1(0) <...>", "1:3: <...> is for outgoing packets; an incoming one names its options" },
	{ "0 < [ect01] . 1:1(0)", "1:3: [ect01] is for outgoing packets; an incoming one is [ect0] or [ect1]" },
	{ "0 > S 0:0(0) <mss>", "1:15: TCP option 'mss' wants a number from 0 to 65535" },
	{ "0 > S 0:0(0) <nop 3>", "1:15: TCP option 'nop' wants nothing behind it" },
	{ "0 > S 0:0(0) <wscale 256>", "1:15: TCP option 'wscale' wants a number from 0 to 255" },
	{ "0 > S 0:0(0) <sackOK>", "1:3: TCP options are 2 bytes long; fill up with nop to a multiple of 4" },
	{ "0 > S 0:0(0) <bar 3>", "1:15: unknown TCP option 'bar'" },
	{ "0 > S 0:0(0) <ECN ceb 1>", "1:15: TCP option 'ECN' wants e0b, ceb, e1b or e1b, ceb, e0b with numbers of 24 bits" },
	{ "0 > S 0:0(0) <ECN e1b 1 ceb>", "1:15: TCP option 'ECN' wants e0b, ceb, e1b or e1b, ceb, e0b with numbers of 24 bits" },
	{ "0 > S 0:0(0) <ECN e0b 16777216>", "1:15: TCP option 'ECN' wants e0b, ceb, e1b or e1b, ceb, e0b with numbers of 24 bits" },
	{ "0 > S 0:0(0) <TS val 1>", "1:15: TCP option 'TS' wants 'val' and 'ecr' with numbers of 32 bits" },
	{ "0 > S 0:0(0) <sack 1>", "1:15: TCP option 'sack' wants 1 to 4 blocks as in 'sack 1001:2001 3001:4001'" },
	{ "0 > S 0:0(0) <sack 1:2 1:2 1:2 1:2 1:2>", "1:15: TCP option 'sack' wants 1 to 4 blocks as in 'sack 1001:2001 3001:4001'" },
	{ "0 > S 0:0(0) <FO abc>", "1:15: TCP option 'FO' wants hex digits in pairs, 38 bytes at most" },
	{ "0 > S 0:0(0) <sack 1:2 1:2 1:2 1:2,TS val 1 ecr 2>", "1:36: TCP options have at most 40 bytes" },
	{ "0 > S 0:0(0) <mss 1 2 3 4 5 6 7 8 9>", "1:35: at most 8 values may follow a name here" },
	{ "0 > [ect9] . 1:1(0)", "1:6: expected ect0, ect1, ect01, ce, noecn, tos, ttl or flowlabel, found 'ect9'" },
	{ "0 > [tos 300] . 1:1(0)", "1:6: tos wants a number from 0 to 255" },
	{ "0 > [ect0, tos 3] . 1:1(0)", "1:12: 'tos' says again what is said already" },
	{ "0 > [ttl] . 1:1(0)", "1:6: 'ttl' wants a number" },
	{ "0 > 70000 > 8080 . 1:1(0)", "1:5: a port wants a number from 0 to 65535" },
	{ "0 > udp", "1:8: expected '(', found the end of the script" },
	{ "0 < (flowlabel 0x1) icmp unreachable", "1:3: a flow label is of IPv6, icmp of IPv4" },
	{ "0 > icmp bogus", "1:10: unknown icmp type 'bogus'" },
	{ "0 > icmp unreachable ttl_exceeded", "1:22: 'ttl_exceeded' is no code of this icmp type" },
	{ "0 > icmp echo_request mtu 3", "1:5: this icmp message has no mtu" },
	{ "0 > icmp echo_request [1:1(0)]", "1:23: this icmp message sends no packet back" },
	{ "0 > ipv4 1.2.3 > 5.6.7.8: . 1:1(0)", "1:5: expected an IPv4 address, found '1.2.3'" },
	{ "0 > ipv4 1.1.1.1 > 1.1.1.2: ipv6 ::1 > ::2: gre: ipv6 ::1 > ::2: gre: . 1:1(0)",
	  "1:66: at most 4 headers may stand around a packet" },
	{ "0 > gre: . 1:1(0)", "1:5: gre stands behind ipv4 or ipv6" },
	{ "0 > mpls (label 1, tc 0, [S], ttl 3): . 1:1(0)", "1:5: mpls stands behind ipv4, ipv6 or gre" },
	{ "0 > ipv6 ::1 > ::2: gre: gre: . 1:1(0)", "1:26: gre stands behind ipv4 or ipv6" },
	{ "0 > ipv6 ::1 > ::2: gre flag [none]: . 1:1(0)", "1:25: expected 'flags [...]' or ':' behind gre" },
	{ "0 > ipv6 ::1 > ::2: gre flags [route]: . 1:1(0)",
	  "1:32: expected none, 'checksum present', 'key present' or 'sequence present', found 'route'" },
	{ "0 > ipv6 ::1 > ::2: gre, off 65536: . 1:1(0)", "1:26: off wants a number of 16 bits" },
	{ "0 > ipv6 ::1 > ::2: gre, kee 5: . 1:1(0)", "1:26: expected sum, off, key or seq, found 'kee'" },
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		check_text(bad[i].input, bad[i].error);
}

static void test_hostile(void)
{
	enum { MANY = 200000 };
	char *text = malloc(SCRIPT_MAX_BYTES + 1), *result;
	static const struct { const char *text; size_t bytes; const char *error; } zeros[] = {
		{ "0 close(3\0) = 0", 15, "1:10: found an unexpected character '\\x00'" },
		{ "0 %{ a\n\0 }%", 12, "2:1: found an unexpected character '\\x00'" },
		{ "`a`\n`b\0`", 8, "2:3: found an unexpected character '\\x00'" },
	};

	for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++) {
		result = reprint(zeros[i].text, zeros[i].bytes);
		tap_ok(strcmp(result, zeros[i].error) == 0, "a zero byte: %s", result);
		free(result);
	}
	memset(text, '[', MANY);
	memcpy(text, "0 f(", 4);
	result = reprint(text, MANY);
	tap_ok(strstr(result, "nested too deeply") != NULL, "lists nested %d deep are refused: %s", MANY, result);
	free(result);
	memset(text, ' ', SCRIPT_MAX_BYTES + 1);
	result = reprint(text, SCRIPT_MAX_BYTES + 1);
	tap_ok(strstr(result, "a script has at most") != NULL, "a script too long is refused");
	free(result);
	for (size_t i = 0; i + 8 <= SCRIPT_MAX_BYTES; i += 8)
		memcpy(text + i, "*>.     ", 8);
	result = reprint(text, SCRIPT_MAX_BYTES);
	tap_ok(strstr(result, "a script has at most") != NULL, "a script of too many statements is refused: %.60s", result);
	free(result);
	free(text);
}

static char reported[1024];

static void report(const char *file, const struct script_error *error)
{
	size_t used = strlen(reported);

	(void)file;
	snprintf(reported + used, sizeof(reported) - used, "%u:%u %s\n", error->line, error->column, error->construct);
}

static unsigned check_all(const char *text, size_t text_bytes)
{
	reported[0] = '\0';
	return script_check("test.pkt", text, text_bytes, report);
}

static void test_check(void)
{
	static const char script[] = "--bogus=1\n--mtu=1400\n0 f(TCP_FOO) = 0\n+0 > S 0:0(0) <bar 3>\n+0 close(3) = 0\n"
				     "+0 > S 0:0(0) \n  foo 5\n  <...>\n+0 < icmp what\n+0 close(3) = -1 EFOO\n0 > Q. 1:1(0)\n"
				     "0 f(\"\\q\") = 0\n0 > [bar] . 1:1(0)\n0 f(3 = 5\n0 g($) = 3\n0 > S 0:0(0) <mss>\n";
	static const char errors[] = "1:1 option --bogus\n3:5 symbol TCP_FOO\n4:16 TCP option bar\n7:3 TCP field foo\n"
				     "9:11 icmp type what\n10:18 errno EFOO\n11:5 TCP flags Q\n12:5 string escape \\q\n"
				     "13:6 IP field bar\n14:7 syntax at '='\n15:5 token: found an unexpected character\n"
				     "16:15 form of TCP option mss\n";
	char *many = malloc(SCRIPT_CHECK_ERRORS * 24);
	size_t used = 0;

	if (!tap_ok(check_all(script, strlen(script)) == 12 && strcmp(reported, errors) == 0, "every error of a script is told"))
		printf("# %s\n", reported);
	tap_ok(check_all("// finrig: +0 a(A1) = 0\n// finrig: +0 a(A2) = 0\n", 48) == 2 && strstr(reported, "2:17 symbol A2"),
	       "also in statements that other tools are not to see: %s", one_line(reported));
	tap_ok(check_all("0 close(3) = 0\n", 15) == 0 && !*reported, "of a good script none");
	tap_ok(check_all("", 0) == 0, "of an empty one neither");
	tap_ok(check_all("0 close(3", 9) == 1 && check_all("0 `a", 4) == 1, "an error at the end is told once: %s", reported);
	for (unsigned i = 0; i < SCRIPT_CHECK_ERRORS + 5; i++)
		used += (size_t)sprintf(many + used, "0 f(NO_%u) = 0\n", i);
	tap_ok(check_all(many, used) == SCRIPT_CHECK_ERRORS, "at most %d", SCRIPT_CHECK_ERRORS);
	free(many);
}

static struct script *parse(const char *text)
{
	struct script_error error;

	return script_parse("test.pkt", text, strlen(text), &error);
}

static void test_structure(void)
{
	struct script *script = parse("--tolerance_usecs=10 --tolerance_usecs=20 --debug\n// x\n+0.25...0.5  connect(3, {sa_family =\n"
				      "    AF_INET, sin_port=htons(0x50)}, [7]) = -1\tEINPROGRESS (x)\n");
	const struct script_statement *statement = script ? script->statements : NULL;
	const struct script_expr *address, *port;
	int64_t value = 0;

	if (!tap_ok(script && script->statement_count == 1, "a script with one call"))
		return;
	tap_ok(statement->kind == SCRIPT_CALL && statement->line == 3 && statement->column == 1, "its place");
	tap_ok(strcmp(statement->source, "+0.25...0.5  connect(3, {sa_family = AF_INET, sin_port=htons(0x50)}, [7]) = "
		      "-1\tEINPROGRESS (x)") == 0,
	       "its source, on one line: %s", statement->source);
	tap_ok(statement->time.kind == SCRIPT_TIME_RELATIVE && statement->time.start_ns == 250000000 &&
	       statement->time.end_ns == 250000000 && statement->time.blocking && statement->time.blocking_end_ns == 500000000,
	       "its times");
	tap_ok(strcmp(statement->call->name, "connect") == 0 && statement->call->argument_count == 3, "its name and arguments");
	address = script_argument(statement->call, 1);
	tap_ok(script_integer(script_field(address, "sa_family"), &value) && value == 2, "a field that is a symbol");
	port = script_field(address, "sin_port");
	tap_ok(port && port->kind == SCRIPT_EXPR_CALL && script_integer(script_child(port, 0), &value) && value == 0x50,
	       "a field that is a call");
	tap_ok(!script_field(address, "sin_addr") && !script_argument(statement->call, 3) && !script_child(address, 2),
	       "what is not there is NULL");
	tap_ok(script_integer(script_argument(statement->call, 2), &value) && value == 7, "a list of one is its number");
	tap_ok(script_integer(statement->call->result, &value) && value == -1 && statement->call->errno_value == 115 &&
	       strcmp(statement->call->note, "x") == 0, "the expected result, errno and note");
	tap_ok(script_option_integer(script, "tolerance_usecs", 5) == 20 && script_option_integer(script, "mtu", 5) == 5 &&
	       strcmp(script_option(script, "debug"), "") == 0 && !script_option(script, "mtu"), "the last value of an option counts");
	script_free(script);
	script_free(NULL);
}

/* The value of the first argument of the first statement, -1000 for none. */
static int64_t first_value(const char *text, const struct script_setting *settings, unsigned count)
{
	struct script_error error;
	struct script *script = script_parse_with("test.pkt", text, strlen(text), settings, count, &error);
	int64_t value = -1000;

	if (script)
		script_integer(script_argument(script->statements->call, 0), &value);
	script_free(script);
	return value;
}

static void test_settings(void)
{
	static const struct script_setting settings[] = {
		{ "define", "A=5" }, { "define", "A=7" }, { "debug", NULL }, { "define", NULL }, { "ip_version", "ipv6" },
	};

	tap_ok(first_value("0 f(A) = 0", settings, 1) == 5, "a name defined outside the script");
	tap_ok(first_value("0 f(A) = 0", settings, 2) == 7, "the last definition counts");
	tap_ok(first_value("--define=A=9\n0 f(A) = 0", settings, 5) == 7, "the definition outside wins over the script's");
	tap_ok(first_value("0 f(AA) = 0", settings, 5) == -1000, "no name by its beginning");
	tap_ok(first_value("0 f(CMSG_LEVEL_IP) = 0", NULL, 0) == 0 && first_value("0 f(CMSG_TYPE_RECVERR) = 0", NULL, 0) == 11,
	       "the error queue's level and type of IPv4");
	tap_ok(first_value("0 f(CMSG_LEVEL_IP) = 0", settings, 5) == 41 && first_value("0 f(CMSG_TYPE_RECVERR) = 0", settings, 5) == 25,
	       "the same of IPv6, by the job's --ip_version");
	tap_ok(first_value("--ip_version=ipv4-mapped-ipv6\n0 f(CMSG_LEVEL_IP) = 0", NULL, 0) == 41 &&
	       first_value("--ip_version=ipv6\n-D CMSG_LEVEL_IP=SOL_IP\n0 f(CMSG_LEVEL_IP) = 0", NULL, 0) == 0,
	       "the same by the script's, and a script's own definition");
}

static void test_symbols(void)
{
	static const struct { const char *name; int64_t value; } known[] = {
		{ "SOL_SOCKET", 1 }, { "SO_REUSEADDR", 2 }, { "IPPROTO_TCP", 6 }, { "TCP_NODELAY", 1 }, { "O_NONBLOCK", 04000 },
		{ "F_SETFL", 4 }, { "SHUT_WR", 1 }, { "EAGAIN", 11 }, { "EWOULDBLOCK", 11 }, { "EPOLLET", 0x80000000 },
		{ "MSG_ZEROCOPY", 0x4000000 }, { "TCP_AO_REPAIR", 42 }, { "NULL", 0 },
	};
	const char *name, *other;
	int64_t value, again;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		tap_ok(symbol_value(known[i].name, strlen(known[i].name), &value) && value == known[i].value, "%s", known[i].name);
	tap_ok(!symbol_value("SO_", 3, &value) && !symbol_value("", 0, &value) && !symbol_value("SO_REUSEADDRX", 13, &value),
	       "no symbol by its beginning");
	tap_ok(errno_value("EPIPE", 5) == 32 && errno_value("SO_TYPE", 7) == 0, "errno_value");
	tap_ok(strcmp(errno_name(11), "EAGAIN") == 0 && strcmp(errno_name(95), "EOPNOTSUPP") == 0 && !errno_name(0) && !errno_name(4711),
	       "errno_name");
	for (unsigned i = 0; symbol_at(i, &name, &value); i++) {
		if (!symbol_value(name, strlen(name), &again) || again != value)
			tap_ok(false, "%s stands twice with different values", name);
		for (unsigned k = i + 1; symbol_at(k, &other, &again); k++)
			if (strcmp(name, other) == 0)
				tap_ok(false, "%s stands twice", name);
	}
}

/* The article's scripts, out of the article: from the n-th line `0.000 socket(` to the line `last`. */
static void test_seed(const char *article, unsigned n, const char *last, unsigned statements)
{
	const char *begin = article, *end;
	struct script_error error = { 0 };
	struct script *script;

	for (unsigned i = 0; begin && i < n; i++)
		begin = strstr(begin + 1, "0.000 socket(");
	end = begin ? strstr(begin, last) : NULL;
	if (!tap_ok(end != NULL, "script %u is in the article", n))
		return;
	script = script_parse("article", begin, (size_t)(end - begin) + strlen(last), &error);
	if (!tap_ok(script && script->statement_count == statements, "script %u of the article parses as it is", n))
		printf("# %u:%u: %s\n", error.line, error.column, error.message);
	script_free(script);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (file && fread(text, 1, (1 << 20) - 1, file) == 0)
		*text = '\0';
	if (file)
		fclose(file);
	return text;
}

static void test_seeds(void)
{
	const char *folder = getenv("SEEDS") ? getenv("SEEDS") : "../shared/seeds";
	char command[512], path[512] = "", *article;
	FILE *names;

	snprintf(command, sizeof(command), "grep -l '^0.000 socket(' '%s'/*.txt 2>/dev/null", folder);
	names = popen(command, "r");
	if (!names || !fgets(path, sizeof(path), names)) {
		tap_skip("the article's scripts", "no seeds folder");
	} else {
		path[strcspn(path, "\n")] = '\0';
		article = read_file(path);
		test_seed(article, 1, "10000.000 close(4) = 0", 13);
		test_seed(article, 2, "2000.000 close(4) = 0", 10);
		free(article);
	}
	if (names)
		pclose(names);
}

int main(void)
{
	test_good();
	test_bad();
	test_hostile();
	test_check();
	test_structure();
	test_settings();
	test_symbols();
	test_seeds();
	return tap_done();
}
