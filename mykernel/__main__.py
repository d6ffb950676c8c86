"""`python -m mykernel`. A kernel's start comes by here, so nothing is imported before its turn."""

import sys

if __name__ == "__main__":
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        # With -m the first entry is the notebook's folder, whose json.py would be taken for
        # Python's own. Other commands have no use for that folder either.
        del sys.path[0]
    if sys.argv[1:2] == ["kernel"]:
        from mykernel.app import main as main_of_kernel

        sys.exit(main_of_kernel(sys.argv[2:]))
    from mykernel.cli import main

    sys.exit(main(sys.argv[1:]))
