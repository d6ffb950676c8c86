# What the agent needs besides, in a shell behind a launcher; it stands before agent.bash.

# Behind a launcher nobody else can set the terminal up, and what is typed between cells is long.
__mk_at_rest() {
    [[ ! $__mk_watcher ]] || builtin kill -KILL "$__mk_watcher"
    __mk_watcher=
    command stty sane -echo -onlcr </dev/tty
}

__mk_at_work() {
    command stty echo </dev/tty
    [[ ! $__mk_sees ]] || __mk_watcher=$(__mk_watch </dev/null >/dev/null & builtin printf %s "$!")
}

# Takes a file from what is typed: its sum by cksum, its length in bytes, and its name.
__mk_take() {
    command rm -f -- "$__mk_dir/"In*
    while IFS= builtin read -r __mk_v && [[ $__mk_v != '#.' ]]; do
        builtin printf %b "${__mk_v#\#}"
    done >|"$__mk_dir/$3"
    __mk_v=$(command cksum <"$__mk_dir/$3")
    [[ $__mk_v == "$1 $2" ]] || { __mk_reply arrived "$__mk_v"; builtin return 1; }
}

# While a cell runs: W marks tell who waits for the terminal. See terminal/stdin.py, which looks
# at processes of the kernel's own system in the same way.
__mk_watch() {
    set +euxfvn
    builtin trap - ERR EXIT DEBUG HUP
    IFS=$' \t\n'
    shopt -u failglob
    local process fields call group who was= reads polls
    case $(uname -m) in
        x86_64) reads=' 0 19 ' polls=' 7:3 23:5 232:4 270:5 271:3 281:4 ' ;;
        aarch64) reads=' 63 65 ' polls=' 72:5 73:3 22:4 ' ;;
    esac
    # A pipe into which nobody writes: a pause that starts no process.
    exec 9<> <(:)
    while builtin read -r -t 0.2 -u 9 || :; do
        who=
        __mk_fields "/proc/$$" || return
        group=${fields[5]}
        { : >/dev/tty; } || __mk_hang_up
        for process in /proc/[1-9]*; do
            __mk_fields "$process" && [[ ${fields[0]} == S && ${fields[2]} == "$group" ]] || continue
            builtin read -r -a call <"$process/syscall" && __mk_waits && break
        done
        [[ ! $who$was ]] || builtin printf '\e]133;W;k=%s;%s\a' "$__mk_k" "$who" >/dev/tty
        was=$who
    done
} 2>/dev/null

# The connection is gone, and a shell that hears it between the start of a command and its own wait
# for it waits on for a command that has not heard it.
__mk_hang_up() {
    for process in /proc/[1-9]*; do
        __mk_fields "$process" && [[ ${fields[1]} == "$$" ]] && builtin kill -HUP "${process##*/}"
    done
}

# What stands behind the name in a process's stat: state, parent, group, session, tty, its group.
__mk_fields() {
    builtin read -r fields <"$1/stat" || return
    fields=(${fields##*) })
}

# Whether $process, which is in system call $call, waits for a person.
__mk_waits() {
    local mode=line echo=1 modes name value
    if [[ $reads == *" ${call[0]} "* ]]; then
        case $(readlink "$process/fd/$((call[1]))") in /dev/pts/*|/dev/tty*) ;; *) return 1 ;; esac
    else
        [[ $polls =~ \ ${call[0]}:([0-9]) ]] || return
        case ${call[BASH_REMATCH[1]]} in 0x0|0xffffffff|0xffffffffffffffff) ;; *) return 1 ;; esac
        mode=editor
    fi
    modes=" $(stty -a </dev/tty | tr '\n;' '  ') "
    if [[ $modes != *' -icanon '* ]]; then
        [[ $mode == line ]] || return
    elif [[ $mode == line ]]; then
        mode=key
    fi
    [[ $modes != *' -echo '* ]] || echo=0
    # How often it has woken up tells whether it has taken what was typed since.
    while builtin read -r name value; do
        [[ $name != voluntary_ctxt_switches: ]] || break
    done <"$process/status"
    who="m=$mode;p=${process##*/};e=$echo;t=$value"
}

