/* Formats are told apart by the first bytes, never by the file's name. */
#include "read/format.h"

#include "base/file.h"
#include "base/memory.h"
#include "store/reader.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

enum { HEAD_LENGTH = 4096 };

/* Up to HEAD_LENGTH bytes of the file's content, behind them a NUL. */
typedef struct file_head {
    bool gzip;
    int length;
    char bytes[HEAD_LENGTH + 1];
} file_head;

static pw_code read_head(const char *path, file_head *head)
{
    int plain;
    *head = (file_head){.length = 0};
    const pw_code code = pw_file_open(path, &plain);
    if (code != PW_OK)
        return code;
    const gzFile file = gzdopen(plain, "rb");
    if (!file) {
        close(plain);
        return pw_fail(PW_ERROR_MEMORY, "%s: no memory to open it.", path);
    }
    head->length = gzread(file, head->bytes, HEAD_LENGTH);
    head->gzip = gzdirect(file) == 0;
    gzclose(file);
    if (head->length < 0)
        return pw_fail(PW_ERROR_INPUT, "%s: cannot be read. Is the file complete?", path);
    if (head->length == 0)
        return pw_fail(PW_ERROR_INPUT, "%s: the file is empty.", path);
    return PW_OK;
}

/* How many whole numbers a line consists of; -1 where there is anything else. `*next` is the next
 * line. */
static int numbers_in_line(const char *line, const char **next)
{
    int numbers = 0;
    while (*line && *line != '\n') {
        if (isdigit((unsigned char)*line)) {
            numbers++;
            while (isdigit((unsigned char)*line))
                line++;
        } else if (*line == ' ' || *line == '\t' || *line == '\r')
            line++;
        else {
            numbers = -1;
            line += strcspn(line, "\n");
        }
        if (numbers < 0)
            break;
    }
    *next = *line ? line + 1 : line;
    return numbers;
}

/* Three lines of one whole number each, then lines of three; none of them where the third number
 * is 0. */
static bool is_docword(const char *text)
{
    const char *line = text, *third = line;
    for (int i = 0; i < 3; i++) {
        third = line;
        if (numbers_in_line(line, &line) != 1)
            return false;
    }
    return *line ? numbers_in_line(line, &line) == 3 : strspn(third, " \t0") > strspn(third, " \t");
}

/* Formats that partwise does not read, by how they begin. */
static const struct foreign {
    const char *begins, *what;
} FOREIGN[] = {
    {"\x93NUMPY", "a NumPy array. Store it as HDF5 (h5py) first"},
    {"PK\x03\x04", "a zip archive (npz, xlsx). Store the matrix in it as HDF5 or text first"},
    {"MATLAB 5.0", "a MATLAB file of version 5. Convert it with scripts/convert.py first"},
    {"BZh", "compressed by bzip2. Unpack it first; gzip is read as it is"},
    {"\xFD"
     "7zXZ",
     "compressed by xz. Unpack it first; gzip is read as it is"},
    {"\x28\xB5\x2F\xFD", "compressed by zstd. Unpack it first; gzip is read as it is"},
};

static pw_code refuse_foreign(const char *path, const file_head *head)
{
    for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++)
        if (strncmp(head->bytes, FOREIGN[i].begins, strlen(FOREIGN[i].begins)) == 0)
            return pw_fail(PW_ERROR_INPUT, "%s: this is %s.", path, FOREIGN[i].what);
    if (head->gzip && memcmp(head->bytes, "\x89HDF", 4) == 0)
        return pw_fail(PW_ERROR_INPUT, "%s: this is a gzipped HDF5 file. Unpack it first.", path);
    if (memchr(head->bytes, '\0', (size_t)head->length))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: this is neither HDF5 nor text. Is the file damaged, or of another "
                       "format?",
                       path);
    return PW_OK;
}

pw_code pw_format_of(const char *path, pw_format *format)
{
    file_head *head = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(head, 1));
    PW_TRY(read_head(path, head));
    if (!head->gzip && pw_reader_recognises(path)) {
        *format = PW_FORMAT_HDF5;
        goto done;
    }
    PW_TRY(refuse_foreign(path, head));
    const char *text = head->bytes + (strncmp(head->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    if (strncasecmp(text, "%%MatrixMarket", 14) == 0)
        *format = PW_FORMAT_MATRIX_MARKET;
    else
        *format = is_docword(text) ? PW_FORMAT_DOCWORD : PW_FORMAT_TABLE;
done:
    free(head);
    return code;
}
