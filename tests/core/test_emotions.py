import pytest

from seqfer.core.emotions import CLASS_LISTS, EMOTIONS, canonical, class_list
from seqfer.core.errors import InputError, SettingsError


@pytest.mark.parametrize(
    ("word", "emotion"),
    [
        ("Happy", "happiness"),
        (" SAD ", "sadness"),
        ("angry", "anger"),
        ("Disgusted", "disgust"),
        ("afraid", "fear"),
        ("surprised", "surprise"),
        ("Neutral", "neutral"),
        ("contempt", "contempt"),
    ],
)
def test_spellings(word: str, emotion: str) -> None:
    assert canonical(word) == emotion


@pytest.mark.parametrize("word", ["", "smile", "happ", "neutral1"])
def test_unknown_words_are_refused_with_the_vocabulary(word: str) -> None:
    with pytest.raises(InputError, match="anger, contempt, disgust") as caught:
        canonical(word)
    assert repr(word) in str(caught.value)


def test_every_class_list_is_of_the_vocabulary_without_repeats() -> None:
    assert len(set(EMOTIONS)) == len(EMOTIONS) == 8
    for name in CLASS_LISTS:
        labels = class_list(name)
        assert set(labels) <= set(EMOTIONS)
        assert len(set(labels)) == len(labels)


def test_published_class_lists() -> None:
    assert class_list("six") == ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
    assert class_list("seven") == tuple(e for e in EMOTIONS if e != "neutral")
    # FER2013's codes: 0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral
    words = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert class_list("fer2013") == tuple(canonical(word) for word in words)


def test_unknown_class_list_says_what_is_allowed() -> None:
    with pytest.raises(SettingsError, match="six, seven, all, fer2013"):
        class_list("five")
