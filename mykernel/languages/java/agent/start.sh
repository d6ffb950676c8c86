# Starts the agent: $1 is java, $2 the session's folder with the agent's source, $3 what tells this agent
# and this java from others. It is compiled at the first start and kept, and at the second with an archive
# of the classes that it loads; then it is there in a second (measured: 0.8 s; 1.2 s without the archive).
java=$1
folder=$2
cache="${XDG_CACHE_HOME:-$HOME/.cache}/mykernel"
kept="$cache/java-$3"
mkdir -p "$kept" 2>"$folder/said" && [ -w "$kept" ] || kept=$folder
jar="$kept/agent.jar"
archive="$kept/agent.jsa"
# No window is opened where there is a notebook to show pictures in.
set -- -Djava.awt.headless=true

if [ ! -f "$jar" ]; then
    "$java" -m jdk.compiler/com.sun.tools.javac.Main -nowarn -d "$folder/classes" "$folder"/*.java &&
        "$java" -m jdk.jartool/sun.tools.jar.Main -c -f "$folder/agent" -C "$folder/classes" . &&
        cp "$folder/agent" "$jar.$$" &&
        # Another kernel may have been faster; an archive is for one jar's very date.
        mv -n "$jar.$$" "$jar" || exit
    rm -f "$jar.$$"
    # Of agents and of Javas that there are no more.
    find "$cache" -maxdepth 1 -name 'java-*' -mtime +90 -exec rm -rf {} + 2>"$folder/said"
elif [ ! -f "$archive" ]; then
    "$java" "$@" -Xlog:disable "-XX:ArchiveClassesAtExit=$archive.$$" -cp "$jar" mykernel.Agent \
        >"$folder/said" 2>&1 && mv "$archive.$$" "$archive"
fi

# What stands in CLASSPATH; without it, as for java itself, the notebook's folder, and the jars there.
# An archive that does not fit is not used, and nothing is said of it.
exec "$java" "$@" -Xshare:auto '-Xlog:cds*=off' "-XX:SharedArchiveFile=$archive" \
    -cp "$jar:${CLASSPATH:-.:*}" mykernel.Agent "$folder"
