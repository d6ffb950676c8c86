"""papermill writes its parameters into notebooks of Bash and Go.

papermill looks a translator up by the kernel's name, then by its language. It has no
entry point for translators, but loads the entry points `papermill.engine` when it is
imported: this package then registers `BashTranslator` for the kernelspec `mykernel-bash`
and for the language "shellscript", and `GoTranslator` for `mykernel-go` and "go", for
which papermill has none of its own.

papermill's own translator for the language "bash" stays, since other kernels use it. It
knows no associative arrays and takes any name. A kernelspec under a name of your own
gets ours with `--engine mykernel`, which runs cells as papermill's own engine does.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    # Who imports this module before papermill sets off papermill's import just below, and
    # that asks for the entry point's `Engine` before the class statement was reached.
    if name == "Engine":
        from papermill.engines import NBClientEngine

        return NBClientEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


from papermill.engines import NBClientEngine, papermill_engines  # noqa: E402
from papermill.translators import papermill_translators  # noqa: E402

from mykernel.papermill.bash import BashTranslator  # noqa: E402
from mykernel.papermill.go import GoTranslator  # noqa: E402

_SHELL = "shellscript"


class Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine, with our translator for Bash whatever the kernel is called."""

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """The notebook's language, under the name that our translator has."""
        found: str = super().nb_language(nb, language)
        return _SHELL if found == "bash" else found


papermill_translators.register("mykernel-bash", BashTranslator)
papermill_translators.register(_SHELL, BashTranslator)
papermill_translators.register("mykernel-go", GoTranslator)
papermill_translators.register("go", GoTranslator)
papermill_engines.register("mykernel", Engine)
