"""What languages without a REPL share: cells are compiled with what they reach, and run."""
