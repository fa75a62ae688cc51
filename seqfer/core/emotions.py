"""Defines the emotion vocabulary, the class lists of the corpora, and how other spellings map to the vocabulary."""

from seqfer.core.errors import InputError, SettingsError

EMOTIONS: tuple[str, ...] = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")

# Class lists of the published protocols. `six` is the Cohn-Kanade protocol of Sharma et al. 2019 (section 4: no contempt, no neutral);
# `seven` is CK+'s own seven labels (Lucey et al. 2010, table 2); `fer2013` keeps the order of that corpus' label codes 0..6.
CLASS_LISTS: dict[str, tuple[str, ...]] = {
    "six": ("anger", "disgust", "fear", "happiness", "sadness", "surprise"),
    "seven": ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"),
    "all": EMOTIONS,
    "fer2013": ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"),
}

# Valence of an emotion's name in [-1, 1]: mean pleasure ratings of Russell and Mehrabian 1977 ("Evidence for a three-factor theory of emotions",
# Journal of Research in Personality 11, 273-294) for angry, disgusted, fearful, happy, sad, surprised. Neutral is the scale's middle.
# Contempt is not among the words taken from that paper; it gets the value of disgust.
VALENCE_NORMS: dict[str, float] = {
    "anger": -0.51,
    "contempt": -0.60,
    "disgust": -0.60,
    "fear": -0.64,
    "happiness": 0.81,
    "sadness": -0.63,
    "surprise": 0.40,
    "neutral": 0.0,
}

_SPELLINGS = {
    "angry": "anger",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "happy": "happiness",
    "joy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}


def canonical(label: str) -> str:
    """The vocabulary's name of an emotion in another spelling ("Happy" -> "happiness").

    Raises InputError when the word is not in the vocabulary.
    """
    word = label.strip().lower()
    word = _SPELLINGS.get(word, word)
    if word not in EMOTIONS:
        raise InputError(f"label {label!r} is not in the vocabulary; allowed: {', '.join(EMOTIONS)}")
    return word


def class_list(name: str) -> tuple[str, ...]:
    """The labels of a named class list, in the order every table and tensor uses. Raises SettingsError for an unknown name."""
    if name not in CLASS_LISTS:
        raise SettingsError(f"unknown class list {name!r}; allowed: {', '.join(CLASS_LISTS)}")
    return CLASS_LISTS[name]
