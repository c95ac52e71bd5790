#!/bin/sh
# chkconfig: 345 85 15
# description: @NAME@
### BEGIN INIT INFO
# Provides:          @NAME@
# Required-Start:    $network
# Required-Stop:     $network
# Default-Start:     3 4 5
# Default-Stop:      0 1 2 6
### END INIT INFO
NAME=@NAME@
PIDFILE=@PIDFILE@

running_pid() {
    pid=$(cat "$PIDFILE" 2>/dev/null) || return 1
    [ -n "$pid" ] && [ -d "/proc/$pid" ] && echo "$pid"
}

start() {
    if running_pid >/dev/null; then return 0; fi
    printf 'Starting %s: ' "$NAME"
    if @START@; then echo '[  OK  ]'; return 0; fi
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
    if running_pid >/dev/null; then
        echo "$NAME (pid  $(pidof "$NAME")) is running..."; return 0
    fi
    if [ -f "$PIDFILE" ]; then echo "$NAME dead but pid file exists"; return 1; fi
    echo "$NAME is stopped"; return 3
}

case "$1" in
    start) start ;;
    stop) stop ;;
    restart) stop && start ;;
    reload) pid=$(running_pid) && kill -HUP "$pid" ;;
    status) status ;;
    *) echo "Usage: $0 {start|stop|restart|reload|status}"; exit 2 ;;
esac
