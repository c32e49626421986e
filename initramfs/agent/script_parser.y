/* SPDX-License-Identifier: GPL-2.0-or-later
 * grammar - of the packetdrill language: recognises alone; script_build.c and its neighbours make and check
 */
%define api.pure full
%define api.prefix {script_yy}
%define api.location.type {struct script_location}
%define parse.error custom
%define parse.lac full
%locations
%param {void *scanner}
%parse-param {struct script_reader *reader}

%code requires {
#include "script_reader.h"
}

%code {
#include <string.h>

#include "script_syntax.h"

#define YYMAXDEPTH 2000 /* bounds how deep lists may nest, so that recursion over the tree is bounded too */
#define CHECK(done) do { if (!(done)) YYABORT; } while (0)
#define YYLLOC_DEFAULT(whole, parts, count) do { \
	if (count) { \
		(whole) = YYRHSLOC(parts, 1); \
		(whole).end = YYRHSLOC(parts, count).end; \
	} else { \
		(whole) = YYRHSLOC(parts, 0); \
		(whole).start = (whole).end; \
	} \
} while (0)

int script_yylex(SCRIPT_YYSTYPE *value, struct script_location *location, void *scanner);
static void script_yyerror(struct script_location *location, void *scanner, struct script_reader *reader, const char *message);
}

%union {
	struct script_token token;
	struct script_number number;
	struct script_range range;
	struct script_operand operand;
	int64_t time_ns;
	int64_t integer;
	bool truth;
	enum packet_direction direction;
	struct script_expr *expr;
	struct script_list list;
}

%token <number> INTEGER "a number"
%token <time_ns> DECIMAL "a time"
%token <range> RANGE "sequence numbers"
%token <token> WORD "a name"
%token <token> NUMBERED "'mtu', 'id', 'type' or 'code'"
%token <token> FLAGS "TCP flags"
%token <token> STRING "a string"
%token <token> COMMAND "a command in '`'"
%token <token> CODE "code in '%{ }%'"
%token <token> OPTION "an option"
%token <token> ERRNO "an errno"
%token <token> NOTE "a note in '( )'"
%token <token> HEXTEXT "hex digits"
%token <token> IP_ADDRESS "an IP address"
%token <token> OWN "a statement of finrig's"
%token ELLIPSIS "'...'"
%token <token> UDP "'udp'" ICMP "'icmp'" ICMPV6 "'icmpv6'" IPV4 "'ipv4'" IPV6 "'ipv6'" GRE "'gre'" MPLS "'mpls'"

%type <token> word flags
%type <time_ns> moment
%type <direction> direction
%type <integer> opt_length length
%type <truth> opt_bottom
%type <operand> operand
%type <expr> expr symbols symbol result member
%type <list> arguments exprs members

%%

script: options items ;

options: %empty | options OPTION { CHECK(script_add_option(reader, $2, &@2)); } ;

items: %empty | items item ;
item: time action   { CHECK(script_add_statement(reader, &@$)); }
    | COMMAND       { CHECK(script_add_untimed(reader, $1, &@1)); }
    ;

time: moment                         { CHECK(script_time(reader, SCRIPT_TIME_ABSOLUTE, $1, $1, &@$)); }
    | '+' moment                     { CHECK(script_time(reader, SCRIPT_TIME_RELATIVE, $2, $2, &@$)); }
    | '*'                            { CHECK(script_time(reader, SCRIPT_TIME_ANY, 0, 0, &@$)); }
    | moment '~' moment              { CHECK(script_time(reader, SCRIPT_TIME_ABSOLUTE_RANGE, $1, $3, &@$)); }
    | '+' moment '~' '+' moment      { CHECK(script_time(reader, SCRIPT_TIME_RELATIVE_RANGE, $2, $5, &@$)); }
    ;
moment: DECIMAL
    | INTEGER { CHECK(script_time_integer(reader, $1, &$$, &@1)); }
    ;

action: packet { CHECK(script_packet_end(reader, &@1)); }
    | opt_blocking call
    | COMMAND { script_draft_text(reader, SCRIPT_COMMAND, $1); }
    | CODE    { script_draft_text(reader, SCRIPT_CODE, $1); }
    | OWN     { CHECK(script_draft_own(reader, $1)); }
    ;

/* Calls */

opt_blocking: %empty | ELLIPSIS moment { CHECK(script_blocking(reader, $2, &@$)); } ;
call: word '(' arguments ')' '=' result { CHECK(script_draft_call(reader, $1, $3, $6, &@1)); } opt_errno opt_note ;
result: expr
    | '*' { $$ = script_expr_new(reader, SCRIPT_EXPR_ELLIPSIS, &@1); }
    ;
