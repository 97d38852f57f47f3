"""Trees, and the stamp that each must get. The cases are data.

`sh -eu` runs each recipe in a committed, clean, untagged project of version 2.15.0
(tests/support/sample_project.py). Many recipes come from complaints about other
stamping tools; a comment names the issue.
"""

from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

NODE = "0123456789abcdef0123456789abcdef01234567"
HEAD_DATE = "2026-05-18T12:00:00Z"


@dataclass(frozen=True)
class Trap:
    """A recipe for a tree, and the stamp that it must get.

    Attributes:
        recipe: Shell commands, run at the project's root.
        channel: The stamped channel.
        tag: The tag that decides it.
        commit: The stamped commit; ... for HEAD's, None for no build_info.py.
        build_date: The stamped date.
        source: The source of the commit.
        changed: The path that makes the tree dirty; the one warning names it.
        unknown: The reason why the commit is unknown; the one warning contains it.
        environ: The environment of the build.
        root: The tree to build, relative to the project's root.
        warning: A part of the one warning. Without one, no warning is allowed.
        error: A part of the error that stops the build.
        dirty: Whether `show` calls the tree changed; None if that is unknown.
    """

    recipe: str = ":"
    channel: str = "dev"
    tag: str | None = None
    commit: str | EllipsisType | None = ...
    build_date: str | None = HEAD_DATE
    source: str = "git"
    changed: str = ""
    unknown: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    root: str = "."
    warning: str = ""
    error: str = ""
    dirty: bool | EllipsisType | None = ...


PKG_INFO = r"printf 'Metadata-Version: 2.4\nName: host\nVersion: 2.15.0\n' > PKG-INFO"
BETA, STABLE = "v2.15.0-beta.rc1", "v2.15.0"
ENVIRONMENT: dict[str, Any] = {"source": "environment", "commit": NODE[:9]}


def stable(recipe: str = ":", **expected: Any) -> Trap:  # noqa: ANN401  # its fields
    """Make a trap that begins with a final's tag, which decides the stamp."""
    return Trap(f"git tag {STABLE}; {recipe}", "stable", STABLE, **expected)


