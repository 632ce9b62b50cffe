"""The command ``voxomics``: the program that the package carries."""

import os
import subprocess
import sys

from ._home import program


def main() -> None:
    """Becomes the program."""
    words = [os.fspath(program()), *sys.argv[1:]]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(words[0], words)
    sys.exit(subprocess.call(words))


if __name__ == "__main__":
    main()
