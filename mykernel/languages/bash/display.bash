# The command `display`, which shows an image, a table or HTML in the notebook. It stands before
# agent.bash. What it writes is specified in docs/display-protocol.md; it goes to the terminal by
# its name, wherever stdout has been redirected to.

# Called where the shell starts for the first time; from then on the function is the user's.
__mk_display_define() {
    display() (
        { set +euxfvn; } 2>/dev/null
        __mk_display "$@"
    )
}

__mk_display_help() {
    builtin printf '%s\n' \
        'display [OPTION...] FILE...   show files in the notebook' \
        'COMMAND | display [OPTION...] show what the command writes' \
        '' \
        '  --mime TYPE      what it is, such as text/html; else its name or its content tells:' \
        '                   png, jpeg, gif, webp, svg, pdf, html, md, tex, js, json, vl.json, vg.json,' \
        '                   csv and tsv (as a table), txt. What comes from a pipe is never taken for' \
        '                   HTML by its content.' \
        '  --id NAME        a name by which it can be shown anew' \
        '  --update         show it in place of what has that --id' \
        '  --metadata JSON  by MIME type, such as {"image/png": {"width": 200}}' \
        '  --clear          clear the output of the cell' \
        '  --wait           with --clear: when the next output comes' \
        '' \
        'The program of the same name, if there is one, is "command display".'
}

