# SPDX-License-Identifier: Apache-2.0
# What runs at the far end of the connection: it answers one request after the other, and tidies up when they end.
# Read by /bin/sh from its standard input, the requests behind it. POSIX sh, and of the tools only what GNU, BusyBox
# and twenty years old systems agree on; no file is written but the session's private directory.
#
# A request is a line "OP TOKEN A B C" and a line with a path. An answer is bytes, a line feed, and a line
# "TOKEN RESULT": the token is new with each request, so that no file can hold it.

LC_ALL=C; export LC_ALL
own_path=$PATH
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
umask 077
exec 2>/dev/null 3>&1
# Caught, not ignored: what is started here gets them as usual.
trap : PIPE HUP TERM INT
works=
newline='
'

answer() { printf '\n%s %s\n' "$token" "$1"; }

# kind PATH: what it is after all links, in $kind; empty for nothing, "denied" below a directory that may not be entered
kind() {
    if [ -f "$1" ]; then kind=file
    elif [ -d "$1" ]; then kind=directory
    elif [ -c "$1" ]; then kind=character
    elif [ -b "$1" ]; then kind=block
    elif [ -e "$1" ]; then kind=other
    else
        kind=
        above=${1%/*}
        while [ "$above" ] && ! [ -e "$above" ]; do above=${above%"${above##*/}"} above=${above%/}; done
        if [ "$above" ] && [ -d "$above" ] && ! [ -x "$above" ]; then kind=denied; fi
    fi
}

# verdict TEXT: what a program said against reading, as a result
verdict() {
    case $1 in
    "") answer ok ;;
    *"No such file"* | *"Not a directory"*) answer absent ;;
    *) answer "failed ${1##*: }" ;;
    esac
}

read_start() {
    kind "$path"
    case $kind in
    file)
        # A fork less than with its complaint caught, which is hardly ever needed.
        if head -c "$a" <"$path"; then answer ok
        else verdict "$( { head -c "$a" <"$path" >/dev/null; } 2>&1)"
        fi
        ;;
    *) answer "${kind:-absent}" ;;
    esac
}

# Blocks of $c bytes: $a of them are passed over, $b are read.
read_blocks() {
    said=$(dd if="$path" bs="$c" skip="$a" count="$b" 2>&1 >&3)
    case $said in
    dd:*) verdict "${said%%"$newline"*}" ;;
    *) answer ok ;;
    esac
}

# linked PATH: does it lead through a link, or a part that only the system can make sense of?
linked() {
    case $1 in */./* | */../* | */. | */.. | *//*) return 0 ;; esac
    above=$1
    while [ "$above" ]; do
        if [ -L "$above" ]; then return 0; fi
        above=${above%/*}
    done
    return 1
}

look() {
    kind "$path"
    case $kind in
    "" | denied) answer "${kind:-absent}" ;;
    *)
        stat -L -c '%f %s %d %i %t %T' -- "$path"
        if linked "$path"; then readlink -f -- "$path"; else printf '%s\n' "$path"; fi
        answer "$kind"
        ;;
    esac
}

list() {
    kind "$path"
    if [ "$kind" != directory ]; then answer "${kind:-absent}"
    elif ! [ -r "$path" ]; then answer denied
    else
        left=$a
        for entry in "$path"/* "$path"/.[!.]* "$path"/..?*; do
            if [ -L "$entry" ]; then sort=l
            elif [ -f "$entry" ]; then sort=f
            elif [ -d "$entry" ]; then sort=d
            elif [ -c "$entry" ]; then sort=c
            elif [ -b "$entry" ]; then sort=b
            elif [ -e "$entry" ]; then sort=o
            else continue
            fi
            [ "$left" -gt 0 ] || break
            left=$((left - 1))
            printf '%s%s\0' "$sort" "${entry##*/}"
        done
        answer directory
    fi
}

# The words of the command, $c of them, are lines behind the request. It may take $a seconds and print $b bytes.
run() {
    set --
    while [ "$c" -gt 0 ]; do
        IFS= read -r word
        set -- "$@" "$word"
        c=$((c - 1))
    done
    if ! command -v "$1" >/dev/null; then answer absent; return; fi
    said=$(
        {
            {
                "$@" </dev/null 2>&4 3>&- 4>&- &
                program=$!
                {
                    # Until the nap has begun, $! is still the program.
                    trap '[ $! = $program ] || kill $!; exit' TERM
                    sleep "$a" 4>&- 5>&- &
                    wait $!
                    printf '\nlate' >&4
                    kill -9 $program
                } >/dev/null 3>&- &
                watch=$!
                wait $program
                printf '\nstatus %s' $? >&4
                kill $watch
            } 4>&5 | head -c "$b" >&3
        } 5>&1 | tail -c 400 | tr '\n' '|'
    )
    answer "ran $said"
}

# inside DIRECTORY: the processes that are in it: crash, and whatever it started
inside() {
    ls -l /proc/[0-9]*/cwd | while IFS= read -r line; do
        case $line in
        *" -> $1" | *" -> $1/"* | *" -> $1 (deleted)")
            line=${line#*/proc/}
            echo "${line%%/*}"
            ;;
        esac
    done
}

# Only directories that were made here are ever looked into or removed.
ours() {
    case " $works " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

end_crash() {
    tries=50
    while [ "$tries" -gt 0 ]; do
        left=$(inside "$1")
        [ "$left" ] || break
        kill -9 $left
        tries=$((tries - 1))
        sleep 0.1 || sleep 1
    done
}

tidy() {
    end_crash "$1"
    rm -rf -- "$1"
}

# Statistics of the processes of the session: proc_pid_stat(5), proc_tid_children(5).
ticks() {
    IFS= read -r waiting <"$path/.pid"
    left=64
    while [ "$waiting" ] && [ "$left" -gt 0 ]; do
        set -- $waiting
        cat "/proc/$1/stat"
        more=$(cat /proc/"$1"/task/*/children)
        shift
        waiting="$* $more"
        waiting=${waiting#"${waiting%%[! ]*}"}
        left=$((left - 1))
    done
}

# Its name has no blank.
make_directory() {
    said=$(mkdir -m 700 -- "$path" 2>&1)
    [ "$said" ] || works="$works $path"
    verdict "$said"
}

# The last function: what is read behind its call are requests. Its argument is the token of the greeting.
serve() {
    printf '\n%s hello\n' "$1"
    while IFS=' ' read -r op token a b c && IFS= read -r path; do
        case $op in
        kind) kind "$path"; answer "${kind:-absent}" ;;
        read) read_start ;;
        blocks) read_blocks ;;
        look) look ;;
        list) list ;;
        run) run ;;
        which) command -v "$path"; answer ok ;;
        self) id -u; printf '%s\n' "$HOME" "$own_path" "$TMPDIR" "$USER" "$LOGNAME" "$TZ"; answer ok ;;
        directory) make_directory ;;
        link) IFS= read -r target; verdict "$(ln -s -- "$target" "$path" 2>&1)" ;;
        ticks) if ours "$path"; then ticks; fi; answer ok ;;
        end) left=; if ours "$path"; then end_crash "$path"; fi; answer "ok $left" ;;
        tidy) if ours "$path"; then tidy "$path"; fi; answer ok ;;
        *) answer "failed unknown request" ;;
        esac
    done
    for path in $works; do tidy "$path"; done
}
