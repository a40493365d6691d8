"""The figures of the source say nothing of what was not measured."""

from __future__ import annotations

from bench import source


def test_what_was_not_asked_for_is_a_dash(tmp_path, monkeypatch, capsys):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("x: int = 'y'\n")
    monkeypatch.setattr("sys.argv", ["source", str(tmp_path), "--no-types"])
    source.main()
    _, app, total = capsys.readouterr().out.splitlines()
    assert app.split().count("–") == total.split().count("–") == 1
    monkeypatch.setattr(source, "type_errors", lambda root, names: {})
    assert source.measure(tmp_path, types=False)["app"]["type errors"] is None
