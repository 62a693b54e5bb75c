# Rscript bench_peers.R PACKAGE FOLDER K ITERATIONS: seconds of one iteration of RcppML or NMF, by the difference of two runs of which
# one makes ITERATIONS more. The matrix and the start were written by bench_peers.py.
words <- commandArgs(TRUE)
folder <- words[2]
k <- as.integer(words[3])
more <- as.integer(words[4])
numbers <- function(name, what, size) {
  path <- file.path(folder, name)
  readBin(path, what, file.size(path) / size, size)
}
shape <- numbers("shape.bin", "integer", 4)
if (file.exists(file.path(folder, "columns.bin"))) {
  suppressMessages(library(Matrix))
  # the rows of V as the columns of its transpose, which R stores that way
  Vt <- new("dgCMatrix", i = numbers("columns.bin", "integer", 4), p = numbers("rows.bin", "integer", 4),
            x = numbers("values.bin", "double", 8), Dim = rev(shape))
} else {
  Vt <- matrix(numbers("values.bin", "double", 8), shape[2], shape[1])
}
seconds <- function(run) system.time(run)[["elapsed"]]
if (words[1] == "RcppML") {
  suppressMessages(library(RcppML))
  setRcppMLthreads(1)
  time <- function(n) seconds(nmf(Vt, k, tol = 0, maxit = n, verbose = FALSE, seed = 1))
} else {
  suppressMessages(library(NMF))
  method <- sub("NMF ", "", words[1])
  start <- nmfModel(W = matrix(numbers("Ht.bin", "double", 8), shape[2], k, byrow = TRUE),
                    H = matrix(numbers("W.bin", "double", 8), k, shape[1]))
  time <- function(n) seconds(nmf(Vt, k, method, seed = start, maxIter = n, .options = "-v-t", .pbackend = NA))
}
first <- time(2)
cat((time(2 + more) - first) / more, "\n")
