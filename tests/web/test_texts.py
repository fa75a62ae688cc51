"""The texts of the pages: every language has the same keys and places, and every key that a page uses exists."""

import re
from pathlib import Path

import pytest

import seqfer.web
from seqfer.core.errors import SettingsError
from seqfer.web.texts import languages, read_texts

STATIC = Path(seqfer.web.__file__).parent / "static"


def places(texts):
    return {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in texts.items()}


def test_every_language_has_the_same_keys_and_places():
    assert "en" in languages()
    assert len(languages()) >= 2
    for language in languages():
        assert places(read_texts(language)) == places(read_texts("en"))


def test_every_key_that_a_page_uses_exists_and_every_key_is_used():
    used = set()
    for file in STATIC.iterdir():
        source = file.read_text()
        used |= set(re.findall(r'data-text="(\w+)"', source)) | set(re.findall(r'\btext\("(\w+)"', source))
        used |= set(re.findall(r'(?:pause|showPause)\("(\w+)"', source)) | set(re.findall(r'\["(check_\w+)"', source))
    used |= set(re.findall(r'texts\["(\w+)"\]', (STATIC.parent / "rating_app.py").read_text()))
    assert used == set(read_texts("en"))


def test_a_file_of_ones_own(tmp_path):
    own = tmp_path / "fr.toml"
    lines = [f"{key} = '{text}'" for key, text in read_texts("en").items() if "'" not in text]
    own.write_text("\n".join(lines).replace("'Begin'", "'Commencer'"))
    assert read_texts(str(own))["begin"] == "Commencer"
    own.write_text("\n".join(lines[1:]))
    with pytest.raises(SettingsError, match="the text 'title' is missing"):
        read_texts(str(own))
    own.write_text("\n".join([*lines, "other = 'x'"]))
    with pytest.raises(SettingsError, match="the text 'other' is unknown"):
        read_texts(str(own))
    own.write_text("title = 3")
    with pytest.raises(SettingsError, match="title must be a text"):
        read_texts(str(own))
    with pytest.raises(SettingsError, match="'xx' is unknown; allowed: de, en, or a TOML file"):
        read_texts("xx")
