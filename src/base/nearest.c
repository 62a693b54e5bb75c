/* Edit distance with two rows of memory to look back on, and the search for the nearest name. */
#include "base/nearest.h"

#include <string.h>

enum { LONGEST = 63, SHORTEST_PART = 3 };

static int length_of(const char *text)
{
    return (int)strnlen(text, LONGEST);
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

int pw_edit_distance(const char *a, const char *b)
{
    const int m = length_of(a), n = length_of(b);
    int rows[3][LONGEST + 1]; /* row i is about the first i letters of a */
    for (int j = 0; j <= n; j++)
        rows[0][j] = j;
    for (int i = 1; i <= m; i++) {
        const int *two_before = rows[(i + 1) % 3], *before = rows[(i + 2) % 3];
        int *row = rows[i % 3];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            row[j] = before[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(row[j], smaller(before[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], two_before[j - 2] + 1);
        }
    }
    return rows[m % 3][n];
}

void pw_nearest_offer(pw_nearest *nearest, const char *name)
{
    const int length = length_of(nearest->word);
    int distance = pw_edit_distance(nearest->word, name);
    if (length >= SHORTEST_PART && strstr(name, nearest->word))
        distance = smaller(distance, 1);
    const int most = length > 1 ? (length + 1) / 2 : 0;
    if (distance > most || (nearest->name && distance >= nearest->distance))
        return;
    nearest->name = name;
    nearest->distance = distance;
}
