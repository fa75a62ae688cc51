"""The image loop: it learns, repeats itself, resumes exactly, and stops at a loss that is not a number."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from file_damage import DAMAGES

from seqfer.core import registry
from seqfer.core.errors import SettingsError, TrainingError
from seqfer.corpus.stills import ImageSet
from seqfer.models.features import classify_images
from seqfer.training.checkpoint import load_sealed
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import ImageTraining


def stripes(count=96, seed=0):
    """Images with a bright upper, lower or left half: three classes."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 100, (count, 24, 24)).astype(np.uint8)
    labels = rng.integers(0, 3, count)
    for image, label in zip(images, labels, strict=True):
        part = (
            (slice(0, 12), slice(None))
            if label == 0
            else (slice(12, 24), slice(None))
            if label == 1
            else (slice(None), slice(8, 16))
        )
        image[part] += 120
    return ImageSet(images, labels)


def tiny(classes=3):
    torch.manual_seed(0)
    return registry.find("encoders", "tiny").build(classes=classes)


SETTINGS = ImageTraining(
    epochs=4, batch_size=16, learning_rate=0.05, augment=0.2, cutout=0.0, precision="fp32", ema=0.9
)


def state(encoder):
    return {k: v.clone() for k, v in encoder.state_dict().items()}


def test_it_learns():
    encoder = tiny()
    history = fit_images(
        encoder, stripes(), ImageTraining(epochs=12, batch_size=16, augment=0.2, cutout=0.0, precision="fp32"), seed=0
    )
    assert history.train_loss[-1] < history.train_loss[0] * 0.7
    test = stripes(seed=1)
    assert (classify_images(encoder, test.images).argmax(1).numpy() == test.labels).mean() > 0.8


def test_same_seed_same_weights_other_seed_other_weights():
    made = []
    for seed in (0, 0, 1):
        encoder = tiny()
        fit_images(encoder, stripes(), SETTINGS, seed=seed)
        made.append(state(encoder))
    assert all(torch.equal(made[0][k], made[1][k]) for k in made[0])
    assert any(not torch.equal(made[0][k], made[2][k]) for k in made[0])


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"optimizer": "adamw", "learning_rate": 1e-3},
        {"patience": 2},
        {"mixup": 0.3, "votes": 0.5, "reduced_augmentation_share": 0.5},
    ],
)
def test_resumed_run_ends_with_the_same_weights(tmp_path, extra):
    from dataclasses import replace

    settings = replace(SETTINGS, **extra)
    data, validation = stripes(), stripes(32, seed=2)
    if settings.votes:
        data = ImageSet(data.images, data.labels, np.eye(4, dtype=np.float32)[data.labels])
    whole = tiny()
    history = fit_images(whole, data, settings, seed=3, validation=validation)

    class KilledError(Exception):
        pass

    def kill(progress):
        if "epoch 2/" in progress.message and progress.finished:
            raise KilledError

    broken = tiny()
    with pytest.raises(KilledError):
        fit_images(
            broken,
            data,
            settings,
            seed=3,
            validation=validation,
            checkpoint=tmp_path / "c.safetensors",
            on_progress=kill,
        )
    resumed = tiny()
    again = fit_images(resumed, data, settings, seed=3, validation=validation, checkpoint=tmp_path / "c.safetensors")
    assert again == history
    assert all(torch.equal(state(whole)[k], state(resumed)[k]) for k in state(whole))


@pytest.mark.parametrize("how", [how for how in DAMAGES if how != "deleted"])
def test_a_damaged_checkpoint_is_never_resumed(tmp_path, caplog, how):
    """The training begins again and ends with the weights of one that was not interrupted; the damage is said."""
    whole, checkpoint = tiny(), tmp_path / "c.safetensors"
    history = fit_images(whole, stripes(), SETTINGS, seed=3)
    fit_images(tiny(), stripes(), replace(SETTINGS, epochs=1), seed=3, checkpoint=checkpoint)
    checkpoint.write_bytes(DAMAGES[how](checkpoint.read_bytes()))
    resumed = tiny()
    with caplog.at_level("WARNING", "seqfer"):
        assert fit_images(resumed, stripes(), SETTINGS, seed=3, checkpoint=checkpoint) == history
    assert [r.message for r in caplog.records] == [f"{checkpoint}: damaged, or not of this run; computed again"]
    assert all(torch.equal(state(whole)[k], state(resumed)[k]) for k in state(whole))


