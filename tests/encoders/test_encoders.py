"""What single encoders promise beyond the contract."""

from urllib.error import URLError

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.models.blocks import HalfTanh, ResidualBlock
from seqfer.models.layers import expected_valence, standardise


def test_mini_xception_computes_a_convolution_and_a_global_average():
    encoder = registry.find("encoders", "mini_xception").build(classes=5).eval()
    images = torch.rand(2, 1, 48, 48)
    maps = encoder.stages(encoder.stem(standardise(images)))
    kernel = encoder.classifier.weight.view(5, 128, 3, 3)
    expected = F.conv2d(maps, kernel, encoder.classifier.bias, padding=1).mean((2, 3))
    torch.testing.assert_close(encoder.classify(images), expected, atol=1e-5, rtol=1e-4)


def test_residual_block_adds_the_first_layer_to_the_third():
    block = ResidualBlock(nn.Conv2d, 1, 4, first_padding=0).eval()
    with torch.no_grad():
        block.norms[2].weight.zero_()
        block.norms[2].bias.zero_()
    x = torch.randn(1, 1, 8, 8)
    first = block.norms[0](block.convolutions[0](x))
    torch.testing.assert_close(block(x), F.avg_pool2d(F.pad(first.relu(), (1, 1, 1, 1)), 2))


def test_half_tanh():
    torch.testing.assert_close(HalfTanh()(torch.tensor([0.0, 2.0])), torch.tensor([0.0, 0.76159416]))


def test_expected_valence_of_certain_and_of_undecided_levels():
    certain = torch.eye(9) * 100
    torch.testing.assert_close(expected_valence(certain), torch.linspace(-1, 1, 9), atol=1e-6, rtol=0)
    assert expected_valence(torch.zeros(2, 3, 9)).shape == (2, 3)
    assert expected_valence(torch.zeros(9)).abs() < 1e-6


def test_expected_valence_refuses_other_outputs():
    with pytest.raises(InputError, match="9 levels, got 7"):
        expected_valence(torch.zeros(2, 7))


def test_liu_valence_starts_normal_with_deviation_005():
    weight = registry.find("encoders", "liu_valence").build().dense[0].weight
    assert weight.std().item() == pytest.approx(0.05, rel=0.01)


@pytest.mark.parametrize("name", ["vgg16", "vgg16_bn", "resnet50"])
def test_too_small_an_input_is_refused(name):
    with pytest.raises(SettingsError, match="at least 32 pixels"):
        registry.find("encoders", name).build(input_size=31)


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
@pytest.mark.parametrize("error", [URLError("no route"), RuntimeError('invalid hash value (expected "397923af")')])
def test_a_failed_download_is_an_error_not_a_random_start(name, error, monkeypatch):
    def fail(*_args, **_settings):
        raise error

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fail)
    with torch.device("meta"), pytest.raises(WeightsError, match=f"{name}: ImageNet weights could not be downloaded"):
        registry.find("encoders", name).build(pretrained=True)


def test_vgg16_takes_imagenet_convolutions(monkeypatch):
    weights = {f"features.{k}": torch.rand(v.shape) for k, v in _vgg16().features.state_dict().items()}
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", lambda *_a, **_k: weights)
    encoder = registry.find("encoders", "vgg16").build(pretrained=True)
    assert all(torch.equal(v, weights[f"features.{k}"]) for k, v in encoder.features.state_dict().items())


def test_vgg16_takes_the_dense_layers_too_at_224_pixels(monkeypatch):
    from torchvision.models import vgg16

    asked: list[str] = []

    class Noted(dict):
        def __getitem__(self, key):
            asked.append(key)
            return super().__getitem__(key)

    with torch.device("meta"):
        theirs = vgg16(weights=None).state_dict()
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", lambda *_a, **_k: Noted(theirs))
    with torch.device("meta"):
        registry.find("encoders", "vgg16").build(pretrained=True, input_size=224)  # refuses shapes that do not fit
    assert sorted(asked) == sorted(k for k in theirs if not k.startswith("classifier.6"))


def test_resnet50_takes_all_but_the_last_layer(monkeypatch):
    with torch.device("meta"):
        names = registry.find("encoders", "resnet50").build().backbone.state_dict()
    weights = {
        k: torch.full(v.shape, 0.5, dtype=v.dtype) if v.is_floating_point() else torch.tensor(3)
        for k, v in names.items()
    }
    weights |= {"fc.weight": torch.zeros(1000, 2048), "fc.bias": torch.zeros(1000)}
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", lambda *_a, **_k: weights)
    encoder = registry.find("encoders", "resnet50").build(pretrained=True)
    assert all(torch.equal(v, weights[k]) for k, v in encoder.backbone.state_dict().items())


def _vgg16():
    with torch.device("meta"):
        return registry.find("encoders", "vgg16").build()


def test_resezap_mirrored_is_the_mean_of_both_views_with_the_weights_of_resezap():
    torch.manual_seed(0)
    plain, both = (registry.find("encoders", name).build().eval() for name in ("resezap", "resezap_mirrored"))
    both.load_state_dict(plain.state_dict())
    faces = torch.rand(3, 1, 48, 48)
    with torch.no_grad():
        seen, mirrored = both.embed(faces), both.embed(faces.flip(-1))
        assert torch.allclose(seen, (plain.embed(faces) + plain.embed(faces.flip(-1))) / 2, atol=1e-5)
    assert torch.allclose(seen, mirrored, atol=1e-5)
    assert not torch.allclose(seen, plain.embed(faces), atol=1e-4)
