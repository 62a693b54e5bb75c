#!/usr/bin/env bash
# Is every C file laid out as .clang-format says? With --fix lays them out. Only clang-format 14 is asked,
# as versions differ; exits 77, which means skipped, where it is not there.
set -eu
cd "$(dirname "$0")/.."

find_clang_format() {
    local name
    for name in clang-format-14 clang-format; do
        if "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
            echo "$name"
            return
        fi
    done
}

clang_format=$(find_clang_format)
if [ -z "$clang_format" ]; then
    echo "format: skipped, clang-format 14 is not there"
    exit 77
fi
case ${1:-} in
--fix) options=(-i) ;;
*) options=(--dry-run -Werror) ;;
esac
find src include tests -name '*.[ch]' -print0 2>/dev/null | xargs -0 -r "$clang_format" "${options[@]}" ||
    { echo "format: run make format"; exit 1; }
echo "format: ok"
