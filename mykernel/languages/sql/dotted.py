r"""What the programs of SQLite and DuckDB have in common: commands that begin with a dot."""

from __future__ import annotations

import re

from mykernel.languages.sql.statements import Statement

READ = ".read {path}"
# The first thing that a script does is to empty its own file, so that a line that has to be
# typed twice runs it once. It is short enough to have been read as a whole by then.
BEGINS = """\
.output {here}
.output
.bail off
.echo off
.print "\\033]133;C;k={k}\\007"
"""
# What a command shows that says so of all others.
ECHO_OFF = ".echo off\n"
ENDS = f"""\
{ECHO_OFF}.output
.print "\\033]133;D;k={{k}};i={{i}};t=\\007"
"""
AFTER_INTERRUPT = ENDS
TRAILER = re.compile(r"changes: +(\d+) +total_changes: +\d+")
# In a shell of its own, since DuckDB puts quotes around each word.
DIRECTIVES = {"cd": ".cd {text}", "env": '.shell sh -c "env -0 > {answer}"'}
# What such a statement says it did is the program's count of changes.
COUNTED = ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "COPY")


def quote(path: str) -> str:
    """A path as a word of a command."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def done(statement: Statement, trailer: str) -> str:
    """What a statement without rows has done, as PostgreSQL says it: INSERT 5, CREATE TABLE."""
    words = statement.words
    found = TRAILER.fullmatch(trailer)
    if found and (verb := next((word for word in words if word in COUNTED), "")):
        return f"{verb} {found[1]}"
    if words[:1] in (["CREATE"], ["DROP"], ["ALTER"]):
        kinds = ("TABLE", "VIEW", "INDEX", "TRIGGER", "SCHEMA", "SEQUENCE", "TYPE", "MACRO")
        return " ".join([words[0], *[word for word in words[1:6] if word in kinds][:1]])
    return words[0] if words else ""
