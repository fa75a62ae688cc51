"""The texts of the pages, one TOML file per language; a user's own file must have the same keys as `languages/en.toml`."""

from __future__ import annotations

from pathlib import Path

from seqfer.core.errors import SettingsError
from seqfer.core.files import home_expanded
from seqfer.core.input_files import read_toml

_FOLDER = Path(__file__).parent / "languages"


def languages() -> tuple[str, ...]:
    """The names of the languages in the package."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))


def read_texts(language: str) -> dict[str, str]:
    """Key -> text. `language` is one of `languages()` or the path of a TOML file.

    Raises SettingsError for an unknown language, and for a file in which a key is missing, unknown or no text.
    """
    if language in languages():
        return _texts(_FOLDER / f"{language}.toml")
    path = Path(home_expanded(language))
    if path.suffix != ".toml":
        raise SettingsError(
            f"language: {language!r} is unknown; allowed: {', '.join(languages())}, or a TOML file of texts"
        )
    found, wanted = _texts(path), _texts(_FOLDER / "en.toml")
    wrong = sorted(set(found) ^ set(wanted))
    if wrong:
        problem = "is missing" if wrong[0] in wanted else "is unknown"
        raise SettingsError(
            f"{path}: the text {wrong[0]!r} {problem}; the file must have the keys of {_FOLDER / 'en.toml'}"
        )
    return found


def _texts(path: Path) -> dict[str, str]:
    found = read_toml(path, "give a TOML file of texts")
    for key, text in found.items():
        if not isinstance(text, str):
            raise SettingsError(f"{path}: {key} must be a text in quotes")
    return found
