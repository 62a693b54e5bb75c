#!/usr/bin/env bash
# Do includes point downwards only, and does each layer keep to the symbols that it may name? From above:
# command and library, the stages (which never include each other), decompose, matrix, update, store and plinalg, dist,
# linalg, base; update includes linalg and base only. Every layer may include the public headers of
# include/partwise; they include only each other.
set -eu
cd "$(dirname "$0")/.."

files() {
    find src include/partwise -name '*.[ch]' | sort
}

# shellcheck disable=SC2016
files | xargs -r awk '
function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
}
# Code without comments and without what stands in strings.
function code_of(line,    code, at) {
    code = ""
    gsub(/\\./, "", line)
    gsub(/"[^"]*"/, "\"\"", line)
    while (line != "") {
        at = in_comment ? index(line, "*/") : match(line, /\/[*\/]/)
        if (!in_comment)
            code = code (at ? substr(line, 1, at - 1) : line)
        if (!at || (!in_comment && substr(line, at, 2) == "//"))
            break
        line = substr(line, at + 2)
        in_comment = !in_comment
    }
    return code
}
function check_include(target,    to) {
    if (target ~ /^partwise\//)
        return
    if (layer == "partwise") {
        complain("a public header includes " target)
        return
    }
    to = target
    if (!sub(/\/.*/, "", to) || !(to in height))
        complain("\"" target "\" does not start with the name of a layer")
    else if (to != layer && (height[to] >= height[layer] || (layer == "update" && to != "linalg" && to != "base")))
        complain(layer "/ may not include " to "/")
}
function check_names(code, header) {
    if (layer != "store" && (header ~ /^(hdf5|H5.*)\.h$/ || code ~ /(^|[^A-Za-z0-9_])H5[A-Z][A-Z]?[a-z_]/))
        complain("only store/ names HDF5")
    if (layer != "linalg" && (header ~ /cblas|lapack/ || code ~ /(^|[^A-Za-z0-9_])(cblas_|openblas_|LAPACKE_|[sd]po(trf|trs)_ *\()/))
        complain("only linalg/ names BLAS and LAPACK")
    if (layer != "plinalg" && code ~ /(^|[^A-Za-z0-9_])(Cblacs_|Csys2blacs_|Cfree_blacs_|blacs_|descinit_|numroc_|p[sd][a-z][a-z0-9]+_ *\()/)
        complain("only plinalg/ names BLACS and ScaLAPACK")
    if (layer ~ /^(base|linalg|update)$/ && (header == "mpi.h" || code ~ /(^|[^A-Za-z0-9_])MPI_/))
        complain("there is no MPI in " layer "/")
}
BEGIN {
    count = split("base linalg dist store update matrix decompose read command", ladder, " ")
    for (i = 1; i <= count; i++)
        height[ladder[i]] = i
    height["plinalg"] = height["store"]
    height["library"] = height["command"]
    split("initialise iterate predict select cluster measure write", stages, " ")
    for (i in stages)
        height[stages[i]] = height["read"]
}
FNR == 1 {
    in_comment = 0
    split(FILENAME, part, "/")
    layer = part[2]
    if (!(layer in height) && layer != "partwise")
        complain("src/" layer "/ is no layer that scripts/check_includes.sh knows")
}
{
    header = ""
    if (match($0, /^[ \t]*#[ \t]*include[ \t]*[<"][^>"]*/)) {
        header = substr($0, RSTART, RLENGTH)
        quoted = header ~ /"/
        sub(/.*[<"]/, "", header)
        if (quoted)
            check_include(header)
    }
    check_names(code_of($0), header)
}
END { exit bad }
' || { echo "includes: the rules stand at the top of scripts/check_includes.sh"; exit 1; }
echo "includes: ok"
