/* What the components of a factor measure: its columns, of which each rank has some rows. */
#ifndef PW_SELECT_COLUMNS_H
#define PW_SELECT_COLUMNS_H

#include "matrix/factors.h"

/* Entries are divided by the largest of their column before they are summed up, so that no square leaves the range of
 * a double. All is 0 for a column that is zero everywhere. */
typedef struct pw_column_measure {
    double top;     /* the largest entry */
    double sum;     /* Σ x / top */
    double squares; /* Σ (x / top)² */
} pw_column_measure;

/* Collective over team. Measures the k columns of a factor ≥ 0, the same on every rank. Errors: PW_ERROR_MEMORY. */
pw_code pw_columns_measure(pw_team *team, const pw_factor_part *part, int k,
                           pw_column_measure *measure);

/* Local. x / top, 0 where top is. */
static inline double pw_column_share(const pw_column_measure *measure, double x)
{
    return measure->top > 0 ? x / measure->top : 0;
}

#endif
