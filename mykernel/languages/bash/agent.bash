# The part of mykernel that lives in the shell: it is the shell's rcfile.
#
# From the environment: __mk_dir, a private folder; __mk_k, the session's nonce; __mk_rc, 1 when
# the user's own ~/.bashrc is to be read; __mk_error, the terminal for stderr, empty when it is
# merged with stdout; __mk_there, 1 behind a launcher, when files come through the terminal. The
# shell starts with stderr on its controlling terminal, since Bash does its job control there.
# All of it must hold under whatever a cell sets: -e, -u, -f, -x, IFS, PS1, PROMPT_COMMAND.

# Typed line $__mk_i has come to its end. n: the last cell that began; s: its status; x: 1 when
# the shell exited and was taken up again; e: line and file of the command that failed.
__mk_prompt() {
    __mk_r=$?
    __mk_set_prompt
    # The line that is typed next is for nobody to edit.
    builtin set +o emacs +o vi
    __mk_done=
    # A cell may have redirected where the shell takes its commands from, and what was typed for
    # a program that did not read it must not become a command.
    [[ -t 0 ]] || exec 0</dev/tty
    [[ ! $__mk_there ]] || __mk_at_rest
    if (( BASH_VERSINFO[0] > 3 )); then
        # All of it, however slow that is: half a line would become a command, or a string's beginning.
        while builtin read -r -t 0; do
            IFS= builtin read -r -t 0.01 -n 4096 __mk_v || (( $? > 128 )) || break
        done
    fi
    __mk_drop_own_trap
    if [[ ${!:-} != "$__mk_last" || $__mk_jobs ]]; then __mk_list_jobs; fi
    __mk_mark D \
        "i=$__mk_i;n=$__mk_n;s=${__mk_x:-${__mk_s:-$__mk_r}};x=${__mk_x:+1};w=$__mk_sees;j=$__mk_jobs;e=${__mk_e-}" \
        "i=$__mk_i"
    __mk_x= __mk_e= __mk_s=
}

# Numbers of the jobs that live into __mk_jobs: process groups, and what $! was. Those known before
# count as long as they live, also when the shell no longer lists them.
__mk_list_jobs() {
    local IFS=$' \n'
    set -- $__mk_jobs
    __mk_jobs=
    if [[ ${!:-} != "$__mk_last" ]]; then
        __mk_last=${!:-}
        builtin jobs -rp >|"$__mk_dir/jobs"
        builtin read -r -d '' -a __mk_v <"$__mk_dir/jobs" || :
        __mk_jobs=${__mk_v[*]-}
        unset -v __mk_v
        set -- "$@" $__mk_last
    fi
    for __mk_v; do
        if [[ " $__mk_jobs " != *" $__mk_v "* ]] &&
            { builtin kill -0 -- "-$__mk_v" || builtin kill -0 "$__mk_v"; }; then
            __mk_jobs+=${__mk_jobs:+ }$__mk_v
        fi
    done
}

# A mark of kind $1 to both terminals, with payload $2 on stdout's and $3 on stderr's. By their
# names, since a cell may have redirected or closed any descriptor.
__mk_mark() {
    builtin printf '\e]133;%s;k=%s;%s\a' "$1" "$__mk_k" "$2" >/dev/tty ||
        command printf '\e]133;%s;k=%s;%s\a' "$1" "$__mk_k" "$2" >/dev/tty
    [[ $__mk_error ]] || return 0
    builtin printf '\e]133;%s;k=%s;%s\a' "$1" "$__mk_k" "$3" >"$__mk_error" ||
        command printf '\e]133;%s;k=%s;%s\a' "$1" "$__mk_k" "$3" >"$__mk_error"
}

# A cell that sets PROMPT_COMMAND sets its first element, which from Bash 5.1 on is not ours. To set
# what is read-only would end all that runs here. An interrupt in between leaves one of the two to go
# by, and the next cell sets both anew.
__mk_set_prompt() {
    builtin unset __mk_done PS0 PS2
    # Expanded only where PROMPT_COMMAND has not run, and so has not set __mk_done.
    if builtin unset PS1; then PS1='${__mk_done-$(__mk_prompt)}'; fi
    builtin unset PROMPT_COMMAND || builtin return 0
    if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 )); then
        PROMPT_COMMAND=('' '{ __mk_prompt; } &>/dev/null')
    else
        PROMPT_COMMAND='{ __mk_prompt; } &>/dev/null'
    fi
}