opt_errno: %empty | ERRNO { CHECK(script_draft_errno(reader, $1, &@1)); } ;
opt_note: %empty | NOTE { script_draft_note(reader, $1); } ;

word: WORD | NUMBERED | UDP | ICMP | ICMPV6 | IPV4 | IPV6 | GRE | MPLS ;

arguments: %empty { $$ = (struct script_list){ 0 }; } | exprs ;
exprs: expr           { $$ = script_list_add((struct script_list){ 0 }, $1); }
    | exprs ',' expr  { $$ = script_list_add($1, $3); }
    ;
expr: ELLIPSIS              { $$ = script_expr_new(reader, SCRIPT_EXPR_ELLIPSIS, &@1); }
    | '-' INTEGER           { $2.value = (int64_t)(0 - (uint64_t)$2.value); $$ = script_expr_integer(reader, $2, &@$); }
    | symbols
    | STRING                { CHECK($$ = script_expr_string(reader, $1, false, &@1)); }
    | STRING ELLIPSIS       { CHECK($$ = script_expr_string(reader, $1, true, &@1)); }
    | '[' arguments ']'     { $$ = script_expr_parent(reader, SCRIPT_EXPR_LIST, $2, &@$); }
    | '{' '}'               { $$ = script_expr_parent(reader, SCRIPT_EXPR_STRUCT, (struct script_list){ 0 }, &@$); }
    | '{' members '}'       { $$ = script_expr_parent(reader, SCRIPT_EXPR_STRUCT, $2, &@$); }
    | word '(' arguments ')' { $$ = script_expr_named(reader, SCRIPT_EXPR_CALL, $1, $3, &@$); }
    ;
symbols: symbol
    | symbols '|' symbol    { $$ = script_expr_or(reader, $1, $3, &@$); }
    ;
symbol: INTEGER             { $$ = script_expr_integer(reader, $1, &@1); }
    | word                  { CHECK($$ = script_expr_symbol(reader, $1, &@1)); }
    ;
members: member             { $$ = script_list_add((struct script_list){ 0 }, $1); }
    | members ',' member    { $$ = script_list_add($1, $3); }
    ;
member: expr
    | word '=' expr         {
		$$ = script_expr_named(reader, SCRIPT_EXPR_FIELD, $1, script_list_add((struct script_list){ 0 }, $3), &@$);
	}
    | word '(' arguments ')' '=' expr {
		$$ = script_expr_named(reader, SCRIPT_EXPR_FIELD, $1, script_list_add((struct script_list){ 0 }, $6), &@$);
		$$->argument = $3.first;
	}
    ;

/* Packets */

packet: direction { script_packet_begin(reader, $1); } outers opt_ip transport ;
direction: '<' { $$ = PACKET_IN; } | '>' { $$ = PACKET_OUT; } ;

outers: %empty | outers outer ':' ;
outer: IPV4 IP_ADDRESS '>' IP_ADDRESS { CHECK(script_outer_ip(reader, PACKET_OUTER_IPV4, $2, $4, &@$)); }
    | IPV6 IP_ADDRESS '>' IP_ADDRESS  { CHECK(script_outer_ip(reader, PACKET_OUTER_IPV6, $2, $4, &@$)); }
    | GRE                             { CHECK(script_outer(reader, PACKET_OUTER_GRE, &@$)); } opt_gre_flags gre_fields
    | MPLS                            { CHECK(script_outer(reader, PACKET_OUTER_MPLS, &@$)); } labels
    ;
opt_gre_flags: %empty | WORD '[' gre_flags ']' { CHECK(script_outer_gre_flags(reader, $1, &@$)); } ;
gre_flags: gre_flag | gre_flags ',' gre_flag ;
gre_flag: WORD  { CHECK(script_outer_gre_flag(reader, $1, &@1)); }
    | WORD WORD { CHECK(script_outer_gre_flag(reader, $1, &@1) && script_outer_gre_present(reader, $2, &@2)); }
    ;
gre_fields: %empty
    | gre_fields ',' WORD opt_equals INTEGER { CHECK(script_outer_gre_field(reader, $3, $5.value, &@3)); }
    ;
opt_equals: %empty | '=' ;
labels: label | labels label ;
label: '(' WORD INTEGER ',' WORD INTEGER ',' opt_bottom WORD INTEGER ')' {
		CHECK(script_label_words(reader, $2, $5, $9, &@$));
		CHECK(script_outer_label(reader, $3.value, $6.value, $8, $10.value, &@$));
	}
    ;
opt_bottom: %empty { $$ = false; }
    | '[' WORD ']' opt_comma { $$ = script_token_is($2, "S"); }
    ;
