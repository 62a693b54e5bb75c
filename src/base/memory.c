#include "base/memory.h"

#include "base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pw_code no_memory(int64_t count, size_t size)
{
    return pw_fail(PW_ERROR_MEMORY,
                   "out of memory: no room for %" PRId64 " elements of %zu bytes. Use more nodes, "
                   "or ask for more memory per task.",
                   count, size);
}

void *pw_new(int64_t count, size_t size)
{
    void *memory = NULL;
    if (count >= 0 && (uint64_t)count <= PTRDIFF_MAX / size && !pw_fault(PW_FAULT_MEMORY))
        memory = calloc((size_t)count + 1, size);
    if (!memory)
        no_memory(count, size);
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

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What a control group and those above it leave: limit minus use. `limit` and `use` are file names. */
static int64_t group_available(const char *mount, const char *group, const char *limit,
                               const char *use)
{
    int64_t available = INT64_MAX;
    char path[4096], below[2048];
    snprintf(below, sizeof below, "%s", group);
    for (;;) {
        snprintf(path, sizeof path, "%s%s/%s", mount, below, limit);
        const int64_t most = number_in_file(path, "");
        snprintf(path, sizeof path, "%s%s/%s", mount, below, use);
        const int64_t used = number_in_file(path, "");
        if (most < INT64_MAX && used < INT64_MAX)
            available = smaller(available, most > used ? most - used : 0);
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
            available = smaller(available, group_available("/sys/fs/cgroup", line + 3, "memory.max",
                                                           "memory.current"));
        else if (memory)
            available = smaller(available,
                                group_available("/sys/fs/cgroup/memory", memory + 8,
                                                "memory.limit_in_bytes", "memory.usage_in_bytes"));
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
