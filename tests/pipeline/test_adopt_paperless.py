"""docs/how-to/paperless-ngx.md: its commands work, and a build by hand is a dev build."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline import commands, hosts, paperless
from tests.support import pages
from tests.support.needs import needs

pytestmark = pytest.mark.slow


def test_an_image_without_arguments_is_a_dev_build(tmp_path: Path) -> None:
    project = paperless.create(tmp_path / "project")
    image = tmp_path / "src"
    shutil.copytree(project.root / "src", image)

    commands.build_stamp("write", image / "paperless", "--env-prefix", "PAPERLESS_NGX")

    assert not (image / "paperless" / "build_info.py").exists()
    assert '__channel__ = "dev"' in (image / "paperless" / "version.py").read_text()


@needs("tar", "xz")
def test_the_commands_of_the_page_stamp_and_verify_a_tarball(tmp_path: Path) -> None:
    root = hosts.create_beta(tmp_path / "tree", hosts.PAPERLESS).root
    # The release workflow of paperless-ngx makes this copy.
    shutil.copytree(root / "src", root / "dist" / "paperless-ngx" / "src")

    with pages.follow("docs/how-to/paperless-ngx.md") as page:
        printed = page.run(
            root,
            "build-stamp write dist/paperless-ngx/src/paperless --from src/paperless --strict",
            "tar -C dist -cJf dist/paperless-ngx.tar.xz paperless-ngx",
            "build-stamp verify dist/paperless-ngx.tar.xz --tag v2.15.0-beta.rc1 --strict",
        )

    assert "ok    channel  beta" in printed
    assert "ok    commit" in printed
