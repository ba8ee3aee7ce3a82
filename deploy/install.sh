#!/bin/sh
# Installs digestbot as a service of this machine, from a checkout, and says what it did. Run it again to update.
#
#     sudo deploy/install.sh             serve, always there
#     sudo deploy/install.sh --timer     a round every quarter of an hour
#     DESTDIR=/tmp/root deploy/install.sh    into another root, without users and services: to look at, or to package
set -eu
cd "$(dirname "$0")/.."

root=${DESTDIR:-}
mode=service
for argument in "$@"; do
    case $argument in
        --timer) mode=timer ;;
        --service) mode=service ;;
        -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) printf 'install.sh: %s is unknown; see --help\n' "$argument" >&2; exit 2 ;;
    esac
done

home=/var/lib/digestbot
program=/opt/digestbot
said() { printf '  %s\n' "$*"; }

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 2
}

[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "it writes to /opt, /etc and /var/lib: run it with sudo"
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or later is needed; name it: PYTHON=…"

if [ -z "$root" ]; then
    if id digestbot >/dev/null 2>&1; then
        said "user digestbot was there"
    else
        useradd --system --home-dir "$home" --shell /usr/sbin/nologin digestbot
        said "user digestbot made"
    fi
fi

# A virtual environment knows where it lies, so an update goes into the same one.
venv=$root$program/.venv
[ -x "$venv/bin/python" ] || { mkdir -p "$root$program" && "$python" -m venv "$venv"; }
"$venv/bin/python" -m pip install -qq --no-deps --require-hashes --only-binary :all: -r requirements/serve.txt
"$venv/bin/python" -m pip install -qq --no-deps --no-build-isolation --no-index --force-reinstall .
said "program in $venv"

mkdir -p "$root$home" "$root/etc/digestbot" "$root/etc/systemd/system"
[ -n "$root" ] || { chown digestbot:digestbot "$home" && chmod 770 "$home"; }
if [ -e "$root$home/digestbot.toml" ]; then
    said "settings in $home/digestbot.toml left as they were"
elif [ -n "$root" ]; then
    (cd "$root$home" && "$venv/bin/python" -m digestbot init >/dev/null)
    said "settings in $home/digestbot.toml made"
else
    (cd "$home" && runuser -u digestbot -- "$venv/bin/python" -m digestbot init >/dev/null)
    said "settings in $home/digestbot.toml made"
fi

secrets=$root/etc/digestbot/environment
if [ ! -e "$secrets" ]; then
    (umask 077 && printf '# Secrets, a line each: DIGESTBOT_SMTP_PASSWORD=...\n' >"$secrets")
    said "file for secrets /etc/digestbot/environment made, for root alone"
fi

for unit in digestbot.service digestbot-run.service digestbot.timer; do
    install -m 644 "deploy/$unit" "$root/etc/systemd/system/$unit"
done
said "units in /etc/systemd/system"

if [ -n "$root" ]; then
    said "nothing enabled: this is another root"
elif [ ! -d /run/systemd/system ]; then
    said "nothing enabled: systemd does not run here; deploy/crontab.example has a line for cron"
elif [ "$mode" = timer ]; then
    systemctl daemon-reload
    systemctl disable --quiet --now digestbot.service 2>/dev/null || :
    systemctl enable --quiet --now digestbot.timer
    said "digestbot.timer enabled: a round every quarter of an hour"
else
    systemctl daemon-reload
    systemctl disable --quiet --now digestbot.timer 2>/dev/null || :
    systemctl enable --quiet digestbot.service
    systemctl restart digestbot.service
    said "digestbot.service enabled and started"
fi
printf 'Next: edit %s/digestbot.toml and %s/subscriptions/, then  digestbot doctor\n' "$home" "$home"
