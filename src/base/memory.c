#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include "base/fault.h"
#include "base/smaller.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGE = 1 << 22 }; /* bytes: two of the large pages of x86-64 */

static pw_code no_memory(int64_t count, size_t size)
{
    return pw_fail(PW_ERROR_MEMORY,
                   "out of memory: no room for %" PRId64 " elements of %zu bytes. Use more nodes, "
                   "or ask for more memory per task.",
                   count, size);
}

/* Where the system has large pages for those who ask (Linux, transparent_hugepage/enabled: madvise): rows of H and of P are
 * taken in any order, each on a page of its own. Where it has none the advice is void. */
static void ask_for_large_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    if (!memory || bytes < LARGE)
        return;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)memory;
    const uintptr_t from = (begin + page - 1) / page * page, to = (begin + bytes) / page * page;
    madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

void *pw_new(int64_t count, size_t size)
{
    void *memory = NULL;
    if (count >= 0 && (uint64_t)count <= PTRDIFF_MAX / size && !pw_fault(PW_FAULT_MEMORY))
        memory = calloc((size_t)count + 1, size);
    if (!memory)
        no_memory(count, size);
    ask_for_large_pages(memory, (size_t)count * size);
    return memory;
}

pw_code pw_grow(void **array, int64_t *capacity, int64_t needed, size_t size)
{
    if (needed <= *capacity)
        return PW_OK;
    int64_t wanted = *capacity > INT64_MAX / 2 ? needed : 2 * *capacity;
    if (wanted < needed)
        wanted = needed;
    void *larger = NULL;
    if ((uint64_t)wanted <= PTRDIFF_MAX / size && !pw_fault(PW_FAULT_MEMORY))
        larger = realloc(*array, (size_t)wanted * size);
    if (!larger)
        return no_memory(wanted, size);
    ask_for_large_pages(larger, (size_t)wanted * size);
    *array = larger;
    *capacity = wanted;
    return PW_OK;
}

/* The number in the first line of a file that starts with `prefix`; INT64_MAX where there is none. */
static int64_t number_in_file(const char *path, const char *prefix)
{
    int64_t number = INT64_MAX;
    char line[256];
    FILE *file = fopen(path, "r");
    if (!file)
        return number;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, prefix, strlen(prefix)) == 0 &&
            sscanf(line + strlen(prefix), "%" SCNd64, &number) == 1)
            break;
    fclose(file);
    return number;
}

/* The names that the two versions of control groups have for the same files. */
typedef struct group_files {
    const char *mount, *limit, *use;
    const char *cache; /* line of memory.stat: file contents kept in memory, which give way */
} group_files;

static const group_files VERSION_1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                      "memory.usage_in_bytes", "total_inactive_file "},
                         VERSION_2 = {"/sys/fs/cgroup", "memory.max", "memory.current",
                                      "inactive_file "};

static int64_t number_of_group(const group_files *files, const char *group, const char *file,
                               const char *prefix)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s/%s", files->mount, group, file);
    return number_in_file(path, prefix);
}

/* What a control group and those above it leave: limit minus use, where cached files count as free. */
static int64_t group_available(const group_files *files, const char *group)
{
    int64_t available = INT64_MAX;
    char below[2048];
    snprintf(below, sizeof below, "%s", group);
    for (;;) {
        const int64_t most = number_of_group(files, below, files->limit, "");
        const int64_t used = number_of_group(files, below, files->use, "");
        const int64_t cache = number_of_group(files, below, "memory.stat", files->cache);
        const int64_t needed = cache < used ? used - cache : used;
        if (most < INT64_MAX && used < INT64_MAX)
            available = pw_smaller(available, most > needed ? most - needed : 0);
        char *slash = strrchr(below, '/');
        if (!slash)
            return available;
        *slash = '\0';
    }
}

int64_t pw_memory_available(void)
{
    int64_t available = number_in_file("/proc/meminfo", "MemAvailable:");
    if (available < INT64_MAX)
        available *= 1024;
    else
        available = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    char line[2048];
    FILE *groups = fopen("/proc/self/cgroup", "r");
    while (groups && fgets(line, sizeof line, groups)) {
        line[strcspn(line, "\n")] = '\0';
        const char *memory = strstr(line, ":memory:");
        if (strncmp(line, "0::", 3) == 0)
            available = pw_smaller(available, group_available(&VERSION_2, line + 3));
        else if (memory)
            available = pw_smaller(available, group_available(&VERSION_1, memory + 8));
    }
    if (groups)
        fclose(groups);
    return available;
}

char *pw_memory_text(int64_t bytes, char text[static 24])
{
    static const char *const UNITS[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double amount = (double)bytes;
    int unit = 0;
    while (amount >= 1024 && unit < 6) {
        amount /= 1024;
        unit++;
    }
    snprintf(text, 24, unit ? "%.1f %s" : "%.0f %s", amount, UNITS[unit]);
    return text;
}
