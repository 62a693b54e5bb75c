/* THE TABLE. To add an option: a field in pw_options (options.h) and a row here. Nothing else:
 * the command line, environment, .ini files, --help, man page, checks of range and record in
 * results follow. */
#include "base/options_choices.h"
#include "base/options_rows.h"
#include "base/options_table.h"

#include <math.h>

const pw_option_section PW_OPTION_SECTIONS[] = {
    {"files", "Files"},        {"model", "Model"},
    {"stop", "When to stop"},  {"checkpoint", "Checkpoints"},
    {"match", "Matching"},     {"predict", "Predictions"},
    {"cluster", "Clusters"},   {"generate", "Generated data"},
    {"bench", "Measurements"}, {"plan", "Plans"},
    {"run", "Running"},        {NULL, NULL},
};

/* clang-format off */
const pw_option PW_OPTIONS[] = {
    /* ---- files ---- */
    {"files", "input", TEXT(input, "FILE"),
     .commands = READERS | CLUSTER, .required = READERS,
     .help = "The matrix V: FILE or FILE:/path/in/file. HDF5, h5ad, Matrix Market, CSV, TSV or "
             "UCI docword, recognised by content. Usually given without --input."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = FIT, .initial = "model.h5",
     .help = "The result, HDF5: factors, names, history, options. It appears only once it is "
             "complete."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = SCAN, .initial = "scan.h5",
     .help = "The result, HDF5: one group for each k, and the survey over all of them, which also stands beside it with "
             "the ending .csv. It appears only once it is complete."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = SVD, .initial = "svd.h5",
     .help = "The result, HDF5: /U, /S, /Vt, residuals, and the best relative error of each rank up to K. It appears only "
             "once it is complete."},
    {"files", "model", TEXT(model, "MODEL"),
     .commands = TRANSFORM, .required = TRANSFORM,
     .help = "The result of a fit. Usually given without --model."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = TRANSFORM, .required = TRANSFORM,
     .help = "The result, HDF5, as that of a fit. It appears only once it is complete."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = CONVERT | GENERATE, .required = CONVERT | GENERATE,
     .help = "The matrix written, HDF5. It appears only once it is complete."},
    {"files", "model", TEXT(model, "FILE"),
     .commands = MATCH, .required = MATCH,
     .help = "A result of fit, or any HDF5 file with /W and /H. Usually given without --model."},
    {"files", "reference", TEXT(reference, "FILE"),
     .commands = MATCH, .required = MATCH,
     .help = "What to compare with: a matrix in any format that fit reads, FILE or "
             "FILE:/path/in/file, or another model. Usually given without --reference."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = MATCH,
     .help = "Write the matches as CSV too, with the cosines of all components and profiles."},
    {"files", "model", TEXT(model, "MODEL"),
     .commands = PREDICT, .required = PREDICT,
     .help = "A result of fit. Usually given without --model."},
    {"files", "entries", TEXT(entries, "FILE"),
     .commands = PREDICT,
     .help = "Predict these entries: a sparse matrix of the shape of V, in any format that fit reads. Where it has "
             "values, the error of the predictions is reported."},
    {"files", "known", TEXT(known, "FILE"),
     .commands = PREDICT,
     .help = "The matrix whose entries --top leaves out, if not the model's own input."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = PREDICT, .initial = "predictions.csv",
     .help = "The predictions, CSV. It appears only once it is complete."},
    {"files", "model", TEXT(model, "MODEL"),
     .commands = CLUSTER,
     .help = "Of --method nmf: the clusters of a result of fit, instead of V and -k."},
    {"files", "truth", TEXT(truth, "FILE"),
     .commands = CLUSTER,
     .help = "Classes of the rows to compare the clusters with: text with a label, or a name and a label, on each line, or "
             "FILE.h5:/path/in/file. Prints accuracy, normalised mutual information and adjusted Rand index."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = CLUSTER, .initial = "clusters.h5",
     .help = "The result, HDF5: labels of the rows, centroids or memberships. It appears only once it is complete."},
    {"files", "output", 'o', TEXT(output, "FILE"),
     .commands = BENCH, .initial = "bench.json",
     .help = "All figures as JSON, for scripts/plot_bench.py. It appears only once it is complete."},
    {"files", "header", CHOICE(header, PRESENCE, "WHEN"),
     .commands = READERS | CLUSTER | MATCH | PREDICT, .initial = "auto",
     .help = "Whether the first line of a CSV or TSV file holds the names of the columns."},
    {"files", "row-names", CHOICE(row_names, PRESENCE, "WHEN"),
     .commands = READERS | CLUSTER | MATCH | PREDICT, .initial = "auto",
     .help = "Whether the first column of a CSV or TSV file holds the names of the rows, with "
             "columns of text that follow it."},
    {"files", "vocabulary", TEXT(vocabulary, "FILE"),
     .commands = READERS | CLUSTER,
     .help = "Names of the columns of V, one a line: the words of a docword file."},
    {"files", "config", 'c', TEXT(config, "FILE"),
     .commands = ALL,
     .help = "Read options from an .ini file. Environment and command line override it."},

    /* ---- model ---- */
    {"model", "k", 'k', TEXT(ks, "A:B"),
     .commands = SCAN, .required = SCAN, .identity = true,
     .help = "Numbers of components: A:B for all from A to B, A:B:STEP, a list A,B,C, or several of these with commas "
             "between them."},
    {"model", "restarts", WHOLE(restarts, 1, 1e6, "R"),
     .commands = SCAN, .initial = "20", .identity = true,
     .help = "Models for each k: they start from seed, seed + 1, … as those of fit do."},
    {"model", "restarts", WHOLE(restarts, 1, 1e6, "R"),
     .commands = FIT, .initial = "1", .identity = true,
     .help = "Fit R models, from seed, seed + 1, …, in the same passes over V, and keep the one with the least objective."},
    {"model", "keep", WHOLE(keep, 1, 1e6, "N"),
     .commands = FIT, .initial = "1",
     .help = "Keep the N best of the restarts: the best as always, the others in /models/1, /models/2, … of the result."},
    {"model", "perturb", TEXT(perturb, "HOW"),
     .commands = SCAN, .initial = "none", .identity = true,
     .help = "Fit each restart to a resample of V, drawn by its seed: what chance in the data does to the components. poisson: "
             "each entry is a Poisson number with the entry of V as mean. uniform:D: each is multiplied by a number "
             "between 1 - D and 1 + D (D up to 1). none: all to V itself."},
    {"model", "consensus", CHOICE(consensus, ITEMS, "ITEMS"),
     .commands = SCAN, .initial = "columns",
     .help = "What the consensus of restarts clusters: columns of V by H, or rows by W. The stability is then that of the "
             "components in the other factor. none: no consensus, and the stability of W's components."},
    {"model", "raw-argmax", FLAG(raw_argmax),
     .commands = SCAN, .initial = "no",
     .help = "Assign items to components by H (W) as it stands, as R's package NMF does, instead of after scaling the "
             "columns of W (rows of H) to sum 1."},
    {"model", "k", 'k', WHOLE(k, 1, PW_MOST_COMPONENTS, "K"),
     .commands = FIT | PLAN, .required = FIT | PLAN, .identity = true,
     .help = "Number of components: columns of W, rows of H."},
    {"model", "k", 'k', WHOLE(k, 1, PW_MOST_COMPONENTS, "K"),
     .commands = SVD, .required = SVD,
     .help = "Number of singular triplets, the largest first; at most the smaller side of V."},
    {"model", "svd-bound", FLAG(svd_bound),
     .commands = FITS, .initial = "no",
     .help = "Also find the singular values of V, and tell how far the error is from the least that any matrix of rank K has."},
    {"model", "center", FLAG(center),
     .commands = SVD, .initial = "no",
     .help = "Of V less the mean of each of its columns, which is never formed: principal components of the rows."},
    {"model", "seed", WHOLE(seed, 0, INFINITY, "N"),
     .commands = SVD, .initial = "0",
     .help = "Seed of the random start, which the result does not depend on but for rounding and the choice within "
             "a multiple singular value."},
    {"model", "weight", CHOICE(weight, WEIGHTS, "NAME"),
     .commands = SVD, .initial = "none",
     .help = "How entries of V, then not negative, are weighted as they are read: as for fit. tfidf makes it latent semantic "
             "analysis, log1p with --center the usual start with single cells."},
    {"model", "weight", CHOICE(weight, WEIGHTS, "NAME"),
     .commands = FITS | CLUSTER, .initial = "none", .identity = true, .inherited = true,
     .help = "How entries of V are weighted as they are read. tfidf: by ln((1+m)/(1+df)) + 1, df the rows in which "
             "the column is not 0. log1p: ln(1+v). row-l1: rows sum to 1. column-l1: columns do. column-l2: columns "
             "have length 1."},
    {"model", "loss", CHOICE(loss, LOSSES, "NAME"),
     .commands = FITS | PLAN, .initial = "frobenius", .identity = true, .inherited = true,
     .help = "What is made small. frobenius: squared errors. kl: generalised Kullback-Leibler divergence, the "
             "likelihood of counts (Poisson). is: Itakura-Saito. beta: the beta-divergence of --beta."},
    {"model", "beta", REAL(beta, -100, 100, "B"),
     .commands = FITS, .initial = "1", .identity = true, .inherited = true,
     .help = "Of --loss beta: 2 is frobenius, 1 kl, 0 is."},
    {"model", "floor", REAL(floor, 0, INFINITY, "EPS"),
     .commands = FITS, .initial = "0", .identity = true, .inherited = true,
     .help = "Entries of V below EPS count as EPS. Losses with beta of 0 and less need it where V has zeros."},
    {"model", "missing", CHOICE(missing, MISSING, "WHICH"),
     .commands = FITS | PLAN, .initial = "none", .identity = true, .inherited = true,
     .help = "Which entries of V are unknown and count for nothing. zero: those that are 0; of a sparse matrix only "
             "stored nonzeros count then, as for ratings. nan: those that are NaN."},
    {"model", "mask", TEXT(mask, "FILE"),
     .commands = FITS, .identity = true,
     .help = "A matrix of V's shape, in any format that V may have: entries of V are missing where it is 0, and observed, "
             "whether V stores them or not, where it is not."},
    {"model", "holdout", REAL(holdout, 0, 0.99, "SHARE"),
     .commands = FITS, .initial = "0", .identity = true,
     .help = "Hides this share of the observed entries, drawn by --seed, from the fit, and reports the error of "
             "WH there after each iteration."},
    {"model", "method", CHOICE(method, METHODS, "NAME"),
     .commands = FITS | PLAN, .initial = "auto", .identity = true, .inherited = true,
     .help = "How the factors are updated. auto: hals for frobenius, newton for kl, mu for other losses." PW_METHODS(METHOD_HELP)},
    {"model", "orthogonal", CHOICE(orthogonal, ORTHOGONALS, "SIDE"),
     .commands = FITS, .initial = "no", .identity = true,
     .help = "Make the rows of H (or the columns of W) orthogonal, by a penalty that grows: each column of V (row) "
             "keeps one component, a hard clustering."},
    {"model", "symmetric", FLAG(symmetric),
     .commands = FITS, .initial = "no", .identity = true,
     .help = "V is a symmetric matrix of similarities, such as the adjacency of a graph: W is the transpose of H, and V "
             "near Ht H. --l1-h and --l2-h are its penalties."},
    {"model", "affinity", CHOICE(affinity, AFFINITIES, "WHICH"),
     .commands = CLUSTER, .initial = "plain",
     .help = "Of symnmf and kernel-kmeans: take V itself, or (normalised) V with each entry divided by the square root of its "
             "row's sum and of its column's."},
    {"model", "affinity", CHOICE(affinity, AFFINITIES, "WHICH"),
     .commands = FITS, .initial = "plain", .identity = true,
     .help = "Of --symmetric: factorise V itself, or (normalised) V with each entry divided by the square root of its row's "
             "sum and of its column's."},
    {"model", "extrapolate", CHOICE(extrapolate, PRESENCE, "WHEN"),
     .commands = FITS | PLAN, .initial = "auto", .identity = true,
     .help = "Let factors go on in the direction of their updates (Ang & Gillis 2019): fewer iterations, for a copy of "
             "W and H; off where that does not fit into memory. auto: where the method gains by it."},
    {"model", "l1-w", REAL(l1_w, 0, INFINITY, "X"),
     .commands = FITS, .initial = "0", .identity = true, .inherited = true,
     .help = "Adds X times the sum of W to the objective: zeros in W."},
    {"model", "l1-h", REAL(l1_h, 0, INFINITY, "X"),
     .commands = FITS, .initial = "0", .identity = true, .inherited = true,
     .help = "The same for H."},
    {"model", "l2-w", REAL(l2_w, 0, INFINITY, "X"),
     .commands = FITS, .initial = "0", .identity = true, .inherited = true,
     .help = "Adds X/2 times the sum of squares of W to the objective."},
    {"model", "l2-h", REAL(l2_h, 0, INFINITY, "X"),
     .commands = FITS, .initial = "0", .identity = true, .inherited = true,
     .help = "The same for H."},
    {"model", "no-bound", FLAG(no_bound),
     .commands = FITS, .initial = "no", .identity = true, .inherited = true,
     .help = "Penalties on one factor alone do not keep the columns of W (rows of H) of the other at length 1."},
    {"model", "normalise", CHOICE(normalise, NORMS, "NORM"),
     .commands = FITS, .initial = "none", .ends = true,
     .help = "After the last iteration, divide the columns of W (rows of H) by their norm, and keep the norms as "
             "/scale: V is near W diag(scale) H."},
    {"model", "normalise-side", CHOICE(normalise_side, FACTORS, "FACTOR"),
     .commands = FITS, .initial = "w", .ends = true,
     .help = "The factor that --normalise divides."},
    {"model", "bias", FLAG(bias),
     .commands = FITS, .initial = "no", .identity = true,
     .help = "Of method ccd: V is near W H + an offset + one number for each row and each column, of any sign."},
    {"model", "l2-bias-w", REAL(l2_bias_w, 0, INFINITY, "X"),
     .commands = FITS, .initial = "3", .identity = true,
     .help = "Adds X/2 times the sum of squares of the rows' biases: each counts as if X more entries of its row "
             "were average."},
    {"model", "l2-bias-h", REAL(l2_bias_h, 0, INFINITY, "X"),
     .commands = FITS, .initial = "3", .identity = true,
     .help = "The same for the columns' biases."},
    {"model", "shrink", REAL(shrink, 0, 1000, "F"),
     .commands = FITS, .initial = "0.5", .identity = true,
     .help = "Of method ccd: --l2-w and --l2-h as F times the penalty under which a matrix of noise would come to "
             "nothing. 0: no such penalty; --l2-w and --l2-h replace it."},
    {"model", "l2-by-count", REAL(l2_by_count, 0, 2, "P"),
     .commands = FITS, .initial = "0.5", .identity = true,
     .help = "Of method ccd: the L2 penalty of a row of W (column of H) grows as the number of its observed entries "
             "to the power P. 0: the same for all."},
    {"model", "inner-iterations", WHOLE(inner_iterations, 0, 1000, "N"),
     .commands = FITS | PLAN, .initial = "0", .identity = true,
     .help = "How often a method that repeats its updates, such as hals, may do so within one sweep over V (Gillis & "
             "Glineur 2012). 0: from the cost of an update beside that of the sweep; 1: no repeats."},
    {"model", "side", CHOICE(side, FACTORS, "FACTOR"),
     .commands = TRANSFORM, .initial = "w",
     .help = "What is found for the new data: w, rows of W for new rows of V, or h, columns of H for new columns."},
    {"model", "seed", WHOLE(seed, 0, INFINITY, "N"),
     .commands = FITS | TRANSFORM | CLUSTER, .initial = "0", .identity = true,
     .help = "Seed of the random start. The same seed gives the same start on any number of "
             "ranks."},
    {"model", "init", CHOICE(init, INITS, "HOW"),
     .commands = FITS, .initial = "random", .identity = true,
     .help = "The first factors. random: uniform, by --seed. spa: H is K rows of V (by --anchors, W is K columns) that "
             "successive projections find (Araujo et al. 2001), W the best for them; the same for every seed. nndsvd: from "
             "singular vectors (Boutsidis & Gallopoulos 2008), with zeros; nndsvda: these are the mean of V; nndsvdar: random "
             "and up to a hundredth of it."},
    {"model", "anchors", CHOICE(anchors, PARTS, "WHICH"),
     .commands = FITS, .initial = "rows", .identity = true,
     .help = "Of method spa and --init spa: whether rows or columns of V are chosen."},
    {"model", "anchors-scaled", FLAG(anchors_scaled),
     .commands = FITS, .initial = "no", .identity = true,
     .help = "They are compared as if each of them had sum 1: what is pure counts, not what is large. For documents, whose "
             "lengths differ; not for mixtures whose shares sum to 1, such as the pixels of an image."},
    {"model", "init-file", TEXT(init_file, "FILE"),
     .commands = FIT, .identity = true,
     .help = "Start from /W and /H of this HDF5 file, such as an earlier result, not at random."},
    {"model", "fix-w", TEXT(fix_w, "FILE"),
     .commands = FIT, .identity = true,
     .help = "/W (m x c) of this HDF5 file is given: the first c components of W stay as they are there, the rest is "
             "found."},
    {"model", "fix-h", TEXT(fix_h, "FILE"),
     .commands = FIT, .identity = true,
     .help = "The same for /H (c x n), such as that of an earlier result. Both sides may be given."},
    {"model", "precision", CHOICE(precision, PRECISIONS, "NAME"),
     .commands = FITS | TRANSFORM | PLAN, .initial = "auto", .identity = true,
     .help = "Of the products with V. auto: double where V is f64 or an integer of 32 bits and "
             "more, else single. Everything else is always double."},

    /* ---- when to stop: whatever comes first ---- */
    {"stop", "max-iterations", WHOLE(max_iterations, 1, 1e12, "N"),
     .commands = FITS | TRANSFORM, .initial = "1000", .ends = true,
     .help = "Stop after this many iterations."},
    {"stop", "max-iterations", WHOLE(max_iterations, 1, 1e12, "N"),
     .commands = SVD, .initial = "1000",
     .help = "Stop after this many sweeps over V; the result then says that it has not converged."},
    {"stop", "tolerance", REAL(tolerance, 0, 1, "X"),
     .commands = SVD, .initial = "1e-8",
     .help = "Stop when the residuals of all triplets are below X times the largest singular value. Singular values are "
             "then better than that: their errors go with the square."},
    {"stop", "tolerance", REAL(tolerance, 0, 1, "X"),
     .commands = FITS, .initial = "1e-5", .ends = true,
     .help = "Stop when the projected gradient is below X times that of the first iteration. 0: "
             "never."},
    {"stop", "tolerance", REAL(tolerance, 0, 1, "X"),
     .commands = TRANSFORM, .initial = "1e-8", .ends = true,
     .help = "Stop when the projected gradient is below X times that of the first iteration. 0: "
             "never."},
    {"stop", "stall", REAL(stall, 0, 1, "X"),
     .commands = FITS, .initial = "1e-6", .ends = true,
     .help = "Stop when the objective has fallen by less than X of itself over ten iterations. "
             "0: never."},
    {"stop", "patience", WHOLE(patience, 0, 1e12, "N"),
     .commands = FITS, .initial = "0", .ends = true,
     .help = "Stop when the held-out error (--holdout) has not improved for N iterations. 0: never."},
    {"stop", "stall", REAL(stall, 0, 1, "X"),
     .commands = TRANSFORM, .initial = "1e-10", .ends = true,
     .help = "Stop when the objective has fallen by less than X of itself over ten iterations. "
             "0: never."},
    {"stop", "max-seconds", REAL(max_seconds, 0, INFINITY, "S"),
     .commands = FITS | TRANSFORM, .initial = "0",
     .help = "Stop after this many seconds. 0: no limit."},

    /* ---- checkpoints ---- */
    {"checkpoint", "checkpoint", TEXT(checkpoint, "FILE"),
     .commands = FITS,
     .help = "Keep the state of the run in this file, and the one before in FILE.prev. The same "
             "command started again goes on from there, on any number of ranks."},
    {"checkpoint", "checkpoint-every", REAL(checkpoint_every, 0, INFINITY, "S"),
     .commands = FITS, .initial = "600",
     .help = "Seconds between checkpoints. 0: after every iteration."},

    /* ---- matching ---- */
    {"match", "of", CHOICE(of, OF, "FACTOR"),
     .commands = MATCH, .initial = "auto",
     .help = "Whose components are compared: the columns of W, whose items are the rows of V, or "
             "the rows of H, whose items are its columns. auto: the one that has the items of the "
             "reference, W where both do."},
    {"match", "profiles", CHOICE(profiles, SIDES, "SIDE"),
     .commands = MATCH, .initial = "auto",
     .help = "What the profiles of the reference are. auto: its columns; of another model, the "
             "components of the same factor."},
    /* ---- predictions ---- */
    {"predict", "top", WHOLE(top, 0, 1e9, "N"),
     .commands = PREDICT, .initial = "0",
     .help = "Predict the N largest unknown entries of each row: what to recommend. 0: those of --entries."},
    {"predict", "of", CHOICE(of, PARTS, "WHICH"),
     .commands = PREDICT, .initial = "rows",
     .help = "Of what the N largest are wanted: of rows or of columns."},


    /* ---- clusters ---- */
    {"cluster", "k", 'k', WHOLE(k, 1, PW_MOST_COMPONENTS, "K"),
     .commands = CLUSTER,
     .help = "Number of clusters; required, but for --model."},
    {"cluster", "method", CHOICE(cluster_by, CLUSTER_BY, "NAME"),
     .commands = CLUSTER, .initial = "kmeans",
     .help = "kmeans: least squares to k centroids. nmf: the component that a row belongs to most. symnmf: the same of the one factor of "
             "symmetric V. kernel-kmeans: k-means by symmetric V of similarities. spectral: the least normalised cut of a graph, "
             "relaxed. bicluster: the same of the graph between rows and columns, which get clusters together."},
    {"cluster", "graph", CHOICE(graph, GRAPHS, "WHICH"),
     .commands = CLUSTER, .initial = "given",
     .help = "Of spectral: what is cut. given: V itself, symmetric and not negative. neighbours: the graph of the rows of V, with an edge "
             "from each to each of its nearest --neighbours. gaussian: these weigh less with distance, by the scale of each row's "
             "surroundings."},
    {"cluster", "neighbours", WHOLE(neighbours, 1, 1e6, "N"),
     .commands = CLUSTER, .initial = "10",
     .help = "Of spectral with a --graph of neighbours: how many each row has."},
    {"cluster", "solver", CHOICE(solver, SOLVERS, "NAME"),
     .commands = CLUSTER, .initial = "auto",
     .help = "Of spectral: krylov finds the k eigenvectors by products with the graph, for large graphs; dense all of them by "
             "ScaLAPACK from a dense copy of it, which does not mind many clusters. auto: dense up to 500 nodes."},
    {"cluster", "restarts", WHOLE(restarts, 1, 1e6, "R"),
     .commands = CLUSTER, .initial = "10",
     .help = "Starts, from seed, seed + 1, …; the one with the least objective is kept."},
    {"cluster", "init-file", TEXT(init_file, "FILE"),
     .commands = CLUSTER,
     .help = "Of kmeans: start from /centroids (k x n) of this HDF5 file, such as an earlier result; with --restarts 1."},
    {"cluster", "shift", REAL(shift, 0, INFINITY, "X"),
     .commands = CLUSTER, .initial = "0",
     .help = "Of kernel-kmeans: add X to the diagonal. Graphs need it; with --affinity normalised 1 is enough."},
    {"cluster", "loss", CHOICE(loss, CLUSTER_LOSSES, "NAME"),
     .commands = CLUSTER, .initial = "frobenius",
     .help = "Of nmf: what is made small, as by fit."},
    {"cluster", "nmf-method", CHOICE(method, METHODS, "NAME"),
     .commands = CLUSTER, .initial = "auto",
     .help = "Of nmf and symnmf: how the factors are updated, the --method of fit."},
    {"cluster", "orthogonal", CHOICE(orthogonal, ORTHOGONALS, "SIDE"),
     .commands = CLUSTER, .initial = "no",
     .help = "Of nmf: as of fit. w makes each row keep one component."},
    {"cluster", "max-iterations", WHOLE(max_iterations, 1, 1e12, "N"),
     .commands = CLUSTER,
     .help = "Stop each start after this many iterations. Not given: 300, with nmf and symnmf 1000."},
    {"cluster", "tolerance", REAL(tolerance, 0, 1, "X"),
     .commands = CLUSTER,
     .help = "Of kmeans: stop when the squared shift of the centroids is at most X times the mean variance of V's columns; 0: when no "
             "label changes, as kernel-kmeans always does. Of nmf and symnmf: as of fit. Not given: 1e-4, with nmf and symnmf 1e-5."},

    /* ---- generated data ---- */
    {"generate", "kind", CHOICE(kind, KINDS, "KIND"),
     .commands = GENERATE, .required = GENERATE,
     .help = "What to make. swimmer: 256 images of 32 x 32 pixels (Donoho & Stodden 2003). lowrank: dense product of random "
             "factors. sparse: counts of rows that belong to topics. mixture: dense rows around centroids. biclusters: "
             "dense, blocks of rows and columns. sbm: symmetric sparse graph of communities (stochastic block model). "
             "hyperspectral: pixels that mix smooth spectra. Usually given without --kind."},
    {"generate", "rows", WHOLE(rows, 1, 1e12, "M"), .commands = GENERATE | PLAN, .initial = "1000",
     .help = "Rows of V. Of all kinds but swimmer; sbm: nodes, which are columns too."},
    {"generate", "columns", WHOLE(columns, 1, 4294967295.0, "N"), .commands = GENERATE | PLAN, .initial = "500",
     .help = "Columns of V. Of all kinds but swimmer and sbm."},
    {"generate", "k", 'k', WHOLE(k, 1, 1e6, "K"), .commands = GENERATE, .initial = "10",
     .help = "Components, clusters or blocks planted in all kinds but swimmer."},
    {"generate", "density", REAL(density, 0, 1, "X"), .commands = GENERATE, .initial = "0.01",
     .help = "Share of the entries of sparse and sbm that are stored."},
    {"generate", "mixing", REAL(mixing, 0, 1, "X"), .commands = GENERATE, .initial = "0.1",
     .help = "Share of the edges of sbm that join different blocks."},
    {"generate", "noise", REAL(noise, 0, INFINITY, "X"), .commands = GENERATE, .initial = "0",
     .help = "Size of the random noise of all kinds but hyperspectral, relative to the entries without it. mixture: standard "
             "deviation of a cluster in every direction, relative to the typical distance of two centroids."},
    {"generate", "snr", REAL(snr, 0, 300, "DB"), .commands = GENERATE, .initial = "0",
     .help = "Signal-to-noise ratio of hyperspectral in decibels. 0: no noise."},
    {"generate", "seed", WHOLE(seed, 0, INFINITY, "N"), .commands = GENERATE, .initial = "0",
     .help = "Seed of the data. The same seed gives the same bits on any number of ranks."},
    {"generate", "value-type", CHOICE(value_type, TYPES, "TYPE"), .commands = GENERATE | PLAN, .initial = "auto",
     .help = "Type of the entries. auto: one that suits the kind, in a plan f32. In whole-number types entries "
             "are scaled, rounded and clipped."},

    /* ---- measurements ---- */
    {"bench", "full", FLAG(full),
     .commands = BENCH, .initial = "no",
     .help = "The whole grid, in minutes and 2 GB, not the small one."},
    {"bench", "dense", TEXT(dense, "MxN"),
     .commands = BENCH,
     .help = "Rows and columns of dense V, or none. Not given: 4000x2000, with --full 20000x4000."},
    {"bench", "sparse", TEXT(sparse, "MxNxNNZ"),
     .commands = BENCH,
     .help = "Rows, columns and nonzeros of sparse V, or none. Not given: 40000x10000x8e5, with --full 200000x20000x4e6."},
    {"bench", "skew", REAL(skew, 1, 20, "S"),
     .commands = BENCH, .initial = "1",
     .help = "Columns of nonzeros are N u^S with uniform u. 1: all columns alike; 3: an eighth of them has half of the nonzeros."},
    {"bench", "types", TEXT(types, "LIST"),
     .commands = BENCH,
     .help = "Types of V, with commas between them. Not given: u8,f64, with --full u8,f32,f64."},
    {"bench", "k", 'k', TEXT(ks, "LIST"),
     .commands = BENCH,
     .help = "Numbers of components, as for scan. Not given: 16,50, with --full 16,48,50,64,100."},
    {"bench", "precision", CHOICE(precision, PRECISIONS, "NAME"),
     .commands = BENCH, .initial = "auto",
     .help = "Of the products. auto: what a fit takes for each type; with --full both."},
    {"bench", "methods", TEXT(methods, "LIST"),
     .commands = BENCH,
     .help = "What whole iterations are timed of, with commas between: methods of a fit, LOSS:METHOD, losses with their usual method (is and "
             "beta: with --sparse none), or none. Not given: hals,mu,kl."},
    {"bench", "repeats", WHOLE(repeats, 1, 1000, "N"),
     .commands = BENCH, .initial = "5",
     .help = "Measurements of each figure, taken in turns; their medians count."},

    /* ---- plans ---- */
    {"plan", "nonzeros", REAL(nonzeros, 0, 1e18, "N"), .commands = PLAN, .initial = "0",
     .help = "Stored entries of sparse V. 0: it is dense."},
    {"plan", "ranks", WHOLE(ranks, 1, 1e9, "P"), .commands = PLAN, .initial = "1024",
     .help = "The most ranks; the table has one, two, four, … of them, and so many."},
    {"plan", "ranks-per-node", WHOLE(ranks_per_node, 1, 1e6, "P"), .commands = PLAN, .initial = "1",
     .help = "Ranks that share a node's memory and network."},
    {"plan", "latency", REAL(latency, 0, 1, "S"), .commands = PLAN, .initial = "2e-6",
     .help = "Seconds that a small message takes."},
    {"plan", "bandwidth", REAL(bandwidth, 1, INFINITY, "B"), .commands = PLAN, .initial = "12.5e9",
     .help = "Bytes per second that a node sends while it receives as many."},

    /* ---- running ---- */
    {"run", "distribute", CHOICE(distribute, SIDES, "SIDE"),
     .commands = SVD, .initial = "auto",
     .help = "What is divided among the ranks. auto: the longer side of V."},
    {"run", "distribute", CHOICE(distribute, SIDES, "SIDE"),
     .commands = FITS | TRANSFORM | PLAN, .initial = "auto",
     .help = "What is divided among the ranks. auto: columns where there are over four times as "
             "many of them as rows, else rows."},
    {"run", "h-update", CHOICE(h_update, H_UPDATES, "HOW"), .commands = FITS | PLAN, .initial = "auto",
     .help = "Who updates H (with --distribute columns: W). replicated: every rank all of it. sharded: every rank its part of the "
             "columns, and all exchange them. auto: what takes less time by the model of the cost."},
    {"run", "threads", WHOLE(threads, 0, PW_MOST_THREADS, "N"),
     .commands = FITS | TRANSFORM | PREDICT | SVD | CLUSTER | BENCH | PLAN, .initial = "0",
     .help = "Threads of each rank. 0: OMP_NUM_THREADS where that is set, else 1."},
    {"run", "groups", WHOLE(groups, 0, 1e6, "G"),
     .commands = FITS, .initial = "0",
     .help = "Split the ranks into G groups, each of which reads V for itself and fits its share of the --restarts: for small V "
             "and many ranks. 0: as many as seem best by size, models and memory, which partwise scan --dry-run tells."},
    {"run", "memory", SIZE(memory, 0, 1e18),
     .commands = FIT | TRANSFORM, .initial = "0",
     .help = "What V and the model may take on each node, such as 8G: bytes, or a number with K, M, G or T (powers of 1024, as for "
             "Slurm). Where V is too large for it, it is streamed from its HDF5 file in every iteration, but for as much as "
             "there is room for. 0: what is free."},
    {"run", "memory", SIZE(memory, 0, 1e18),
     .commands = SCAN, .initial = "0",
     .help = "What V and all models together may take on each node, such as 8G: bytes, or a number with K, M, G or T (powers of "
             "1024, as for Slurm). Where it is too little for all k they are scanned in parts, the largest k first, and where V "
             "is too large, it is streamed from its HDF5 file. 0: most of what is free."},
    {"run", "stage", TEXT(stage, "DIR"),
     .commands = FITS | TRANSFORM,
     .help = "Where V is streamed: copy it to this directory of each node first, such as a local disk or /dev/shm, and stream "
             "it from there. Each rank copies its rows; nothing stays there."},
    {"run", "dry-run", FLAG(dry_run),
     .commands = FITS, .initial = "no",
     .help = "Read V, print what would be done, and end. scan: in which parts (--memory), in how many --groups of ranks. fit: what an "
             "iteration is predicted to take on these ranks and on more, as `partwise plan` does."},
    {"run", "report-every", REAL(report_every, 0, INFINITY, "S"),
     .commands = FITS | TRANSFORM, .initial = "10",
     .help = "Seconds between the lines of a log that is no terminal. 0: after every iteration."},
    {"run", "quiet", 'q', FLAG(quiet), .commands = ALL, .initial = "no",
     .help = "Print warnings and errors only."},
    {"run", "verbose", 'v', FLAG(verbose), .commands = ALL, .initial = "no",
     .help = "Print more about what is done."},
    {.name = NULL},
};
/* clang-format on */

_Static_assert(sizeof PW_OPTIONS / sizeof *PW_OPTIONS <= PW_MOST_OPTIONS, "raise PW_MOST_OPTIONS");
