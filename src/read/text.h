/* A text file as blocks of whole lines, dealt to the ranks in turn: block b of the file goes to
 * rank b mod size, so that the blocks of one round, taken in the order of ranks, follow each other
 * in the file. Plain files are read by every rank where its blocks are; a gzip file is unpacked by
 * rank 0, which holds a block at a time and sends it on. */
#ifndef PW_READ_TEXT_H
#define PW_READ_TEXT_H

#include "dist/team.h"
#include "read/stream.h"

typedef struct pw_text pw_text;

/* Collective over team. Opens a file; `block_size` in bytes, 0: chosen from the size of the file
 * and the ranks. PW_ERROR_INPUT where it cannot be opened or is empty. Close it. */
pw_code pw_text_open(pw_team *team, const char *path, int64_t block_size, pw_text **text);

/* Collective over team. This rank's block of the next round, perhaps without lines; `*more` is
 * false, and there is no block, when the file is at its end. The block stays valid until the next
 * call. All ranks must have agreed on what became of the last block. PW_ERROR_INPUT when the file
 * cannot be read. */
pw_code pw_text_next(pw_text *text, pw_text_block *block, bool *more);

/* Local, the same on every rank. About which part of the file, from 0 to 1, the rounds so far have
 * covered. */
double pw_text_share(const pw_text *text);

/* Local. NULL-safe. */
void pw_text_close(pw_text **text);

#endif
