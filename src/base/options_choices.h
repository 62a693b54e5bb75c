/* The choices of the options, in the order of their enumerations; for the table of options only. */
#ifndef PW_BASE_OPTIONS_CHOICES_H
#define PW_BASE_OPTIONS_CHOICES_H

#include "base/methods.h"
#include "base/type.h"

#include <stddef.h>

#define METHOD_NAME(name, text_name, ...) text_name,
#define METHOD_HELP(name, text_name, frobenius, missing, kl, beta, traits, copies, text)           \
    " " text_name ": " text "."
static const char *const METHODS[] = {"auto", PW_METHODS(METHOD_NAME) NULL};
static const char *const LOSSES[] = {"frobenius", "kl", "is", "beta", NULL};
static const char *const ORTHOGONALS[] = {"no", "h", "w", NULL};
static const char *const AFFINITIES[] = {"plain", "normalised", NULL};
static const char *const WEIGHTS[] = {"none",      "tfidf",     "log1p", "row-l1",
                                      "column-l1", "column-l2", NULL};
static const char *const NORMS[] = {"none", "l1", "l2", "max", NULL};
static const char *const FACTORS[] = {"w", "h", NULL};
static const char *const PRECISIONS[] = {"auto", "single", "double", NULL};
static const char *const SIDES[] = {"auto", "rows", "columns", NULL};
static const char *const H_UPDATES[] = {"auto", "replicated", "sharded", NULL};
static const char *const OF[] = {"auto", "w", "h", NULL};
static const char *const MISSING[] = {"none", "zero", "nan", NULL};
static const char *const PRESENCE[] = {"auto", "yes", "no", NULL};
static const char *const INITS[] = {"random", "spa", "nndsvd", "nndsvda", "nndsvdar", NULL};
static const char *const PARTS[] = {"rows", "columns", NULL};
static const char *const ITEMS[] = {"columns", "rows", "none", NULL};
static const char *const CLUSTER_BY[] = {"kmeans",   "nmf",       "symnmf", "kernel-kmeans",
                                         "spectral", "bicluster", NULL};
static const char *const GRAPHS[] = {"given", "neighbours", "gaussian", NULL};
static const char *const SOLVERS[] = {"auto", "krylov", "dense", NULL};
static const char *const CLUSTER_LOSSES[] = {"frobenius", "kl", NULL};
static const char *const KINDS[] = {"swimmer",    "lowrank", "sparse",        "mixture",
                                    "biclusters", "sbm",     "hyperspectral", NULL};
#define TYPE_TEXT(name, c_type, text) text,
static const char *const TYPES[] = {PW_TYPES(TYPE_TEXT) "auto", NULL};

#endif