# Cell $1 begins; its $? starts as $2; $3 is 1 when it may set an EXIT trap.
__mk_begin() {
    builtin unset __mk_done
    __mk_n=$1 __mk_e= __mk_s=
    if [[ ${3-} ]]; then
        __mk_own_trap=1
        trap() { __mk_trap "$@"; }
    fi
    [[ ! $__mk_there ]] || __mk_at_work
    __mk_mark C "i=$__mk_i" "i=$__mk_i"
    builtin return "$2"
}

# The cell has come to its end with status $1. Ending well itself, it keeps an ERR trap from
# running a second time, for the file that carried the cell.
__mk_end() {
    __mk_s=$1
    __mk_set_prompt
}

# A command on line $1 of file $2 has failed. One that a signal ended may have left the terminal as
# only a full-screen program wants it: what comes behind this mark is not its own any more.
__mk_failed() {
    (( $? <= 128 )) || __mk_mark X "" ""
    [[ $2 != "$__mk_dir/"* ]] || __mk_e="$1 $2"
}

__mk_drop_own_trap() {
    [[ ! ${__mk_own_trap-} ]] || builtin unset -f trap
    __mk_own_trap=
}

# The user's EXIT trap is kept beside ours, which has the state to save.
__mk_trap() {
    if (( BASH_SUBSHELL )) || (( $# < 2 )) || [[ $1 == -[lp] ]]; then
        builtin trap "$@"
        return
    fi
    [[ $1 != -- ]] || shift
    __mk_action=$1 __mk_signals=()
    shift
    for __mk_name; do
        case $__mk_name in
            EXIT|exit|0) __mk_on_exit=$__mk_action ;;
            *) __mk_signals+=("$__mk_name") ;;
        esac
    done
    [[ $__mk_on_exit != - ]] || __mk_on_exit=
    (( ${#__mk_signals[@]} == 0 )) || builtin trap -- "$__mk_action" "${__mk_signals[@]}"
}

# After "exit 3", or a failed command under set -e: the cell has ended, and the shell's state goes
# on in a new image of the same process. Without the folder, the kernel wants the shell to end.
# No local names here: they would hide the user's own from __mk_save.
__mk_exit() {
    # A signal may meet a child of the shell that is still a mere copy of it.
    [[ ${BASHPID-$$} == "$$" ]] || return 0
    set +euf
    __mk_drop_own_trap
    __mk_where= __mk_ours=
    for (( __mk_j = 1; __mk_j < ${#FUNCNAME[@]}; __mk_j++ )); do
        [[ ${FUNCNAME[__mk_j]} != __mk_* ]] || __mk_ours=1
        [[ ${FUNCNAME[__mk_j]} == source || ${BASH_SOURCE[__mk_j+1]-} != "$__mk_dir/"* ]] ||
            __mk_where=$__mk_j
    done
    # The outermost function of the cell was called on the line that the user looks for.
    if [[ $__mk_where ]]; then
        __mk_e="${BASH_LINENO[__mk_where]} ${BASH_SOURCE[__mk_where+1]-}"
    fi
    if [[ -d $__mk_dir && ${__mk_done+x} ]]; then
        # End-of-file at the prompt: a cell has left the terminal so that a read ends when nothing
        # has been typed (stty -icanon min 0).
        command -p stty icanon </dev/tty 2>/dev/null
        __mk_command=exit
    elif [[ $__mk_on_exit ]]; then
        __mk_action=$__mk_on_exit __mk_on_exit=
        # As in a trap of Bash's own, $? is the status, and "exit" ends no more than the action.
        if [[ $__mk_action == *exit* ]]; then
            (__mk_status_is "$1"; eval "$__mk_action")
        else
            __mk_status_is "$1"
            eval "$__mk_action"
        fi
    fi
    if [[ ! -d $__mk_dir || -e $__mk_dir/renewal ]] || __mk_dies_of_signal ||
        ! { : >/dev/tty; } 2>/dev/null; then
        [[ ! $__mk_there ]] || command rm -rf -- "$__mk_dir"
        return 0
    fi
    __mk_x=$1
    __mk_list_jobs &>/dev/null
    # Subshells are to save all of it, too. Not ignored by what follows, which would inherit that.
    builtin trap '' INT
    __mk_save >|"$__mk_dir/renewal" 2>/dev/null
    builtin trap : INT
    exec 63>&2 2>/dev/tty
    __mk_dir=$__mk_dir exec "${BASH:-bash}" --noediting --rcfile "$__mk_dir/agent" -i
}

# Whether a signal ends the shell, which does not say so: on any other way out it has come back from
# the command to the line that was typed, or has set -e, and is not in a function of ours. The shell's
# redirections are not undone and its foreground goes on, so that no shell could follow in its place.
__mk_dies_of_signal() {
    case $__mk_command in '\builtin . '*|__mk_take*|*exit*) [[ $__mk_ours ]] || return 1 ;; esac
    [[ $__mk_flags != *e* ]]
}

__mk_status_is() {
    return "$1"
}

__mk_save() {
    __mk_save_names
    # In a function they are the function's own.
    [[ $__mk_where ]] || builtin printf 'set -- %s\n' "$__mk_arguments"
    for (( __mk_j = ${#DIRSTACK[@]} - 1; __mk_j > 0; __mk_j-- )); do
        builtin printf 'pushd -n -- %q\n' "${DIRSTACK[__mk_j]/#~\//$HOME/}"
    done
    builtin declare -p __mk_dir __mk_k __mk_error __mk_i __mk_n __mk_x __mk_e __mk_on_exit \
        __mk_jobs __mk_last __mk_there __mk_sees __mk_watcher
    builtin printf 'umask %s\n' "$(umask)"
    # Last, since they take hold at once.
    if shopt -qo pipefail; then builtin printf 'set -o pipefail\n'; fi
    builtin printf 'set %s\n' "-${__mk_flags//[!abefmuvxCETP]/}"
}

# Variables, functions, aliases and the like, as commands that define them.
__mk_save_names() {
    builtin declare -p IFS
    local IFS=$' \t\n'
    while read -r __mk_name; do
        case $__mk_name in
            BASH|BASHOPTS|BASHPID|BASH_*|COMP_*|DIRSTACK|EPOCH*|EUID|FUNCNAME|GROUPS|HISTCMD) ;;
            IFS|LINENO|PIPESTATUS|PPID|PROMPT_COMMAND|PS[012]|RANDOM|SHELLOPTS|SHLVL|SRANDOM) ;;
            UID|_|__mk_*) ;;
            *) builtin declare -p -- "$__mk_name" ;;
        esac
    done < <(compgen -v)
    builtin declare -f
    while read -r _ __mk_flag __mk_name; do
        [[ $__mk_flag != *x* ]] || builtin printf 'declare -fx -- %q\n' "$__mk_name"
    done < <(builtin declare -F)
    builtin alias -p
    builtin complete -p
    builtin shopt -p
}

# What stands for the shell in answers while a cell runs. Not traced, and under any -e and -u.
__mk_query_snapshot() {
    __mk_save_names >|"$__mk_dir/snapshot"
}

# $1 names what is asked, the rest is data. Answers go out as R marks, key=value. Bash itself begins
# a new write behind each newline, and jobs that write get between the two; cat does not.
__mk_reply() {
    if [[ ${__mk_jobs-} ]]; then
        __mk_put_reply "$@" >|"$__mk_dir/reply"
        command cat -- "$__mk_dir/reply" >/dev/tty
    else
        __mk_put_reply "$@" >"${__mk_replies:-/dev/tty}"
    fi
}

__mk_put_reply() {
    builtin printf '\e]133;R;k=%s;%s=%s\a' "$__mk_k" "$1" "${2//[$'\a\e']/}"
}

__mk_query() (
    set +euxfvn
    IFS=$' \t\n'
    shopt -u failglob nocaseglob nocasematch dotglob
    shopt -s nullglob
    trap - ERR
    "__mk_query_$@" </dev/null >/dev/null 2>&1
    true
)

# What was said about an expansion that failed.
__mk_query_said() {
    __mk_reply said "$(<"$__mk_dir/said")"
}

__mk_query_names() {
    local kind
    for kind in alias keyword builtin function command variable; do
        case " $1 " in *" $kind "*) __mk_reply "$kind" "$(compgen -A "$kind" -- "$2")" ;; esac
    done
}

# What programs get from the shell.
__mk_query_env() {
    local __mk_name
    for __mk_name in $(compgen -e); do
        [[ ! ${!__mk_name+x} ]] || __mk_reply env "$__mk_name=${!__mk_name}"
    done
    __mk_reply done 1
}

# What there is by name now, functions with () behind them.
__mk_list_names() {
    compgen -v
    compgen -A function -S '()'
}

# What cells have defined, each with its kind: all that was not there at the start.
__mk_query_who() {
    local __mk_name __mk_known=$'\n'$(<"$__mk_dir/names")$'\n'
    for __mk_name in $(__mk_list_names); do
        case $__mk_name in
            BASH*|COLUMNS|COMP_*|COPROC*|EPOCH*|FUNCNAME|HIST*|LINENO|LINES|MAPFILE|OLDPWD) ;;
            OPTARG|OPTIND|PIPESTATUS|PROMPT_COMMAND|PS[0124]|RANDOM|REPLY|SECONDS|_|__mk_*) ;;
            *) [[ $__mk_known == *$'\n'"$__mk_name"$'\n'* ]] ||
                __mk_reply who "${__mk_name%()}"$'\t'"$(__mk_kind "$__mk_name")" ;;
        esac
    done
    __mk_reply done 1
}

