"""Builds the Debian packages and the RPM of docs/how-to/distributions.md, and unpacks them."""

import shutil
from pathlib import Path
from typing import NamedTuple

from tests.pipeline import commands, hosts
from tests.support import pages, tarballs
from tests.support.needs import require

PAGE = "docs/how-to/distributions.md"
# The page's commands.
DEB = "dpkg-buildpackage --unsigned-source --unsigned-changes"
LINT = r"""lintian --fail-on=warning \
    --suppress-tags=initial-upload-closes-no-bugs,newer-standards-version ../*.changes"""
RPM = "rpmbuild -bb ~/rpmbuild/SPECS/paperless-ngx.spec"
# What the recipes state.
COMMIT = "8fb73b270"
# Where both packages have the program.
INSTALLED = "usr/share/paperless-ngx/src"


class Recipe(NamedTuple):
    """A `debian/` on the page: its source package, and which of the page's it is."""

    source: str
    version: str
    number: int


HATCH = Recipe("bookshelf", "1.4.0", 0)
TREE = Recipe("paperless-ngx", "3.0.5", 1)
# What is the same in every package, so that the page leaves it out.
DEBIAN = {
    "changelog": """\
{source} ({version}-1) unstable; urgency=medium

  * New upstream release.

 -- Ada Packager <ada@example.org>  Mon, 18 May 2026 12:00:00 +0000
""",
    "copyright": """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: {source}

Files: *
Copyright: 2026 The authors of {source}
License: GPL-3+

License: GPL-3+
 On Debian systems, the licence is in /usr/share/common-licenses/GPL-3.
""",
    "source/format": "3.0 (quilt)\n",
}


def only_block(language: str) -> str:
    """Return the page's one block in *language*."""
    (block,) = pages.blocks(PAGE, language)
    return block.text


def version_py(version: str) -> str:
    """Return the version.py of paperless-ngx with another *version*, a tuple."""
    return hosts.PAPERLESS["src/paperless/version.py"].replace("(2, 15, 0)", version)


def make_archive(folder: Path) -> Path:
    """Make the archive of a release that looks like paperless-ngx 3.0.5."""
    files = {**hosts.PAPERLESS, "src/paperless/version.py": version_py("(3, 0, 5)")}
    repository = hosts.create(folder / "host", files)
    repository.commit("Release v3.0.5")
    packed = folder / "paperless-ngx-3.0.5.tar.gz"
    prefix = "--prefix=paperless-ngx-3.0.5/"
    repository.git("archive", prefix, f"--output={packed}", "HEAD")
    return packed


def unpack_for_debian(archive: Path, folder: Path, recipe: Recipe) -> Path:
    """Unpack *archive* into *folder*, with the page's `debian/` and the rest of it."""
    shutil.copy(archive, folder / f"{recipe.source}_{recipe.version}.orig.tar.gz")
    source = tarballs.unpack(archive, folder / "unpacked")
    files = {
        name: pages.blocks(PAGE, language)[recipe.number].text
        for name, language in (("rules", "make"), ("control", "debcontrol"))
    } | {name: text.format(**recipe._asdict()) for name, text in DEBIAN.items()}
    for name, text in files.items():
        path = source / "debian" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (source / "debian/rules").chmod(0o755)
    # dpkg looks for the archive next to the tree.
    return source.rename(folder / source.name)


def build_deb(archive: Path, folder: Path) -> Path:
    """Build the Debian package in *folder*; return it."""
    require("dpkg-buildpackage", "dh", "dh_python3")
    source = unpack_for_debian(archive, folder, TREE)
    # No package of paperless-report is installed: this session has it from its tree.
    pages.run_commands(source, f"{DEB} --no-check-builddeps")
    return folder / "paperless-ngx_3.0.5-1_all.deb"


def build_rpm(archive: Path, folder: Path) -> Path:
    """Build the RPM with *folder* as the home directory; return it."""
    require("rpmbuild")
    top = folder / "rpmbuild"
    for name in ("SOURCES", "SPECS"):
        (top / name).mkdir(parents=True)
    shutil.copy(archive, top / "SOURCES")
    (top / "SPECS/paperless-ngx.spec").write_text(only_block("spec"))
    (folder / ".rpmmacros").write_text(only_block("rpmmacros"))
    # As above.
    pages.run_commands(folder, f"{RPM} --nodeps", environ={"HOME": str(folder)})
    (package,) = top.glob("RPMS/noarch/*.rpm")
    return package


def unpack_deb(package: Path, folder: Path) -> None:
    """Unpack a Debian package into *folder*."""
    commands.run("dpkg-deb", "--extract", package, folder)


def unpack_rpm(package: Path, folder: Path) -> None:
    """Unpack an RPM into *folder*."""
    require("rpm2cpio", "cpio")
    folder.mkdir()
    pages.run_commands(folder, f"rpm2cpio {package} | cpio --quiet -idm")
