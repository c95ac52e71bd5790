# What the init scripts have in common. Theirs are NAME, PIDFILE, `run` that starts it, and `pids` that status shows.

running_pid() {
    pid=$(cat "$PIDFILE" 2>/dev/null) || return 1
    [ -n "$pid" ] && [ -d "/proc/$pid" ] && echo "$pid"
}

start() {
    if running_pid >/dev/null; then return 0; fi
    printf 'Starting %s: ' "$NAME"
    if run; then echo '[  OK  ]'; return 0; fi
    echo '[FAILED]'; return 1
}

stop() {
    printf 'Stopping %s: ' "$NAME"
    pid=$(running_pid) || { echo '[FAILED]'; return 0; }
    kill -TERM "$pid"
    tries=0
    while [ -d "/proc/$pid" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ]; then echo '[FAILED]'; return 1; fi
        sleep 0.1
    done
    rm -f "$PIDFILE"
    echo '[  OK  ]'
}

status() {
    if running_pid >/dev/null; then echo "$NAME (pid  $(pids)) is running..."; return 0; fi
    if [ -f "$PIDFILE" ]; then echo "$NAME dead but pid file exists"; return 1; fi
    echo "$NAME is stopped"; return 3
}
