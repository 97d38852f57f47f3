"""A real git repository for a test, without the machine's own git settings."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

# 2026-05-18T12:00:00Z, the date of the spec's example.
COMMITTED = 1_779_105_600


class Repository:
    """A repository with one author, whose commits all have the same date."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    @classmethod
    def bare(cls, root: Path) -> Self:
        """Make a repository to push to."""
        repository = cls(root)
        repository.git("config", "core.bare", "true")
        repository.git("config", "receive.denyCurrentBranch", "ignore")
        return repository

    @classmethod
    def at(cls, root: Path) -> Self:
        """Use the repository that exists at *root*."""
        repository = cls.__new__(cls)
        repository.root = root
        return repository

    def git(self, *arguments: str, **environ: str) -> str:
        done = subprocess.run(
            ("git", "-c", "safe.directory=*", *arguments),
            cwd=self.root,
            env={**hermetic(os.environ), **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"git {arguments}: {done.stderr}")
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")

    def commit(self, message: str = "A change", seconds: int = COMMITTED) -> str:
        date = f"{seconds} +0200"
        self.git("add", "--all")
        self.git(
            *("commit", "--quiet", "--allow-empty", "--message", message),
            GIT_AUTHOR_DATE=date,
            GIT_COMMITTER_DATE=date,
        )
        return self.git("rev-parse", "HEAD")

    def with_remote(self, root: Path) -> "Repository":
        """Make a bare remote, `origin`, and push this repository's branch `main` to it."""
        remote = Repository.bare(root)
        self.git("remote", "add", "origin", str(root))
        self.git("push", "--quiet", "--set-upstream", "origin", "main")
        return remote

    def sign_with_ssh(self, key: Path) -> None:
        """Sign with a new SSH key, which is written to *key*."""
        subprocess.run(
            ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key), check=True
        )
        self.git("config", "gpg.format", "ssh")
        self.git("config", "user.signingKey", str(key))

    def tag(self, *names: str, annotated: bool = False) -> None:
        for name in names:
            self.git(
                "tag", *(("--annotate", "--message", name) if annotated else ()), name
            )


def hermetic(environ: Mapping[str, str]) -> dict[str, str]:
    """Return *environ* with an author, and without anything that changes what git does."""
    kept = {
        key: value
        for key, value in environ.items()
        # The format of a new repository, which `nox -s versions` sets, may change nothing.
        if not key.startswith("GIT_") or key == "GIT_DEFAULT_REF_FORMAT"
    }
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "A. Developer",
        "GIT_AUTHOR_EMAIL": "developer@example.org",
        "GIT_COMMITTER_NAME": "A. Developer",
        "GIT_COMMITTER_EMAIL": "developer@example.org",
    }