# In a subshell of its own, see above. Returns 2 for wrong use, 1 for what cannot be shown.
__mk_display() {
    builtin trap - ERR DEBUG RETURN
    builtin unset -f command builtin printf read local shift return set shopt
    IFS=$' \t\n' LC_ALL=C
    shopt -u failglob nullglob nocasematch
    local mime= id= update= metadata= clear= wait= part= n=0 message kind=display_data file
    local files=()
    while (( $# )); do
        case $1 in
            --mime|--id|--metadata)
                (( $# > 1 )) || { __mk_display_wrong "$1 needs a value"; return; }
                builtin printf -v "${1#--}" %s "$2"
                shift ;;
            --mime=*|--id=*|--metadata=*)
                part=${1%%=*}
                builtin printf -v "${part#--}" %s "${1#*=}" ;;
            --update) update=1 kind=update_display_data ;;
            --clear) clear=1 ;;
            --wait) wait=true ;;
            --help) __mk_display_help; return ;;
            --) shift; files+=("$@"); break ;;
            -?*) __mk_display_wrong "unknown option $1"; return ;;
            *) files+=("$1") ;;
        esac
        shift
    done
    [[ ! $update || $id ]] || { __mk_display_wrong '--update needs --id'; return; }
    [[ ! $wait || $clear ]] || { __mk_display_wrong '--wait goes with --clear'; return; }
    [[ ! $id || ${#files[@]} -lt 2 ]] || { __mk_display_wrong 'one --id is for one file'; return; }
    [[ ! $mime || $mime == ?*/?* ]] || { __mk_display_wrong "'$mime' is not a MIME type"; return; }
    { : >/dev/tty; } 2>/dev/null || { __mk_display_fail 'there is no terminal to show it'; return; }
    message=${BASHPID:-$$}.$RANDOM
    if [[ $clear ]]; then
        (( ${#files[@]} == 0 )) || { __mk_display_wrong '--clear takes no file'; return; }
        __mk_display_piece "t=clear_output;text={\"wait\":${wait:-false}}" >/dev/tty
        return
    fi
    if (( ${#files[@]} == 0 )); then
        [[ ! -t 0 ]] || { __mk_display_wrong 'name a file, or pipe something into it'; return; }
        files=(-)
    fi
    local status=0
    for file in "${files[@]}"; do
        __mk_display_file "$file" || status=$?
    done
    return "$status"
}

__mk_display_wrong() {
    builtin printf 'display: %s; see display --help\n' "$1" >&2
    return 2
}

__mk_display_fail() {
    builtin printf 'display: %s\n' "$1" >&2
    return 1
}

# Show file $1, "-" for stdin.
__mk_display_file() {
    local path=$1 type=$mime name=${1##*/} copy= status=0
    if [[ $1 == - ]]; then
        path=/dev/stdin name=stdin
    elif [[ ! -e $1 ]]; then
        __mk_display_fail "$1: no such file"; return
    elif [[ -d $1 ]]; then
        __mk_display_fail "$1: is a folder"; return
    elif [[ ! -r $1 ]]; then
        __mk_display_fail "$1: cannot be read"; return
    else
        # A name such as "-n" is nobody's option.
        [[ $1 == /* ]] || path=./$1
    fi
    # Whole before it is sent: a command that takes its time does not hold up other displays.
    copy=$__mk_dir/display.$message
    if [[ ! -f $path || $1 == - ]]; then
        command cat <"$path" >|"$copy" || { command rm -f -- "$copy"; return 1; }
        path=$copy
    fi
    if [[ ! $type ]]; then __mk_display_type "$name"; fi
    if [[ ! $type ]]; then
        __mk_display_fail "$name: its content does not tell what it is; give --mime"
        status=1
    else
        n=0
        __mk_display_send || { status=$?; __mk_display_piece t=cancel >/dev/tty; }
    fi
    command rm -f -- "$copy" "$copy".*
    message+=.
    return "$status"
}

# Sets type by the content of $path, and by name $1.
__mk_display_type() {
    local magic head= lower
    magic=$(command od -An -v -N16 -tx1 <"$path")
    magic=${magic//[^0-9a-f]/}
    case $magic in
        89504e470d0a1a0a*) type=image/png; return ;;
        ffd8ff*) type=image/jpeg; return ;;
        474946383[79]61*) type=image/gif; return ;;
        52494646????????57454250*) type=image/webp; return ;;
        255044462d*) type=application/pdf; return ;;
    esac
    lower=$(builtin printf %s "$1" | command tr A-Z a-z)
    case $lower in
        *.svg) type=image/svg+xml; return ;;
        *.html|*.htm) type=text/html; return ;;
        *.md|*.markdown) type=text/markdown; return ;;
        *.tex) type=text/latex; return ;;
        *.js) type=application/javascript; return ;;
        *.vl.json|*.vl) type=application/vnd.vegalite.v5+json; return ;;
        *.vg.json|*.vg) type=application/vnd.vega.v5+json; return ;;
        *.json|*.ipynb) type=application/json; return ;;
        *.geojson) type=application/geo+json; return ;;
        *.csv) type=text/csv; return ;;
        *.tsv) type=text/tab-separated-values; return ;;
        *.png|*.jpg|*.jpeg|*.gif|*.webp|*.pdf)
            # By its name it should have begun otherwise.
            return ;;
    esac
    IFS= builtin read -r -d '' -n 1000 head <"$path"
    # With a NUL in it, it ends early; no text has one.
    (( ${#head} == 1000 )) || (( ${#head} == $(command head -c 1000 <"$path" | command wc -c) )) || return
    while [[ $head == [[:space:]]* ]]; do head=${head#?}; done
    if [[ $head == '<'* && $head == *'<svg'[[:space:]]* && $head != *'<'[Hh][Tt][Mm][Ll]* ]]; then
        type=image/svg+xml
    else
        type=text/plain
    fi
}

# Send $path as $type, with what was given by options.
__mk_display_send() {
    local size
    case $type in
        text/csv|text/tab-separated-values)
            __mk_display_table >|"$copy.html" || return
            __mk_display_part text/html "$copy.html" || return ;;
        *) __mk_display_part "$type" "$path" || return ;;
    esac
    if [[ $type != text/plain ]]; then
        # For front ends that cannot show it.
        size=$(command wc -c <"$path")
        __mk_display_part text/plain <(builtin printf '%s' "[$name: $type, $(( size )) bytes]") || return
    fi
    [[ ! $id ]] || __mk_display_part display_id <(builtin printf %s "$id") || return
    [[ ! $metadata ]] || __mk_display_part metadata <(builtin printf %s "$metadata") || return
    __mk_display_piece "t=$kind" >/dev/tty
}

# Send what file $2 holds as part $1 of the message.
__mk_display_part() {
    local piece encoding=base64 encoded=$copy.encoded
    # From a file, since Bash reads a pipe byte by byte.
    if command -v base64 >/dev/null; then
        command base64 <"$2" | command tr -d '\n'
    else
        encoding=hex
        command od -An -v -tx1 <"$2" | command tr -d ' \n'
    fi >|"$encoded"
    if [[ ${PIPESTATUS[*]} != '0 0' && ${PIPESTATUS[*]} != 0 ]]; then
        __mk_display_fail "$name: cannot be sent"
        return 1
    fi
    {
        # So short that the terminal takes each of them as a whole, whoever else writes there.
        while IFS= builtin read -r -n 840 piece || [[ $piece ]]; do
            __mk_display_piece "p=$1;$encoding=$piece"
        done
        # A part may be empty.
        [[ -s $encoded ]] || __mk_display_piece "p=$1;text="
    } <"$encoded" >/dev/tty
}

__mk_display_piece() {
    builtin printf '\e]133;J;k=%s;i=%s;n=%s;%s\a' "$__mk_k" "$message" "$n" "$1"
    (( n += 1 ))
}

# The table in $path as HTML: the first 1,000 rows, quoted as RFC 4180 has it.
__mk_display_table() {
    local separator=,
    [[ $type == text/csv ]] || separator=$'\t'
    command awk -v separator="$separator" '
        function cell(text) {
            gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
            row = row "<" tag ">" text "</" tag ">"
        }
        function show(line,    count, pieces, i, text, quotes) {
            rows++
            if (rows > 1001) return
            row = ""; tag = rows == 1 ? "th" : "td"; quotes = 0
            count = split(line, pieces, separator)
            for (i = 1; i <= count; i++) {
                text = quotes % 2 ? text separator pieces[i] : pieces[i]
                quotes += gsub(/"/, "\"", pieces[i])
                if (quotes % 2 && i < count) continue
                if (text ~ /^"/) { sub(/^"/, "", text); sub(/"$/, "", text); gsub(/""/, "\"", text) }
                cell(text)
            }
            if (rows == 1) print "<table><thead><tr>" row "</tr></thead><tbody>"
            else print "<tr>" row "</tr>"
        }
        # A row may go on in the next line, within quotes; one that never ends was none.
        {
            sub(/\r$/, "")
            line = open ? line "\n" $0 : $0
            open = (open + gsub(/"/, "\"")) % 2
            if (rows > 1001) line = ""
            if (open && length(line) > 100000) open = 0
            if (!open) show(line)
        }
        END {
            if (open) show(line)
            if (!rows) print "<table><tbody>"
            print "</tbody></table>"
            if (rows > 1001) print "<p>The first 1,000 of " rows - 1 " rows.</p>"
        }
    ' <"$path"
}

