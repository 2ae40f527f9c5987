"""The site that the tests look at: built once from a copy of this checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import serving
from trees import ROOT, copy_of

# A fork's workflow sets these; the epoch makes two builds comparable.
ENVIRONMENT = {
    "REPO_URL": "https://github.com/example/handbook",
    "SITE_URL": "https://example.org/kb/",
    "SOURCE_DATE_EPOCH": "1795000000",
}


def pytest_addoption(parser):
    parser.addoption("--record", action="store_true", help="write what test_accessibility.py finds to data/")


def build(root: Path, *options: str, **environment: str) -> subprocess.CompletedProcess:
    """Run the build script of a tree."""
    env = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    command = [sys.executable, "scripts/build.py", *options]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, env={**env, **ENVIRONMENT, **environment}, check=False
    )


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """A copy of the checkout as it is, with nothing built."""
    return copy_of(ROOT, tmp_path_factory.mktemp("handbook") / "source")


@pytest.fixture(scope="session")
def tree(source):
    """A copy of the checkout with its site built."""
    root = copy_of(source, source.parent / "tree")
    run = build(root)
    assert run.returncode == 0, run.stdout + run.stderr
    (root / "build.log").write_text(run.stdout + run.stderr, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def site(tree):
    """The folder of the built site."""
    return tree / "site"


@pytest.fixture(scope="session")
def address(site, tmp_path_factory):
    """Where the built site is served: below /kb/, as its SITE_URL says."""
    served = tmp_path_factory.mktemp("served")
    shutil.copytree(site, served / "kb")
    with serving(served) as root:
        yield root + "kb/"