opt_comma: %empty | ',' ;

opt_ip: %empty | '[' ip_parts ']' | '(' ip_parts ')' ;
ip_parts: ip_part | ip_parts ',' ip_part ;
ip_part: WORD         { CHECK(script_packet_ip(reader, $1, NULL, &@1)); }
    | WORD INTEGER    { CHECK(script_packet_ip(reader, $1, &$2.value, &@$)); }
    ;

transport: opt_ports tcp | opt_ports UDP length { CHECK(script_packet_udp(reader, $3, &@3)); } | icmp ;
opt_ports: %empty
    | INTEGER '>' INTEGER { CHECK(script_packet_ports(reader, $1.value, $3.value, &@$)); }
    ;
length: '(' INTEGER ')' { $$ = $2.value; } ;
opt_length: %empty { $$ = -1; } | length ;

tcp: flags { CHECK(script_packet_flags(reader, $1, &@1)); } opt_seq fields opt_tcp_options ;
flags: FLAGS | WORD | DECIMAL { $$ = script_source(reader, &@1); /* `.5`, ACK and a number of CE marks */ }
    | '-' { $$ = (struct script_token){ "-", 1 }; } ;
opt_seq: %empty | RANGE opt_length { CHECK(script_packet_seq(reader, $1, $2, &@$)); } ;
fields: %empty
    | fields WORD INTEGER { CHECK(script_packet_field(reader, $2, $3.value, &@2)); }
    ;
opt_tcp_options: %empty
    | '<' '>'
    | '<' ELLIPSIS '>' { reader->packet.given &= (uint16_t)~PACKET_GIVEN_OPTIONS; }
    | '<' tcp_options '>'
    ;
tcp_options: tcp_option | tcp_options ',' tcp_option ;
tcp_option: WORD { reader->operand_count = 0; } operands { CHECK(script_tcp_option(reader, $1, &@1)); } ;
operands: %empty | operands operand { $2.at = @2; CHECK(script_operand(reader, $2)); } ;
operand: INTEGER  { $$ = (struct script_operand){ .kind = OPERAND_INTEGER, .value = $1.value, .word = $1.token }; }
    | RANGE       { $$ = (struct script_operand){ .kind = OPERAND_RANGE, .value = $1.start, .end = $1.end }; }
    | WORD        { $$ = (struct script_operand){ .kind = OPERAND_WORD, .word = $1 }; }
    | HEXTEXT     { $$ = (struct script_operand){ .kind = OPERAND_WORD, .word = $1 }; }
    ;

icmp: ICMP { reader->operand_count = 0; } icmp_words { CHECK(script_packet_icmp(reader, PACKET_ICMP, &@1)); } icmp_rest
    | ICMPV6 { reader->operand_count = 0; } icmp_words { CHECK(script_packet_icmp(reader, PACKET_ICMPV6, &@1)); } icmp_rest
    ;
icmp_words: icmp_word | icmp_words icmp_word ;
icmp_word: WORD       { CHECK(script_operand_word(reader, $1, &@1)); }
    | NUMBERED INTEGER {
		CHECK(script_operand_word(reader, $1, &@1));
		CHECK(script_operand(reader, (struct script_operand){ OPERAND_INTEGER, $2.value, 0, $2.token, @2 }));
	}
    ;
icmp_rest: %empty
    | length { CHECK(script_packet_icmp_payload(reader, $1, &@1)); }
    | '[' RANGE opt_length ']'   { CHECK(script_packet_echoed(reader, &$2, $3, &@$)); }
    | '[' UDP length ']'         { CHECK(script_packet_echoed(reader, NULL, $3, &@$)); }
    ;

%%

/* Called for what parse.error custom does not cover: the parser's own stack. */
static void script_yyerror(struct script_location *location, void *scanner, struct script_reader *reader, const char *message)
{
	(void)scanner;
	script_fail(reader, location, "%s", strcmp(message, "memory exhausted") == 0 ? "nested too deeply" : message);
}

static int yyreport_syntax_error(const yypcontext_t *context, void *scanner, struct script_reader *reader)
{
	enum { EXPECTED_MAX = 64 };
	yysymbol_kind_t kinds[EXPECTED_MAX];
	struct script_expected expected = { .found_end = yypcontext_token(context) == YYSYMBOL_YYEOF };
	int count = yypcontext_expected_tokens(context, kinds, EXPECTED_MAX);

	(void)scanner;
	for (int i = 0; i < count; i++)
		script_expect(&expected, yysymbol_name(kinds[i]));
	script_syntax_error(reader, &expected, yypcontext_location(context));
	return 0;
}
