"""What a person is told is what there is: every setting is in the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.settings import Setting, documented

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("setting", documented(), ids=lambda setting: setting.variable)
def test_every_setting_is_in_the_readme_with_its_meaning_and_default(setting: Setting) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert setting.as_row() in readme.splitlines()