TRAPS: dict[str, Trap] = {
    # Tags
    "no tag": Trap(),
    "a beta tag": Trap(f"git tag {BETA}", "beta", BETA),
    "an annotated beta tag": Trap(f"git tag -a -m x {BETA}", "beta", BETA),
    "a stable tag": stable(),
    "a tag without v": Trap("git tag 2.15.0", "stable", "2.15.0"),
    "a PEP 440 candidate": Trap("git tag v2.15.0rc1", "beta", "v2.15.0rc1"),
    "a PEP 440 dev release": Trap("git tag v2.15.0.dev1", "dev", "v2.15.0.dev1"),
    "a post release": Trap("git tag v2.15.0.post1", "stable", "v2.15.0.post1"),
    "a SemVer pre-release": Trap("git tag v2.15.0-alpha.1", "beta", "v2.15.0-alpha.1"),
    # goreleaser/goreleaser#4134, #4209; pypa/setuptools-scm#521: the wrong tag won.
    "annotated candidate, lightweight final": Trap(
        f"git tag -a -m x {BETA}; git tag {STABLE}", "stable", STABLE
    ),
    "lightweight candidate, annotated final": Trap(
        f"git tag {BETA}; git tag -a -m x {STABLE}", "stable", STABLE
    ),
    "final first, candidate after it": stable(f"git tag -a -m x {BETA}"),
    "rc10 after rc9": Trap(
        "git tag v2.15.0-beta.rc9; git tag v2.15.0-beta.rc10",
        "beta",
        "v2.15.0-beta.rc10",
    ),
    "a legacy tag only": Trap("git tag beta-1.7.0-rc1; git tag ngx-1.7.0-rc1"),
    # pypa/setuptools-scm#1079
    "a tag that is not a version beside one that is": Trap(
        f"git tag zzz-latest; git tag nightly-9.9.9; git tag {BETA}", "beta", BETA
    ),
    "a tag with a comma": Trap(
        f"git tag 'v9.9.9,v9.9.8'; git tag {STABLE}", "stable", STABLE
    ),
    "a tag on the parent": Trap(
        f"git tag {STABLE}; git commit -q --allow-empty -m next"
    ),
    "a branch named like a tag": Trap(f"git branch {STABLE}"),
    "a remote branch named like a tag": Trap(
        f"git update-ref refs/remotes/o/{STABLE} HEAD"
    ),
    "a tag of a tag": Trap(
        f"git tag -a -m x inner; git tag -a -m y {STABLE} inner", "stable", STABLE
    ),
    "a forgotten bump": Trap(
        "git tag v3.0.0-beta.rc1", error="v3.0.0-beta.rc1 means version 3.0.0"
    ),
    "a tag pattern": Trap(
        """sed -i '/^package/a tag-pattern = "release-(?P<version>.+)"' pyproject.toml
        git commit -qam pattern; git tag v9.9.9; git tag release-2.15.0""",
        "stable",
        "release-2.15.0",
    ),
    # Changes
    "a changed file": Trap(
        f"git tag {STABLE}; echo x >> docs/index.md", changed="docs/index.md"
    ),
    "a staged file": Trap("echo x > new.txt; git add new.txt", changed="new.txt"),
    "a new file in the package": Trap(
        "touch src/paperless/new.py", changed="src/paperless/new.py"
    ),
    "a file deleted in the package": Trap(
        "rm src/paperless/__init__.py", changed="src/paperless/__init__.py"
    ),
    # interuss/dss#1431: the tree counted as dirty.
    "a file deleted elsewhere, by .dockerignore": stable("rm -r docs"),
    "a new file elsewhere": stable("touch notes.txt"),
    "an ignored build_info.py of an earlier build": stable(
        "echo 'SOURCE_COMMIT = 1' > src/paperless/build_info.py"
    ),
    "a touched file": stable("touch -t 200001010000 docs/index.md"),
    "a file with another mode": Trap("chmod +x docs/index.md", changed="docs/index.md"),
    "a stash that status lists": stable("""echo x >> docs/index.md; git stash -q
        git config status.showStash true"""),
    # Repositories
    # pypa/setuptools-scm#1506, #543, #414: it silently got a version.
    "a shallow clone without tags": Trap(
        f"git tag {STABLE}; git clone -q --depth=1 --no-tags file://$PWD ../clone",
        root="../clone",
        warning="This clone is shallow and has no tag",
    ),
    # pypa/setuptools-scm#414: a release became a dev build without a word.
    "a whole clone without tags": Trap(
        f"git tag {STABLE}; git clone -q --no-tags file://$PWD ../clone",
        root="../clone",
        warning="This clone has no tags at all",
    ),
    # pypa/setuptools-scm#790
    "a shallow clone of a tag": stable(
        f"git clone -q --depth=1 -b {STABLE} file://$PWD ../clone", root="../clone"
    ),
    "a worktree": Trap(
        f"git tag {BETA}; git worktree add -q --detach ../tree {BETA}",
        "beta",
        BETA,
        root="../tree",
    ),
    "a submodule": Trap(
        f"""git tag {BETA}; git init -q ../outer; cd ../outer
        git -c protocol.file.allow=always submodule --quiet add file://$OLDPWD inner
        git commit -qm x; git tag v9.9.9""",
        "beta",
        BETA,
        root="../outer/inner",
    ),
    "a folder of a monorepo": Trap(
        f"""mkdir ../mono; cp -r . ../mono/one; rm -rf ../mono/one/.git; cd ../mono
        git init -q; echo > other.txt; git add -A; git commit -qm x; git tag {BETA}
        echo changed > other.txt""",
        "beta",
        BETA,
        root="../mono/one",
    ),
    "unpacked inside another repository": Trap(
        """mkdir -p ../outer; cp -r . ../outer/inner; rm -rf ../outer/inner/.git; cd ../outer
        git init -q; echo > file; git add file; git commit -qm x; git tag v9.9.9""",
        root="../outer/inner",
        unknown="git does not track src/paperless",
    ),
    "no repository": Trap("rm -rf .git", unknown="is not in a git repository"),
    "no git": Trap(
        environ={"PATH": "/nowhere"}, unknown="there is no git on this machine"
    ),
    "no commit": Trap(
        "rm -rf .git; git init -q", unknown="does not have any commits yet"
    ),
    # golang/go#68834: only git's exit status was shown.
    "a broken repository": Trap(
        'rm .git/objects/$(git rev-parse HEAD | sed "s,..,&/,")',
        unknown="git says: ",
    ),
    # The caller's environment and settings
    "GIT_DIR of another repository": stable(
        "git init -q ../other; git -C ../other commit -q --allow-empty -m x",
        environ={"GIT_DIR": "../other/.git", "GIT_WORK_TREE": "/"},
    ),
    # mtkennerly/dunamai#100: the trace was parsed.
    "GIT_TRACE to standard error and output": stable(
        environ={"GIT_TRACE": "1", "GIT_TRACE2": "1"}
    ),
    "log.showSignature": Trap(
        f"git config log.showSignature true; git tag {STABLE}", "stable", STABLE
    ),
    "log.excludeDecoration": Trap(
        f"git config log.excludeDecoration 'refs/tags/*'; git tag {STABLE}",
        "stable",
        STABLE,
    ),
    "colour and decoration settings": Trap(
        f"git config color.ui always; git config log.decorate no; git tag {STABLE}",
        "stable",
        STABLE,
    ),
    # python-versioneer/python-versioneer#156: the length of the commit varied.
    "core.abbrev 4": Trap("git config core.abbrev 4"),
    "core.abbrev 40": Trap("git config core.abbrev 40"),
    "core.abbrev auto": Trap("git config core.abbrev auto"),
    "status.showUntrackedFiles and relative paths": Trap(
        "git config status.showUntrackedFiles no; touch src/paperless/new.py",
        changed="src/paperless/new.py",
    ),
    "a replaced commit": Trap(
        """old=$(git rev-parse HEAD); GIT_COMMITTER_DATE='1000000000 +0000' git commit -q --amend -m other
        new=$(git rev-parse HEAD); git reset -q --soft $old; git replace $old $new"""
    ),
    # rustyhorde/vergen#452: the date of the commit replaced it.
    "SOURCE_DATE_EPOCH": Trap(
        environ={"SOURCE_DATE_EPOCH": "315532800"}, build_date="1980-01-01T00:00:00Z"
    ),
    "a malformed SOURCE_DATE_EPOCH": Trap(
        environ={"SOURCE_DATE_EPOCH": "1e9"},
        error="SOURCE_DATE_EPOCH must be a whole number of seconds",
    ),
    # pypa/setuptools-scm#321, #978: they stamped dependencies that the same job built.
    "variables of a CI system": Trap(
        environ={
            "GITHUB_SHA": NODE,
            "GITHUB_REF_NAME": STABLE,
            "CI_COMMIT_SHA": NODE,
            "CI_COMMIT_TAG": STABLE,
            "SOURCE_COMMIT": NODE,
            "SETUPTOOLS_SCM_PRETEND_VERSION": "9.9.9",
        }
    ),
    "overrides of another distribution": Trap(
        environ={
            "OTHER_SOURCE_COMMIT": NODE,
            "OTHER_TAG": "v9.9.9",
            "OTHER_CHANNEL": "stable",
        }
    ),
    # Overrides
    "everything stated, no repository (a Docker build)": Trap(
        "rm -rf .git",
        "beta",
        BETA,
        build_date="2026-01-02T03:04:05Z",
        environ={
            "HOST_SOURCE_COMMIT": NODE,
            "HOST_BUILD_DATE": "2026-01-02T05:04:05.999+02:00",
            "HOST_TAG": BETA,
        },
        **ENVIRONMENT,
    ),
    "a stated channel on an untagged branch": Trap(
        channel="beta", environ={"HOST_CHANNEL": "beta"}
    ),
    "a stated tag among several": Trap(
        f"git tag {STABLE}; git tag {BETA}",
        "beta",
        BETA,
        source="environment",
        environ={"HOST_TAG": BETA},
    ),
    "a stated commit that differs from HEAD": Trap(
        environ={"HOST_SOURCE_COMMIT": NODE},
        warning="HOST_SOURCE_COMMIT states 012345678, but git says",
        **ENVIRONMENT,
    ),
    "empty overrides, as Docker passes them": Trap(
        environ={
            "HOST_SOURCE_COMMIT": "",
            "HOST_TAG": "",
            "HOST_CHANNEL": "",
            "HOST_STRICT": "",
        }
    ),
    "malformed overrides": Trap(
        environ={"HOST_SOURCE_COMMIT": "main", "HOST_CHANNEL": "nightly"},
        error="HOST_SOURCE_COMMIT must be a commit's SHA",
    ),
    "a stated tag of another version": Trap(
        environ={"HOST_TAG": "v9.9.9"}, error="Tag v9.9.9 means version 9.9.9"
    ),
    "a stated tag of another commit": stable(
        "git commit -q --allow-empty -m next",
        source="environment",
        environ={"HOST_TAG": STABLE},
        warning="HOST_TAG states v2.15.0, which is at",
    ),
    "a stated tag and a stated channel that disagree": Trap(
        f"git tag {STABLE}",
        "beta",
        STABLE,
        source="environment",
        environ={"HOST_TAG": STABLE, "HOST_CHANNEL": "beta"},
        warning="HOST_CHANNEL states beta, but tag v2.15.0 means stable",
    ),
    "a stated tag without a commit": Trap(
        "rm -rf .git",
        "stable",
        STABLE,
        commit=None,
        build_date=None,
        source="environment",
        environ={"HOST_TAG": STABLE},
        warning="is stated without its commit, so the build gets none",
    ),
    "a stated endpoint": Trap(
        environ={"HOST_REPORT_URL": "https://reports.example.org"}
    ),
    "a malformed endpoint": Trap(
        environ={"HOST_REPORT_URL": "http://reports.example.org"},
        error="HOST_REPORT_URL must begin with https://",
    ),
    # goreleaser/goreleaser#4123: the program of a filter is not installed.
    "a status that fails": Trap(
        f"""git tag {STABLE}; echo '*.md filter=big' > .git/info/attributes
        git config filter.big.required true; git config filter.big.clean no-such-program
        touch -d 2030-01-01 docs/index.md""",
        warning="no-such-program",
        dirty=None,
    ),
    "strict, a status that fails": Trap(
        f"""git tag {STABLE}; echo '*.md filter=big' > .git/info/attributes
        git config filter.big.required true; git config filter.big.clean no-such-program
        touch -d 2030-01-01 docs/index.md""",
        environ={"HOST_STRICT": "1"},
        error="git could not compare it with the commit",
    ),
    # A path of git's is not always UTF-8.
    "a worktree of a repository in a folder with a Latin-1 name": stable(
        """old=$PWD; new=$(printf '../fen\\352tre'); cp -R "$old" "$new"
        git -C "$new" worktree add -q --detach "$old/../tree" v2.15.0""",
        root="../tree",
    ),
    # Archives
    "an archive": Trap(
        """printf 'node: $Format:%%H$\nnode-date: $Format:%%cI$\n' > .git_archival.txt
        printf '.git_archival.txt export-subst\n' > .gitattributes
        git add -A; GIT_COMMITTER_DATE='1779105600 +0200' git commit -qm archive
        mkdir ../archive; git archive HEAD | tar -x -C ../archive""",
        source="git-archive",
        root="../archive",
    ),
    # pypa/setuptools-scm#987
    "an archive of a monorepo": Trap(
        """mkdir -p ../mono/tasks; cp -R . ../mono/tasks/one; rm -rf ../mono/tasks/one/.git
        cd ../mono; git init -q
        printf 'node: $Format:%%H$\nnode-date: $Format:%%cI$\n' > .git_archival.txt
        printf '.git_archival.txt export-subst\n' > .gitattributes
        git add -A; git commit -qm x; mkdir ../archive; git archive HEAD | tar -x -C ../archive
        git -C "$OLDPWD" fetch -q "$PWD"; git -C "$OLDPWD" reset -q FETCH_HEAD""",
        source="git-archive",
        root="../archive/tasks/one",
    ),
    "a stated commit that differs from the archive's": Trap(
        f"rm -rf .git; printf 'node: {'1' * 40}\\nnode-date: {HEAD_DATE}\\n' > .git_archival.txt",
        environ={"HOST_SOURCE_COMMIT": NODE},
        warning="but git-archive says 111111111",
        **ENVIRONMENT,
    ),
    # pypa/setuptools-scm#1030: %D expands to the tags of that day.
    "an archived candidate, described as the final": Trap(
        f"""rm -rf .git
        printf 'node: {NODE}\nnode-date: 2026-05-18T14:00:00+02:00\n' > .git_archival.txt
        printf 'describe-name: {STABLE}\nref-names: tag: {STABLE}\n' >> .git_archival.txt""",
        source="git-archive",
        commit=NODE[:9],
    ),
    "an archive that was not expanded": Trap(
        "rm -rf .git; printf 'node: $Format:%%H$\n' > .git_archival.txt",
        unknown="is not in a git repository",
    ),
    # Trees that carry a stamp
    "a packager's repository of an unpacked sdist": Trap(
        f"""{PKG_INFO}; echo 'SOURCE_COMMIT = "{NODE[:9]}"' > src/paperless/build_info.py
        echo 'BUILD_DATE = "{HEAD_DATE}"' >> src/paperless/build_info.py
        sed -i 's/"dev"/"beta"/' src/paperless/version.py; git add -A -f; git commit -qm import
        git tag v9.9.9""",
        "beta",
        commit=NODE[:9],
        source="sdist",
    ),
    "a stamped copy": Trap(
        f"""rm -rf .git; echo 'SOURCE_COMMIT = "{NODE[:9]}"' > src/paperless/build_info.py
        echo 'BUILD_DATE = "{HEAD_DATE}"' >> src/paperless/build_info.py""",
        commit=NODE[:9],
        source="copy",
    ),
    "an unpacked sdist without a stamp": Trap(
        f"rm -rf .git; {PKG_INFO}", unknown="The commit of this tree is unknown"
    ),
    "a PKG-INFO in a repository": Trap(
        f"{PKG_INFO}; git add -A; git commit -qm x; git tag {STABLE}", "stable", STABLE
    ),
    # version.py
    "a version.py with expressions that are not literals": Trap(
        """{ printf 'X = {[1]: 2}\nY = 0'; yes '+ 1' | head -900 | tr -d '\n'; echo; } \
          >> src/paperless/version.py; git commit -qam x"""
    ),
    "two channels": Trap(
        "echo '__channel__ = 1' >> src/paperless/version.py; git commit -qam x",
        error="assigns __channel__ in lines 4 and 5",
    ),
    "a commit dated after 2100": Trap(
        "GIT_COMMITTER_DATE='@9999999999 +0000' git commit -q --allow-empty -m x",
        build_date=None,
    ),
    # Strict mode
    "strict, a clean tagged commit": stable(environ={"HOST_STRICT": "1"}),
    "strict by the key": Trap(
        "sed -i '/^package/a strict = true' pyproject.toml; git commit -qam strict",
        error="This is a dev build: its commit has no release tag",
    ),
    "strict, no facts": Trap(
        "rm -rf .git",
        environ={"HOST_STRICT": "1"},
        error="The commit of this tree is unknown",
    ),
    "strict, changed": Trap(
        f"git tag {STABLE}; echo x >> docs/index.md",
        environ={"HOST_STRICT": "1"},
        error="but the tree is changed",
    ),
    "strict, dev stated": Trap(
        environ={"HOST_STRICT": "1", "HOST_CHANNEL": "dev"}, error="This is a dev build"
    ),
    "strict, a commit without a date": Trap(
        "rm -rf .git",
        environ={"HOST_STRICT": "1", "HOST_SOURCE_COMMIT": NODE, "HOST_TAG": STABLE},
        error="The date is unknown: set HOST_BUILD_DATE",
    ),
    "strict, untagged, channel stated": Trap(
        channel="beta", environ={"HOST_STRICT": "1", "HOST_CHANNEL": "beta"}
    ),
}