__mk_kind() {
    local flags
    case $1 in *'()') builtin printf function; return ;; esac
    read -r _ flags _ <<<"$(builtin declare -p -- "$1")"
    case $flags in
        *A*) builtin printf 'associative array' ;;
        *a*) builtin printf array ;;
        *i*) builtin printf integer ;;
        *x*) builtin printf 'exported variable' ;;
        *) builtin printf variable ;;
    esac
}

# Names in a folder. $1: "" or "~" or "$", $2: the user's or the variable's name, $3: the rest of
# the folder, $4: how the name begins. All of it literal.
__mk_query_files() {
    local folder= path
    case $1 in
        '~') [[ $2 != *[!A-Za-z0-9._-]* ]] && eval "folder=~$2" ;;
        '$') [[ $2 != *[!A-Za-z0-9_]* ]] && folder=${!2-} ;;
    esac
    folder+=$3
    for path in "$folder$4"*; do
        if [[ -d $path ]]; then __mk_reply folder "${path##*/}"; else __mk_reply file "${path##*/}"; fi
    done
}

# What bash-completion knows to follow. $1: the line, $2...: its words, the last under the cursor.
__mk_query_arguments() {
    local file spec function= filenames= option
    COMP_LINE=$1
    shift
    if ! builtin declare -F _completion_loader _comp_load; then
        for file in {/usr,/usr/local,/opt/homebrew,/opt/local}/share/bash-completion/bash_completion; do
            if [[ -r $file ]]; then . "$file"; break; fi
        done
    fi
    if ! spec=$(complete -p -- "$1"); then
        if builtin declare -F _comp_load; then _comp_load -- "$1"
        elif builtin declare -F _completion_loader; then _completion_loader "$1"; fi
        spec=$(complete -p -- "$1") || return
    fi
    COMP_WORDS=("$@") COMP_CWORD=$(( $# - 1 )) COMP_TYPE=9 COMP_KEY=9
    COMP_POINT=${#COMP_LINE} COMPREPLY=()
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    # Written by bash itself, and quoted by it.
    eval "set -- $spec"
    while (( $# )); do
        case $1 in
            -F) function=$2; shift ;;
            -o) [[ $2 != filenames ]] || filenames=1; shift ;;
            -W) COMPREPLY=($(compgen -W "$2" -- "$current")); shift ;;
            -A) COMPREPLY=($(compgen -A "$2" -- "$current")); shift ;;
        esac
        shift
    done
    compopt() { [[ "${1-} ${2-}" != "-o filenames" ]] || filenames=1; }
    if [[ $function ]]; then "$function" "${COMP_WORDS[0]}" "$current" "$previous"; fi
    for option in "${COMPREPLY[@]}"; do
        # A tilde is left as typed by completion functions.
        if [[ $filenames && -d ${option/#~\//$HOME/} ]]; then __mk_reply folder "${option%/}"
        else __mk_reply argument "$option"; fi
    done
}

# What a name stands for. $2 is 1 for the long form.
__mk_query_describe() {
    local kind
    for kind in $(type -at -- "$1" | uniq); do __mk_reply type "$kind"; done
    __mk_reply path "$(type -P -- "$1")"
    __mk_reply alias "$(alias -- "$1")"
    __mk_reply function "$(builtin declare -f -- "$1")"
    __mk_reply help "$(help -- "$1")"
    [[ $1 != [A-Za-z_]* || $1 == *[!A-Za-z0-9_]* ]] || __mk_reply variable "$(builtin declare -p -- "$1")"
    type -t -- "$1" || return
    # Overstrikes tell bold and underlined text, also where groff is set up for escapes.
    __mk_reply man "$(MANPAGER=cat PAGER=cat MANWIDTH=$3 GROFF_NO_SGR=1 MAN_KEEP_FORMATTING=1 man -- "$1")"
}

__mk_set_traps() {
    # What is traced here under set -x, and what a DEBUG trap says, is not for the user. One line
    # each, since further lines would count in LINENO. An interrupt of the second would end the shell.
    builtin trap '{ __mk_failed "$LINENO" "${BASH_SOURCE-}"; } &>/dev/null' ERR
    builtin trap '{ __mk_status=$? __mk_flags=$- __mk_command=$BASH_COMMAND; builtin trap -p >|"$__mk_dir/traps"; builtin trap : INT; builtin trap - DEBUG; set +x; __mk_arguments=; (( ! $# )) || builtin printf -v __mk_arguments "%q " "$@"; } &>/dev/null; __mk_exit "$__mk_status"' EXIT
}

if [[ ${__mk_stand_in-} ]]; then
    # Not the shell, but one that answers a question for it while it is busy.
    exec 61>&1
    __mk_replies=/dev/fd/61
    if [[ -e $__mk_dir/snapshot ]]; then . "$__mk_dir/snapshot" 2>/dev/null; fi
    __mk_query "$@"
    exit
fi

if [[ -e $__mk_dir/renewal ]]; then
    builtin trap : INT
    exec 2>&63 63>&-
    # Without the terminal it could read no line, but would come to its end again and again.
    [[ $- == *m* ]] || builtin exit 1
    declare +x __mk_dir
    __mk_set_traps
    {
        . "$__mk_dir/renewal"
        __mk_set_prompt
        # With the user's own, if there is one, among the traps.
        builtin trap - INT
        . "$__mk_dir/traps"
        builtin command -p rm -f -- "$__mk_dir/renewal"
    } &>/dev/null
else
    : "${__mk_error=}" "${__mk_there=}"
    # For reading, too, as in a terminal: more takes its keys from there.
    [[ ! $__mk_error ]] || exec 2<>"$__mk_error"
    declare +x __mk_dir __mk_k __mk_error __mk_there
    export PAGER=cat GIT_PAGER=cat MANPAGER=cat SYSTEMD_PAGER=cat TERM=xterm-256color
    if [[ $__mk_rc && -r ~/.bashrc ]]; then . ~/.bashrc; fi
    unset -v __mk_rc
    # The user's own function or alias of that name stays; a program is reached by `command display`.
    builtin declare -F display >/dev/null || builtin alias display &>/dev/null || __mk_display_define
    set +o history +H
    # An exec that fails must not end the shell.
    shopt -s extglob execfail
    __mk_i=0 __mk_n=0 __mk_x= __mk_e= __mk_on_exit= __mk_jobs= __mk_last= __mk_sees= __mk_watcher=
    if [[ $__mk_there ]]; then
        # Some systems let nobody but a process's ancestors see what it waits for.
        __mk_sees=$({ read -r _ <"/proc/$$/syscall" && printf 1; } 2>/dev/null)
        __mk_reply folder "$__mk_dir"
    fi
    __mk_list_names >|"$__mk_dir/names"
    __mk_set_traps
    __mk_set_prompt
fi
