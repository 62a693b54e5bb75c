/* Lines of a text file that stand for items, in their order: lists of names, of words, of classes. */
#ifndef PW_READ_NUMBERED_H
#define PW_READ_NUMBERED_H

#include "read/text.h"

typedef struct pw_numbering {
    int64_t *
        index; /* of each of this rank's items among all of the file, ascending; owned: free() it */
    int64_t capacity;
    int64_t total; /* over all ranks */
} pw_numbering;

/* Collective over team. Reads a file by blocks: `read` adds the items of a block to its list, and *count is how many that has. */
pw_code pw_numbered_read(pw_team *team, const char *path,
                         pw_code (*read)(void *context, pw_text_block *block), void *context,
                         const int64_t *count, pw_numbering *numbering);

#endif
