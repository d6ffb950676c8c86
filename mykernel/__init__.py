"""mykernel: any language with a REPL, as a first-class Jupyter kernel."""

__version__ = "0.1.0"
