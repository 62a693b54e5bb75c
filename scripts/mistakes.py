"""What scripts say of plain mistakes: one line, and exit code 2 as partwise has it for options."""

import argparse
import pathlib
import subprocess
import sys


def end(text, code=2):
    print(f"{pathlib.Path(sys.argv[0]).name}: error: {text}", file=sys.stderr)
    sys.exit(code)


def count(text):
    """The type of an option that takes a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 on.")
    return int(text)


def run(*words, **keywords):
    """What a program prints. Where it fails its own line is all that is said, without what mpirun says around it, and its exit code is the script's."""
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **keywords)
    except OSError as error:
        end(f"{words[0]}: {error.strerror}.")
    if done.returncode:
        own = [line for line in done.stderr.splitlines() if line.startswith("partwise: error:")]
        print(own[0] if own else done.stderr.strip(), file=sys.stderr)
        sys.exit(done.returncode)
    return done.stdout
