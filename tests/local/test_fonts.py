"""The fonts of the printed page: which are missing, and that they are asked for once."""

from __future__ import annotations

import pytest

from keywork.local import bootstrap


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with a folder of fonts and a way to install that keeps what was asked of it."""
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (tmp_path / ".local").mkdir()
    asked: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "FONT_FOLDERS", [str(fonts), str(tmp_path / "no such folder")])
    monkeypatch.setattr(bootstrap, "REPOSITORY", tmp_path)
    monkeypatch.setattr(bootstrap, "apt_install", lambda packages: asked.append(packages) or False)
    return fonts, asked


FILES = ("Liberation-Sans.ttf", "NotoSansArabic-Regular.ttf", "NotoSansCJK-Regular.ttc", "NotoColorEmoji.ttf")


def test_nothing_is_asked_for_where_all_fonts_are_present(machine):
    fonts, asked = machine
    for number, name in enumerate(FILES):  # at any depth
        (fonts / str(number)).mkdir()
        (fonts / str(number) / name).touch()
    assert bootstrap.missing_fonts() == []
    bootstrap.provide_fonts()
    assert asked == [] and not (bootstrap.REPOSITORY / ".local" / "fonts-asked").exists()


def test_missing_fonts_are_asked_for_once_and_named(machine, capsys):
    fonts, asked = machine
    (fonts / FILES[0]).touch()
    bootstrap.provide_fonts()
    assert asked == [["fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji"]]
    assert "fonts-noto-cjk" in capsys.readouterr().out
    bootstrap.provide_fonts()
    assert len(asked) == 1 and capsys.readouterr().out == ""


def test_they_are_asked_for_again_when_others_are_missing(machine):
    fonts, asked = machine
    bootstrap.provide_fonts()
    for name in FILES[:3]:
        (fonts / name).touch()
    bootstrap.provide_fonts()
    assert asked == [list(bootstrap.FONT_PACKAGES), ["fonts-noto-color-emoji"]]
    (fonts / FILES[3]).touch()
    bootstrap.provide_fonts()
    assert len(asked) == 2


def test_fonts_that_could_be_installed_are_not_complained_of(machine, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "apt_install", lambda packages: True)
    bootstrap.provide_fonts()
    assert capsys.readouterr().out == ""
