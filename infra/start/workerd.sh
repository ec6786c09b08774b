#!/bin/sh
# Stands in for the workerd binary (MINIFLARE_WORKERD_PATH). Notes the process id, which stays the same through exec,
# and has the kernel end workerd when the process that started it dies: an orphan would keep the port and the state.
echo "$$" >"$RINGWAY_WORKERD_PID_FILE"
if command -v setpriv >/dev/null 2>&1; then
  exec setpriv --pdeathsig KILL "$RINGWAY_WORKERD" "$@"
fi
exec "$RINGWAY_WORKERD" "$@"