def test_a_checkpoint_of_another_run_is_not_resumed(tmp_path, caplog):
    checkpoints = [tmp_path / name / "c.safetensors" for name in ("a", "b")]
    for number, checkpoint in enumerate(checkpoints):
        checkpoint.parent.mkdir()
        (checkpoint.parent / "settings.json").write_text(f'{{"run": {number}}}')
        fit_images(tiny(), stripes(), replace(SETTINGS, epochs=1), seed=number, checkpoint=checkpoint)
    assert load_sealed(checkpoints[1]) is not None
    checkpoints[1].write_bytes(checkpoints[0].read_bytes())
    assert load_sealed(checkpoints[1]) is None
    assert "not of this run" in caplog.text


def test_loss_that_is_no_number_stops_and_keeps_the_checkpoint(tmp_path):
    from dataclasses import replace

    encoder, checkpoint = tiny(), tmp_path / "c.safetensors"
    with torch.no_grad():
        encoder.classifier.weight.fill_(float("nan"))
    with pytest.raises(TrainingError) as error:
        fit_images(encoder, stripes(), SETTINGS, seed=0, checkpoint=checkpoint)
    assert (
        str(error.value) == "loss is nan at epoch 1, step 1; try a lower learning_rate"
    )  # there is no checkpoint to speak of
    fit_images(tiny(), stripes(), replace(SETTINGS, epochs=1), seed=0, checkpoint=checkpoint)
    before = checkpoint.read_bytes()
    wild = replace(SETTINGS, learning_rate=10, clip_norm=1e37, warmup_epochs=0, momentum=1.0, weight_decay=1e30)
    with pytest.raises(TrainingError, match=r"last good checkpoint is .*c\.safetensors"):
        fit_images(tiny(), stripes(), wild, seed=0, checkpoint=checkpoint)
    assert checkpoint.read_bytes() == before


def test_checkpoint_of_another_architecture(tmp_path):
    fit_images(tiny(), stripes(), SETTINGS, seed=0, checkpoint=tmp_path / "c.safetensors")
    with pytest.raises(TrainingError, match="another architecture"):
        fit_images(tiny(classes=4), stripes(), SETTINGS, seed=0, checkpoint=tmp_path / "c.safetensors")


def test_teacher_pulls_the_student():
    data = stripes()
    teacher = tiny()
    fit_images(
        teacher, data, ImageTraining(epochs=12, batch_size=16, augment=0.2, cutout=0.0, precision="fp32"), seed=0
    )
    logits = classify_images(teacher, data.images).numpy()
    blind = ImageSet(
        data.images, np.zeros_like(data.labels), teacher_logits=logits
    )  # all it can know about the classes comes from the teacher
    student = tiny()
    settings = ImageTraining(
        epochs=12, batch_size=16, augment=0.2, cutout=0.0, precision="fp32", distillation=1.0, label_smoothing=0
    )
    fit_images(student, blind, settings, seed=1)
    agreed = classify_images(student, data.images).argmax(1) == classify_images(teacher, data.images).argmax(1)
    assert agreed.float().mean() > 0.7


def test_bad_settings():
    with pytest.raises(SettingsError, match="optimizer = 'adam'; allowed: sgd, adamw"):
        ImageTraining(optimizer="adam")
    with pytest.raises(SettingsError, match="label_smoothing"):
        ImageTraining(label_smoothing=2)


def test_the_last_epochs_are_without_mixup(monkeypatch):
    from dataclasses import replace

    import seqfer.training.image_objective

    seen = []
    monkeypatch.setattr(
        seqfer.training.image_objective, "mixup", lambda images, targets, *_: (seen.append(1), (images, targets))[1]
    )
    settings = replace(SETTINGS, mixup=0.3, mixup_share=1.0)
    fit_images(tiny(), stripes(), settings, seed=0)
    steps = len(seen)
    fit_images(tiny(), stripes(), replace(settings, reduced_augmentation_share=0.5), seed=0)
    assert len(seen) - steps == steps // 2


def test_frozen_stages_stay_as_they_are():
    encoder = tiny()
    before = state(encoder)
    fit_images(encoder, stripes(), ImageTraining(epochs=1, batch_size=8, freeze=2), seed=0)
    changed = {name for name, value in state(encoder).items() if not torch.equal(value, before[name])}
    assert "layers.0.weight" not in changed
    assert "layers.1.running_mean" not in changed
    assert {"layers.3.weight", "layers.4.running_mean", "classifier.weight"} <= changed
    with pytest.raises(SettingsError, match="8 stages"):
        fit_images(tiny(), stripes(), ImageTraining(freeze=9), seed=0)
