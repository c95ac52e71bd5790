#!/bin/sh
# chkconfig: 345 90 10
# description: supervisord of @NAME@, run as the service account
### BEGIN INIT INFO
# Provides:          @NAME@
# Required-Start:    $network
# Required-Stop:     $network
# Default-Start:     3 4 5
# Default-Stop:      0 1 2 6
### END INIT INFO
NAME=@NAME@
PREFIX=/opt/wakari/@NAME@
ACCOUNT=wakari
PIDFILE=$PREFIX/var/run/supervisord.pid

run() {
    cd / && setpriv --reuid "$ACCOUNT" --regid "$ACCOUNT" --init-groups \
        "$PREFIX/bin/supervisord" -c "$PREFIX/etc/supervisord.conf"
}
pids() { running_pid; }

@FUNCTIONS@
case "$1" in
    start) start ;;
    stop) stop ;;
    restart) stop && start ;;
    status) status ;;
    *) echo "Usage: $0 {start|stop|restart|status}"; exit 2 ;;
esac
