/* Matches as people and programs read them. */
#ifndef PW_COMMAND_MATCH_TABLE_H
#define PW_COMMAND_MATCH_TABLE_H

#include "select/match.h"

/* What the tables are made of; borrows both. */
typedef struct pw_match_table {
    const pw_match *match;
    pw_names names; /* of the profiles, all of them, on rank 0; no names: they are numbered */
} pw_match_table;

/* Collective over team. Gathers the names of the profiles of `reference`. Destroy the table. */
pw_code pw_match_table_create(pw_team *team, const pw_match *match, const pw_matrix *reference,
                              pw_match_table *table);

/* Local. NULL-safe. */
void pw_match_table_destroy(pw_match_table *table);

/* Local, on rank 0. component, cosine, reference on standard output, then mean and minimum. */
pw_code pw_match_table_print(const pw_match_table *table);

/* Collective over team. A CSV file: component, reference, cosine, then the cosine with each profile. Complete or not at
 * all. */
pw_code pw_match_table_write(pw_team *team, const pw_match_table *table, const char *path);

#endif
