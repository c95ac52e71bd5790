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

run() { @START@; }
pids() { pidof "$NAME"; }

@FUNCTIONS@
case "$1" in
    start) start ;;
    stop) stop ;;
    restart) stop && start ;;
    reload) pid=$(running_pid) && kill -HUP "$pid" ;;
    status) status ;;
    *) echo "Usage: $0 {start|stop|restart|reload|status}"; exit 2 ;;
esac
