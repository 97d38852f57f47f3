"""docs/how-to/server.md, followed on a bare Debian: install, TLS, report, update, back up."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.pipeline.hosts import Host
from tests.support import pages, rootfs, systemd

pytestmark = [pytest.mark.slow, pytest.mark.nightly]

PAGE = "docs/how-to/server.md"
# What Debian's installer adds to the minimal system.
BARE = ("systemd-sysv", "dbus", "ca-certificates", "openssl")
MINUTES = 10
# A machine that runs has no network here: these run before, or in another network.
NEEDS_NETWORK = ("apt-get ", "/opt/usage-receiver/bin/pip ")
DROP_IN = "/etc/systemd/system/usage-receiver.service.d/options.conf"
CA = "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"
RECEIVER = "http://127.0.0.1:8787"
WAIT = f"curl -sS --fail --retry 9 --retry-connrefused {RECEIVER}/health"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rootfs.RootFileSystem]:
    parent = tmp_path_factory.mktemp("root")
    with rootfs.debian("trixie", *BARE, parent=parent) as made:
        yield made


class Follower:
    """Runs the page's commands in their order, and returns what each prints."""

    def __init__(self, made: rootfs.RootFileSystem, wheels: Path) -> None:
        self._made = made
        self._wheels = wheels
        self._exported = "true"
        self._commands = iter(pages.commands("docs/how-to/server.md"))
        self.machine: systemd.Machine | None = None

    def follow(self, start: str) -> str:
        """Run the commands up to the first that begins with *start*; return its output."""
        for command in self._commands:
            printed = self._run(command)
            if command.startswith(start):
                return printed
        raise AssertionError(f"{PAGE} has no further command {start!r}.")

    def follow_to_the_end(self) -> None:
        for command in self._commands:
            self._run(command)

    def _run(self, command: str) -> str:
        if command.startswith(NEEDS_NETWORK):
            return self._made.run(
                *("sh", "-euc", command),
                environ={"PIP_FIND_LINKS": "/wheels"},
                shared={self._wheels: "/wheels"},
            )
        if command.startswith("export "):
            self._exported = command
            return ""
        assert self.machine is not None
        return self.machine.run(f"{self._exported}\n{command}")


def write_options(made: rootfs.RootFileSystem, option: str) -> None:
    """Write the page's drop-in file, with *option* in place of the project."""
    (block,) = pages.blocks(PAGE, "ini")
    path = made.inside(DROP_IN)
    path.parent.mkdir(exist_ok=True)
    path.write_text(block.text.replace("--project /srv/shelf", option))


def test_the_page_leads_from_a_bare_machine_to_reports_behind_tls(
    bare: rootfs.RootFileSystem, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    commands.build(commands.ROOT / "usage_receiver", wheels, "--wheel")
    followed = Follower(bare, wheels)

    began = time.monotonic()
    followed.follow("apt-get install")
    with systemd.boot(bare) as machine:
        followed.machine = machine
        stored = followed.follow("runuser")
        took = time.monotonic() - began
        followed.follow("curl")
        assert '"version": "2.15.0"' in stored
        assert took < MINUTES * 60

        check_the_sandbox(machine)
        check_the_demo_host(machine, bare, tmp_path)
        check_a_project(followed, machine, bare)
        followed.follow_to_the_end()
        assert machine.run("ls -l /var/backups/usage-receiver").count("-rw-------") == 1
        machine.run("systemctl stop usage-receiver")
        assert "status=0/SUCCESS" in machine.run(
            "systemctl status --no-pager usage-receiver", check=False
        )


def check_the_sandbox(machine: systemd.Machine) -> None:
    status = machine.run(
        "cat /proc/$(systemctl show --property MainPID --value usage-receiver)/status"
    )
    facts = dict(line.split(":\t", 1) for line in status.splitlines())
    assert (facts["NoNewPrivs"], facts["Seccomp"]) == ("1", "2")
    assert int(facts["CapBnd"], 16) == 0
    machine.run("systemd-analyze security --no-pager --threshold=15 usage-receiver")


def check_the_demo_host(
    machine: systemd.Machine, made: rootfs.RootFileSystem, folder: Path
) -> None:
    shutil.copy(made.inside(CA), folder)
    host = Host.imported_from(commands.ROOT / "demo/src", folder / "host")
    host.load_sample_data()
    printed = machine.run_outside(
        *("env", "-i", f"HOME={host.data}", "LANG=C.UTF-8"),
        f"PAPERLESS_DATA_DIR={host.data}",
        *(f"{name}={value}" for name, value in host.variables.items()),
        "PAPERLESS_USAGE_REPORTING_URL=https://localhost",
        f"REQUESTS_CA_BUNDLE={folder / Path(CA).name}",
        *(*map(str, host.command), "send_usage_report"),
        answer="y\n",
    )
    assert printed.endswith("Report sent. Thank you!\n")


def check_a_project(
    followed: Follower, machine: systemd.Machine, made: rootfs.RootFileSystem
) -> None:
    """Serve another project, and then the first one with a secret."""
    shutil.copytree(
        commands.ROOT / "projects" / "manyfold",
        made.inside("/srv/shelf"),
        ignore=shutil.ignore_patterns("node_modules", ".*"),
    )
    write_options(made, "--project /srv/shelf")
    empty = "systemctl stop usage-receiver; rm -r /var/lib/usage-receiver/*"
    machine.run(empty)
    followed.follow("systemctl restart")
    machine.run(WAIT)
    assert " 302 " in machine.run(f"curl -sS --head {RECEIVER}")

    followed.follow("(umask")
    write_options(made, "--operator-secret-file /etc/usage-receiver-secret")
    machine.run(f"{empty}; systemctl daemon-reload; systemctl restart usage-receiver")
    machine.run(WAIT)
    machine.run(
        'printf "Authorization: Bearer %s\\n" "$(cat /etc/usage-receiver-secret)" |'
        f" curl -sS --fail --header @- {RECEIVER}/operator/installations"
    )


# Requests that nginx answers, passes on, cannot pass on, and refuses: each has the address.
NGINX = f"""
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 9 \\
  -keyout /etc/ssl/private/localhost.key -out /etc/ssl/localhost.pem
rm /etc/nginx/sites-enabled/default
systemctl stop caddy
systemctl restart nginx
{WAIT}
send() {{ curl -sS --insecure --interface 127.77.1.66 "$@" || true; }}
head --bytes 900000 /dev/zero | tr '\\0' a > /root/large

send --fail https://localhost/health
send http://localhost/canary
send http://localhost:443/canary
send --data-binary @/root/large https://localhost/canary
printf 'no TLS' | send --max-time 2 --upload-file - telnet://localhost:443
systemctl stop usage-receiver
send https://localhost/canary
"""


def test_nginx_writes_no_address_and_no_path(bare: rootfs.RootFileSystem) -> None:
    bare.install("nginx-light")
    (block,) = pages.blocks(PAGE, "nginx")
    text = block.text.replace("reports.example.org", "localhost")
    bare.inside("/etc/nginx/conf.d/usage-receiver.conf").write_text(text)

    with systemd.boot(bare) as machine:
        printed = machine.run(NGINX)
        written = machine.run(
            "grep --recursive --files-with-matches --fixed-strings"
            " --regexp=127.77.1.66 --regexp=canary /var/log /var/lib/nginx",
            check=False,
        )
        journal = machine.run("journalctl --no-pager")

    assert '{"status":"ok"}' in printed
    assert "502 Bad Gateway" in printed
    assert written == ""
    assert "127.77.1.66" not in journal
    assert "canary" not in journal
