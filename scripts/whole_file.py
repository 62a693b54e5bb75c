"""Files that appear only once they are complete."""

import contextlib
import os
import tempfile


@contextlib.contextmanager
def whole_file(path):
    """A temporary name beside it, which becomes `path` at the end of the block: nobody sees half a file."""
    folder, name = os.path.split(path)
    handle, temporary = tempfile.mkstemp(prefix=name + ".", suffix=".tmp", dir=folder or ".")
    os.close(handle)
    try:
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
