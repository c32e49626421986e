/* SPDX-License-Identifier: GPL-2.0-or-later
 * lexical - what the lexer's actions do; included by script_lexer.l alone
 */
#ifndef FINRIG_SCRIPT_LEXICAL_H
#define FINRIG_SCRIPT_LEXICAL_H

/* Not a token of the grammar: a WORD after which hex digits stand. */
enum { COOKIE_NAME = 1000 };

/* The token just matched stands in the next bytes of the text: notes its place and goes on behind it. */
void lexical_place(struct script_reader *reader, size_t bytes, struct script_location *location);
/* Takes that many more bytes into the token. Returns bytes. */
size_t lexical_extend(struct script_reader *reader, size_t bytes, struct script_location *location);
/* The place of the end of the script: behind its last token. */
void lexical_end(struct script_reader *reader, struct script_location *location);
/* The token just matched is to be read again. */
void lexical_back(struct script_reader *reader);

struct script_token lexical_token(const struct script_reader *reader, size_t cut_front, size_t cut_back);
/* Every token goes through here: keeps what later tokens are judged by. Returns token. */
int lexical_give(struct script_reader *reader, int token);
/* Sets the error to `what`, with the token in quotes when that is unexpected. Returns the token that makes the parser stop. */
int lexical_wrong(struct script_reader *reader, const char *what);
int lexical_integer(struct script_reader *reader, struct script_number *number);
int lexical_time(struct script_reader *reader, int64_t *time_ns);
int lexical_range(struct script_reader *reader, struct script_range *range);
/* WORD, ERRNO behind a call's result on its line, a keyword, OWN, COOKIE_NAME, or INTEGER or STRING for a name of --define. */
int lexical_word(struct script_reader *reader, SCRIPT_YYSTYPE *value);
int lexical_cookie(struct script_reader *reader, struct script_token *token);

/* Is the comment just read a statement of finrig's that other tools are not to see, `// finrig: +0 drain never`? The bytes up
 * to the statement; 0: it is a comment. */
size_t lexical_own_comment(const struct script_reader *reader);

/* Bytes from here to the end of the line or a comment, blanks before it left out. */
size_t lexical_rest_of_line(const struct script_reader *reader);
/* Is the ( just read the begin of a note behind a call's result? Its bytes from here, the ) included. */
bool lexical_note_follows(const struct script_reader *reader);
size_t lexical_note_bytes(const struct script_reader *reader);

#endif
