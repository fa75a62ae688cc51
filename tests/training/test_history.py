"""The record of a training: an entry per epoch, and lists that no two trainings share."""

from seqfer.training.history import History


def test_two_histories_share_nothing():
    first, second = History(), History()
    first.train_loss.append(0.5)
    first.validation_error.append(0.25)
    assert second == History()
    assert first.as_fields() == {"train_loss": (0.5,), "validation_loss": (), "validation_error": (0.25,)}
