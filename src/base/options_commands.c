/* What the help and the man page say about each command. */
#include "base/options_table.h"

/* clang-format off */
const pw_command_info PW_COMMANDS[] = {
    {PW_COMMAND_FIT, "fit", "V -k K", {"input"},
     .summary = "factorise V into W and H",
     .description =
         "Finds non-negative W (m x k) and H (k x n) with V near W H in the Frobenius norm, and "
         "writes them with names, history and options to an HDF5 file. SIGTERM, SIGINT and SIGUSR1 "
         "make it finish the iteration, write a checkpoint and the model so far, and exit with 75 "
         "(76 without --checkpoint).",
     .examples =
         "partwise fit expressions.csv -k 3\n"
         "mpirun -n 64 partwise fit cells.h5ad:/raw/X -k 30 -o cells_k30.h5\n"
         "srun partwise fit V.h5:/X -k 50 --max-seconds 3600 --checkpoint run.ckpt\n"
         "mpirun -n 4 partwise fit --config fit.ini --seed 2\n"},
    {PW_COMMAND_SCAN, "scan", "V -k A:B", {"input"},
     .summary = "fit many models for several k: how many components?",
     .description =
         "Fits --restarts models for each k, all in the same passes over V, and tells for each k how well the best fits, how "
         "far the restarts agree on clusters of the columns (cophenetic coefficient and dispersion of the consensus "
         "matrix) and on the components (silhouettes), and which k these criteria suggest. SIGTERM, SIGINT and SIGUSR1 make it "
         "stop, write a checkpoint and what there is so far, and exit with 75 (76 without --checkpoint).",
     .examples =
         "partwise scan expressions.csv -k 2:6 --restarts 50 --loss kl\n"
         "partwise scan expressions.csv -k 1:4 --restarts 10 --loss kl --perturb poisson\n"
         "mpirun -n 64 partwise scan cells.h5ad:/raw/X -k 10:30:10 --restarts 5 -o cells_scan.h5\n"},
    {PW_COMMAND_SVD, "svd", "V -k K", {"input"},
     .summary = "find leading singular vectors, or principal components",
     .description =
         "Finds the K largest singular values of V with their vectors by a block Krylov method, to a residual that is measured, and "
         "writes /U (m x k), /S and /Vt (k x n) to an HDF5 file, with the relative error of the best approximation of each rank up "
         "to K: no factorisation of that rank has a smaller one. V may have negative entries.",
     .examples =
         "mpirun -n 8 partwise svd V.h5 -k 20\n"
         "partwise svd cells.h5ad:/raw/X -k 20 --center --weight log1p -o pca.h5\n"},
    {PW_COMMAND_TRANSFORM, "transform", "MODEL V2 -o OUT.h5", {"model", "input"},
     .summary = "find W for new rows (H for new columns) by an earlier result",
     .description =
         "Solves for the rows of W that belong to new data V2, with H of MODEL fixed; with --side h for the columns "
         "of H, with W fixed. Loss, method, penalties and weights are those that MODEL was made with. V2 must have the columns "
         "(rows) that MODEL is of, in the same order. The result is laid out as that of fit.",
     .examples =
         "partwise transform model.h5 new.h5 -o new_model.h5\n"
         "mpirun -n 8 partwise transform model.h5 new.h5:/X -o new_model.h5 --tolerance 1e-10\n"},
    {PW_COMMAND_CONVERT, "convert", "IN OUT", {"input", "output"},
     .summary = "write any input as HDF5 that every rank reads in parallel",
     .description =
         "Reads a matrix in any format that fit reads, and writes it as HDF5 with its names: /X, a "
         "dense data set or a CSR group that anndata opens.",
     .examples =
         "mpirun -n 8 partwise convert docword.kos.txt.gz kos.h5 --vocabulary vocab.kos.txt\n"
         "partwise convert ratings.mtx ratings.h5\n"},
    {PW_COMMAND_GENERATE, "generate", "KIND -o V.h5", {"kind"},
     .summary = "make a matrix whose answer is known",
     .description =
         "Makes data with a planted answer, in parallel: the same bits on any number of "
         "ranks.",
     .examples =
         "partwise generate swimmer -o swimmer.h5\n"
         "mpirun -n 8 partwise generate lowrank --rows 1e6 --columns 2000 -k 20 -o V.h5\n"
         "mpirun -n 8 partwise generate sparse --rows 2e5 --columns 2e4 --density 0.001 -o S.h5\n"
         "mpirun -n 8 partwise generate sbm --rows 1e6 -k 20 --density 1e-5 --mixing 0.2 -o G.h5\n"
         "mpirun -n 8 partwise generate hyperspectral --rows 1e5 --columns 200 -k 8 --snr 30 -o P.h5\n"},
    {PW_COMMAND_INFO, "info", "FILE", {"input"},
     .summary = "print what a matrix is like",
     .description =
         "Prints shape, type, stored entries, zero rows and columns, and the range of the entries.",
     .examples =
         "partwise info cells.h5ad:/raw/X\n"},
    {PW_COMMAND_PLAN, "plan", "--rows M --columns N -k K", {NULL},
     .summary = "predict seconds and memory of a fit on many ranks",
     .description =
         "Prints, for a matrix of that size and one, two, four, … ranks, what a model of the cost predicts for an iteration of a "
         "fit: seconds by part, efficiency, memory of a rank and of a node; and from where on more ranks do not pay. No "
         "matrix is read. partwise fit --dry-run does it for a matrix at hand.",
     .examples =
         "partwise plan --rows 2e7 --columns 10000 -k 50\n"
         "partwise plan --rows 2e7 --columns 1e5 --nonzeros 2e9 -k 50 --ranks 4096 --ranks-per-node 64\n"},
    {PW_COMMAND_MATCH, "match", "MODEL REFERENCE", {"model", "reference"},
     .summary = "pair the components of a model with known profiles",
     .description =
         "Pairs components one-to-one with the profiles of a reference set, such as mutational "
         "signatures with a catalogue, so that the sum of their cosine similarities is largest, and "
         "prints the pairs. Items go together by name, or by position where one side has no names.",
     .examples =
         "partwise match model.h5 catalogue.csv\n"
         "partwise match model.h5 other.h5 --of h -o pairs.csv\n"},
    {PW_COMMAND_PREDICT, "predict", "MODEL --entries FILE | --top N", {"model"},
     .summary = "what a model says about entries of V",
     .description =
         "Writes the entries of W H, with the biases that the model has, as lines `row,column,prediction`: those that a file "
         "asks for, or the largest unknown ones of each row (column). Rows and columns go by their names, else by "
         "their numbers from 0.",
     .examples =
         "partwise predict model.h5 --entries held_out.mtx -o predictions.csv\n"
         "mpirun -n 8 partwise predict model.h5 --top 10 -o recommended.csv\n"
         "partwise predict model.h5 --top 10 --of columns --known ratings.mtx\n"},
    {PW_COMMAND_CLUSTER, "cluster", "V -k K --method NAME", {"input"},
     .summary = "put the rows of V into k clusters",
     .description =
         "Finds clusters of the rows of V by k-means (default), by the components of a factorisation, or, where V holds "
         "similarities of items, by symmetric factorisation, kernel k-means or eigenvectors of the graph, and writes labels, "
         "centroids or memberships to an HDF5 file. bicluster puts columns into clusters too. With --truth it tells how well they agree with known classes.",
     .examples =
         "partwise cluster expressions.csv -k 3 --truth types.csv\n"
         "mpirun -n 16 partwise cluster cells.h5ad:/raw/X -k 30 --weight log1p -o cells_30.h5\n"
         "partwise cluster --model model.h5 --method nmf\n"
         "mpirun -n 4 partwise cluster graph.h5 -k 4 --method symnmf --affinity normalised\n"
         "mpirun -n 4 partwise cluster graph.h5 -k 4 --method spectral\n"
         "partwise cluster expressions.csv -k 3 --method spectral --graph gaussian --neighbours 15\n"
         "partwise cluster expressions.csv -k 3 --method bicluster\n"},
    {PW_COMMAND_BENCH, "bench", "[--full]", {NULL},
     .summary = "measure this machine, and partwise on it",
     .description =
         "Prints the peak of multiply-adds and the bandwidths of this machine; what share of them the products of a sweep reach, "
         "for several shapes, types, k and precisions, beside the same products by BLAS; and where the time of whole iterations "
         "goes. Peak, sweep and BLAS are measured in turns; medians count. With several ranks it also has the products on "
         "the first one alone. Matrices are random and stay in memory.",
     .examples =
         "partwise bench\n"
         "partwise bench -k 16,50 --types f32 --methods kl,kl:mu -o kl.json\n"
         "mpirun -n 2 partwise bench --full -o two.json\n"},
    {.name = NULL},
};
/* clang-format on */
