import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from build_hooks import cli
from tests.build.artifacts import build_targets
from tests.support.repository import Repository
from tests.support.sample_project import PYPROJECT

pytestmark = pytest.mark.slow

BETA = "v2.15.0-beta.rc1"
Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def tagged(project: Repository) -> Repository:
    project.tag(BETA)
    return project


@pytest.fixture
def artifacts(tagged: Repository) -> dict[str, Path]:
    """The wheel and the sdist of the tagged project."""
    return build(tagged)


def build(tagged: Repository) -> dict[str, Path]:
    """Build a wheel and an sdist without a frontend, in a quarter of the time."""
    paths = build_targets(tagged.root, tagged.root / "dist", "sdist", "wheel")
    return {path.suffix: path for path in paths}


@pytest.fixture
def verify(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tagged: Repository,
) -> Verify:
    """Run `build-stamp verify` in the project; return its status and output."""
    monkeypatch.chdir(tagged.root)

    def run(*arguments: object) -> tuple[int, str]:
        status = cli.main(["verify", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_an_untouched_wheel_passes_every_check(
    verify: Verify, tagged: Repository, artifacts: dict[str, Path]
) -> None:
    commit = tagged.git("rev-parse", "HEAD")[:9]

    status, printed = verify(artifacts[".whl"], "--tag", BETA, "--strict")

    assert status == 0
    assert printed.splitlines() == [
        str(artifacts[".whl"]),
        f"  ok    stamp    commit {commit}, built 2026-05-18T12:00:00Z",
        "  ok    channel  beta",
        "  ok    version  version.py says 2.15.0, metadata says 2.15.0",
        f"  ok    name     {artifacts['.whl'].name} is host 2.15.0",
        f"  ok    commit   {commit} is the commit of tag {BETA}",
        "  ok    record   6 files match",
    ]


@pytest.mark.parametrize("name", ["dist", "dist/*"])
def test_a_folder_of_artifacts_stands_for_them(
    verify: Verify, artifacts: dict[str, Path], name: str
) -> None:
    status, printed = verify(name, "--tag", BETA)

    assert status == 0
    for path in artifacts.values():
        assert f"{Path('dist', path.name)}\n" in printed


def test_a_pattern_that_names_nothing_fails(verify: Verify) -> None:
    status, printed = verify("wheels/*")

    assert status == 1
    assert "wheels/* cannot be opened" in printed


def test_a_tag_without_its_v_is_corrected(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    status, printed = verify(artifacts[".whl"], "--tag", BETA[1:], "--strict")

    assert status == 1
    assert f"has tag {BETA[1:]}, but it has tag {BETA}\n" in printed


def test_an_untouched_sdist_tarball_and_directory_pass(
    verify: Verify, artifacts: dict[str, Path], tmp_path: Path
) -> None:
    with tarfile.open(artifacts[".gz"]) as archive:
        # Python has filters since 3.11.4; Debian 12 has 3.11.2.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path / "unpacked")  # noqa: S202  # our own archive
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    tarball = tmp_path / "host.tar.xz"
    with tarfile.open(tarball, "w:xz") as archive:
        archive.add(unpacked / "src", "host/src")

    status, printed = verify(
        artifacts[".gz"],
        tarball,
        unpacked,
        unpacked / "src/paperless",
        "--tag",
        BETA,
        "--strict",
    )

    assert status == 0, printed
    assert printed.count("ok    commit") == 4


def test_an_index_must_not_take_a_beta_under_the_name_of_the_final_release(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    status, printed = verify(*artifacts.values(), "--tag", BETA, "--index")

    assert status == 1
    name = artifacts[".whl"].name
    assert (
        f"  FAIL  index    {name} has version 2.15.0, but tag {BETA} is 2.15.0-beta.rc1: "
        "an index would keep the name from release 2.15.0\n"
    ) in printed
    assert printed.count("FAIL") == 2


def test_an_index_may_take_the_files_of_a_final_release(
    verify: Verify, tagged: Repository
) -> None:
    tagged.tag("v2.15.0")
    final = build(tagged)

    status, printed = verify(*final.values(), "--tag", "v2.15.0", "--index")

    assert status == 0, printed
    assert printed.count("ok    index    2.15.0 is the version of tag v2.15.0") == 2


@pytest.mark.parametrize("tag", ["v2.16.0rc1", "v2.16.0-rc.1", "2.16.0rc1"])
def test_an_index_may_take_a_candidate_whose_version_is_the_tags(
    verify: Verify, tagged: Repository, tag: str
) -> None:
    tagged.write({"pyproject.toml": PYPROJECT.replace("2.15.0", "2.16.0rc1")})
    tagged.write({"src/paperless/version.py": '__version__ = "2.16.0rc1"\n'})
    tagged.commit()
    tagged.tag(tag)

    status, printed = verify(build(tagged)[".whl"], "--tag", tag, "--index")

    assert status == 0, printed


def test_only_files_with_a_version_of_their_own_go_to_an_index(
    verify: Verify, tagged: Repository
) -> None:
    _, printed = verify(tagged.root / "src/paperless", "--tag", BETA, "--index")

    assert "FAIL  index    paperless has no version, so no index takes it" in printed


def test_index_needs_a_tag_to_compare_with(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    status, printed = verify(artifacts[".whl"], "--index")

    assert status == 1
    assert "--index compares with a tag: pass --tag, too." in printed


def test_a_second_build_is_the_same_bytes(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    status, printed = verify(*artifacts.values(), "--rebuild", "--no-isolation")

    assert status == 0, printed
    assert printed.count("ok    rebuild  a second build is the same bytes") == 2


def test_a_rebuild_of_a_changed_tree_names_the_differing_files(
    verify: Verify, tagged: Repository, artifacts: dict[str, Path]
) -> None:
    tagged.write({"src/paperless/new.py": ""})

    status, printed = verify(artifacts[".whl"], "--rebuild", "--no-isolation")

    assert status == 1
    assert (
        "has other bytes: paperless/version.py; this artifact lacks paperless/new.py\n"
        in printed
    )


def test_a_rebuild_needs_a_project(
    verify: Verify, artifacts: dict[str, Path], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    status, printed = verify(artifacts[".whl"], "--rebuild", "--from", elsewhere)

    assert status == 1
    assert (
        f"FAIL  rebuild  {elsewhere} is not a project: pass the one to build with --from"
        in printed
    )


def test_a_folder_that_is_not_there_is_named(
    verify: Verify, artifacts: dict[str, Path], tmp_path: Path
) -> None:
    status, printed = verify(
        artifacts[".whl"], "--tag", BETA, "--from", tmp_path / "no"
    )

    assert status == 1
    reason = f"{tmp_path / 'no'} is not a folder: pass the project's with --from."
    assert reason in " ".join(printed.split())


def test_a_failed_rebuild_shows_the_end_of_its_output(
    verify: Verify, tagged: Repository, artifacts: dict[str, Path]
) -> None:
    tagged.write({"pyproject.toml": PYPROJECT.replace("package =", "pakage =")})

    status, printed = verify(artifacts[".whl"], "--rebuild", "--no-isolation")

    assert status == 1
    assert "FAIL  rebuild  the build failed" in printed
    assert 'Did you mean "package"?' in printed


def rewrite(wheel: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Return a copy of *wheel* with one changed file."""
    copy = wheel.with_name("tampered") / wheel.name
    copy.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(copy, "w") as target:
        for entry in source.namelist():
            content = source.read(entry)
            target.writestr(entry, change(content) if entry == name else content)
    return copy


@pytest.mark.parametrize(
    ("name", "old", "new", "messages"),
    [
        (
            "paperless/version.py",
            b'"beta"',
            b'"stable"',
            [
                f"FAIL  channel  stable, but tag {BETA} means beta",
                "FAIL  record   paperless/version.py has another hash",
            ],
        ),
        (
            "paperless/version.py",
            b'"beta"',
            b'"gold"',
            ["FAIL  channel  version.py says 'gold'"],
        ),
        (
            "paperless/version.py",
            b"(2, 15, 0)",
            b"(2, 14, 0)",
            [
                "FAIL  version  version.py says 2.14.0, metadata says 2.15.0, but the tag is"
            ],
        ),
        (
            "paperless/build_info.py",
            b"SOURCE_COMMIT",
            b"OTHER",
            ["FAIL  stamp    SOURCE_COMMIT is None"],
        ),
        (
            "paperless/build_info.py",
            b"12:00:00Z",
            b"12:00",
            ["FAIL  stamp    BUILD_DATE is"],
        ),
        (
            "paperless/build_info.py",
            b'COMMIT = "',
            b'COMMIT = "0',
            ["FAIL  stamp    SOURCE_COMMIT is"],
        ),
        ("paperless/build_info.py", b"=", b"(", ["FAIL  stamp", "is not valid Python"]),
    ],
)
def test_a_changed_wheel_fails_and_names_the_values(  # a table's columns
    verify: Verify,
    artifacts: dict[str, Path],
    name: str,
    old: bytes,
    new: bytes,
    messages: list[str],
) -> None:
    copy = rewrite(
        artifacts[".whl"], name, lambda content: content.replace(old, new, 1)
    )

    status, printed = verify(copy, "--tag", BETA)

    assert status == 1
    for message in messages:
        assert message in printed


@pytest.mark.parametrize("suffix", [".whl", ".gz"])
@pytest.mark.parametrize(
    ("old", "new"), [("2.15.0", "2.16.0"), ("host", "guest")], ids=["version", "name"]
)
def test_a_renamed_file_fails(
    verify: Verify, artifacts: dict[str, Path], suffix: str, old: str, new: str
) -> None:
    path = artifacts[suffix]
    renamed = path.rename(path.with_name(path.name.replace(old, new, 1)))

    status, printed = verify(renamed)

    assert status == 1
    assert (
        f"FAIL  name     the file is {renamed.name}, but its metadata says host 2.15.0"
        in (printed)
    )


def with_record_hash(wheel: Path, algorithm: str) -> Path:
    """Return a copy of *wheel* whose RECORD has every hash by *algorithm*."""
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    (own,) = (name for name in contents if name.endswith("/RECORD"))
    lines = []
    for name, content in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest())
        row = f"{algorithm}={digest.rstrip(b'=').decode()},{len(content)}"
        lines.append(f"{name},{',' if name == own else row}\n")
    return rewrite(wheel, own, lambda _: "".join(lines).encode())


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_a_stronger_hash_in_the_record_is_accepted(
    verify: Verify, artifacts: dict[str, Path], algorithm: str
) -> None:
    copy = with_record_hash(artifacts[".whl"], algorithm)

    assert "ok    record   6 files match" in verify(copy)[1]
    tampered = rewrite(
        copy.rename(copy.with_name("tampered-once.whl")),
        "paperless/__init__.py",
        lambda _: b"evil = 1",
    )
    assert (
        "FAIL  record   paperless/__init__.py has another hash" in verify(tampered)[1]
    )


def test_a_weak_hash_in_the_record_is_refused(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    printed = verify(with_record_hash(artifacts[".whl"], "md5"))[1]

    assert (
        "FAIL  record   host-2.15.0.dist-info/METADATA is listed with none of sha256, "
        "sha384, sha512" in printed
    )


def test_a_file_that_the_record_does_not_list_fails(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    with zipfile.ZipFile(artifacts[".whl"], "a") as archive:
        archive.writestr("paperless/backdoor.py", "")

    status, printed = verify(artifacts[".whl"])

    assert status == 1
    assert "FAIL  record   paperless/backdoor.py is not listed" in printed


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("v2.15.0", "FAIL  channel  beta, but tag v2.15.0 means stable"),
        ("v2.16.0-beta.rc1", "but the tag is v2.16.0-beta.rc1"),
        (
            "v2.15.0-beta.rc2",
            "skip  commit   no repository here has tag v2.15.0-beta.rc2",
        ),
    ],
)
def test_a_wrong_tag_is_named(
    verify: Verify, artifacts: dict[str, Path], tag: str, message: str
) -> None:
    _, printed = verify(artifacts[".whl"], "--tag", tag)

    assert message in printed


def test_a_moved_tag_fails(
    verify: Verify, tagged: Repository, artifacts: dict[str, Path]
) -> None:
    old = tagged.git("rev-parse", "HEAD")[:9]
    tagged.git("tag", "--force", BETA, tagged.commit("Another"))
    new = tagged.git("rev-parse", "HEAD")[:9]

    status, printed = verify(artifacts[".whl"], "--tag", BETA)

    assert status == 1
    assert f"FAIL  commit   {old}, but tag {BETA} is at {new}" in printed


def test_only_strict_fails_on_a_dev_stamp(verify: Verify, tagged: Repository) -> None:
    tagged.commit("Untagged")
    wheel = build(tagged)[".whl"]

    assert verify(wheel)[0] == 0
    status, printed = verify(wheel, "--strict")

    assert status == 1
    assert "FAIL  channel  dev is not a release" in printed


def test_only_strict_fails_without_a_stamp(verify: Verify, tagged: Repository) -> None:
    package = tagged.root / "src" / "paperless"

    assert verify(package)[0] == 0
    status, printed = verify(package, "--strict", "--tag", BETA)

    assert status == 1
    assert "FAIL  stamp    there is no build_info.py" in printed
    assert "FAIL  commit   no commit is stamped, but tag" in printed


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.whl", None, "cannot be opened: No such file or directory"),
        ("empty.whl", b"", "cannot be opened: File is not a zip file"),
        ("text.tar.gz", b"text", "cannot be opened"),
        ("text.whl", b"PK\x03\x04", "cannot be opened"),
    ],
)
def test_an_artifact_that_cannot_be_opened_fails_with_the_reason(
    verify: Verify, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    status, printed = verify(path)

    assert status == 1
    assert message in printed


def test_a_damaged_archive_fails_without_a_traceback(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    for path in artifacts.values():
        whole = path.read_bytes()
        for offset in range(20, len(whole) - 8, len(whole) // 12):
            path.write_bytes(whole[:offset] + b"\xff\x00\xaa\x55" + whole[offset + 4 :])

            status, printed = verify(path)

            # The content of a wheel may be intact even if a local header is damaged.
            assert status == 1 or path.suffix == ".whl", (offset, printed)
            assert "Traceback" not in printed
        path.write_bytes(whole)


def test_a_name_or_a_record_that_cannot_be_read_is_refused(
    verify: Verify, tmp_path: Path
) -> None:
    wheel = tmp_path / "p-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("p/é.py", "")
    wheel.write_bytes(wheel.read_bytes().replace("é".encode(), b"\xff\xff"))
    assert f"{wheel} cannot be opened: 'utf-8' codec" in verify(wheel)[1]

    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("p-1.0.dist-info/RECORD", "x" * 200_000)
    assert f"{wheel} cannot be opened: field larger" in verify(wheel)[1]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_refused(
    verify: Verify, artifacts: dict[str, Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(artifacts[".whl"], "a") as archive:
        archive.writestr("paperless/version.py", "evil = 1")
    (tmp_path / "version.py").write_text("evil = 1")
    tarball = tmp_path / "two.tar"
    with tarfile.open(tarball, "w") as tar:
        tar.add(tmp_path / "version.py", "p/version.py")
        tar.add(tmp_path / "version.py", "p/./version.py")

    assert "contains paperless/version.py twice" in verify(artifacts[".whl"])[1]
    assert "p/version.py and p/./version.py are put at one path" in verify(tarball)[1]


def test_strict_needs_a_repository_with_the_tag(
    verify: Verify, artifacts: dict[str, Path], tmp_path: Path
) -> None:
    status, printed = verify(
        artifacts[".whl"], "--tag", BETA, "--strict", "--from", tmp_path
    )

    assert status == 1
    assert (
        f"FAIL  commit   no repository here has tag {BETA}: run git fetch --tags"
        in printed
    )


def test_verify_needs_no_table(
    verify: Verify, tagged: Repository, artifacts: dict[str, Path]
) -> None:
    """Like paperless-ngx today."""
    tagged.write({"pyproject.toml": '[project]\nname = "host"\n'})

    assert verify(artifacts[".whl"], "--tag", BETA, "--strict")[0] == 0


def test_a_tree_older_than_the_stamp_is_a_dev_build(
    verify: Verify, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "version.py").write_text("__version__ = (2, 14, 0)\n")

    assert "ok    channel  none is stated, which means dev" in verify(tree)[1]


def test_a_template_beside_the_stamped_package_is_ignored(
    verify: Verify, artifacts: dict[str, Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(artifacts[".whl"]) as archive:
        archive.extractall(tmp_path / "tree")  # noqa: S202  # the test's own wheel
    (tmp_path / "tree" / "template").mkdir()
    (tmp_path / "tree" / "template" / "version.py").write_text("{{ version }} is")

    assert verify(tmp_path / "tree")[0] == 0


def test_one_of_several_packages_must_be_selected(
    verify: Verify, tagged: Repository
) -> None:
    tree = tagged.root / "src"
    shutil.copytree(tree / "paperless", tree / "other")

    assert (
        "has several packages with a version.py or build_info.py: other, paperless"
        in verify(tree)[1]
    )
    assert verify(tree, "--package", "paperless")[0] == 0
    assert "has no package nothing" in verify(tree, "--package", "nothing")[1]


def test_an_empty_folder_is_refused(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert "has no package with a version.py" in verify(tmp_path / "empty")[1]


def test_a_tag_that_is_not_a_release_is_refused(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    status, printed = verify(artifacts[".whl"], "--tag", "latest")

    assert status == 1
    assert printed == (
        "build-stamp: latest is not a release tag, such as v2.15.0 or v2.15.0-beta.rc1.\n"
    )


def test_verify_runs_no_code_of_the_artifact(
    verify: Verify, artifacts: dict[str, Path]
) -> None:
    copy = rewrite(
        artifacts[".whl"],
        "paperless/version.py",
        lambda content: content + b"raise SystemExit\n",
    )

    assert "ok    channel  beta" in verify(copy)[1]


def test_verify_of_a_folder_needs_only_the_standard_library(
    artifacts: dict[str, Path],
) -> None:
    root = Path(cli.__file__).parents[1]
    folder = artifacts[".whl"].parents[1] / "src" / "paperless"
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from build_hooks.cli import main; sys.exit(main())"

    done = subprocess.run(
        (sys.executable, "-S", "-I", "-c", code, "verify", str(folder)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


BLOG = {"src/blog/__init__.py": "", "src/blog/models.py": "POSTS = []\n"}


def test_packages_that_git_tracks_and_the_wheel_lacks_are_named(
    verify: Verify, tagged: Repository, artifacts: dict[str, Path]
) -> None:
    tagged.write(BLOG)
    tagged.commit("Forget to ship the blog")

    status, printed = verify(*artifacts.values())

    assert status == 0
    assert (
        printed.count("warn  packages git tracks src/blog, which this wheel lacks") == 1
    )


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"tests/__init__.py": "", "src/docs/__init__.py": ""}, id="tests"),
        pytest.param(
            {**BLOG, "hatch.toml": '[build.targets.wheel]\nexclude = ["/src/blog"]\n'},
            id="excluded",
        ),
        pytest.param(
            {**BLOG, "hatch.toml": '[build.sources]\n"src/blog" = "weblog"\n'},
            id="renamed",
        ),
        pytest.param(
            {**BLOG, "pyproject.toml": PYPROJECT.replace('"host"', '"other"')},
            id="of another project",
        ),
    ],
)
def test_packages_that_the_wheel_leaves_out_on_purpose_are_not_named(
    verify: Verify,
    tagged: Repository,
    artifacts: dict[str, Path],
    files: dict[str, str],
) -> None:
    tagged.write(files)
    tagged.commit()

    status, printed = verify(artifacts[".whl"])

    assert status == 0
    assert "git tracks" not in printed


def test_verify_runs_no_code_of_the_project(
    verify: Verify, tagged: Repository, artifacts: dict[str, Path]
) -> None:
    code = "open('ran', 'w').close()\n"
    tagged.write({"hatch_build.py": code, "src/paperless/__init__.py": code})
    with (tagged.root / "pyproject.toml").open("a") as pyproject:
        pyproject.write(
            "[tool.hatch.build.hooks.custom]\n[tool.hatch.metadata.hooks.custom]\n"
        )

    status, _ = verify(*artifacts.values(), "--tag", BETA, "--strict")

    assert status == 0
    assert not (tagged.root / "ran").exists()
