"""VGG-16 on 48x48 colour images (or any multiple of 32 pixels).

Source: Simonyan and Zisserman 2015, configuration D; used by Savoiu and Wong 2017 (savoiu2017), section 3.2, from Keras. As Keras does, the
first dense layer takes whatever the last pool leaves: 512 values at 48x48 (33.6 million parameters in all), 25,088 at 224x224 (134 million; the
paper's "140 millions" is that of 224x224 with 1000 classes). The paper reports 59.2 % on FER2013, 71.4 % on KDEF.

Differs: ImageNet's mean and deviation instead of the mean of the training pixels; dropout 0.5 after both dense layers, as torchvision has it.
`pretrained=True` takes torchvision's ImageNet weights (BSD-3-Clause code; weights under ImageNet's terms): all convolutions, and the two dense
layers where the input has 224 pixels. A grey image is copied to three channels.
"""

from __future__ import annotations

from torch import Tensor, nn

from seqfer.errors import SettingsError, WeightsError
from seqfer.layers import FrameEncoder, as_imagenet

PAPER = "savoiu2017"
_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def _convolutions(norm: bool) -> nn.Sequential:
    """Thirteen 3x3 convolutions, with `norm` a batch norm after each, and five max-pools, numbered as in torchvision so that its weights fit."""
    layers: list[nn.Module] = []
    inputs = 3
    for group in _WIDTHS:
        for width in group:
            norms = [nn.BatchNorm2d(width)] if norm else []
            layers += [nn.Conv2d(inputs, width, 3, padding=1), *norms, nn.ReLU(inplace=True)]
            inputs = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


class Vgg16(FrameEncoder):
    """Colour, `input_size` pixels -> 4096 features, the second dense layer; `norm`: a batch norm after every convolution."""

    feature_dim = 4096
    channels = 3

    def __init__(self, classes: int = 7, input_size: int = 48, norm: bool = False) -> None:
        super().__init__()
        if input_size < 32:
            raise SettingsError(
                f"vgg16 got input_size {input_size}; at least 32 pixels are needed: its five pools halve the image"
            )
        self.input_size = input_size
        self.features = _convolutions(norm)
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(512 * (input_size // 32) ** 2, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
        )
        self.classifier = nn.Linear(4096, classes)
        for layer in self.modules():
            # torch's own start shrinks the signal in every layer; through fifteen of them all faces look the same
            if layer is not self.classifier and isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def embed(self, images: Tensor) -> Tensor:
        """(image 3 size size), or (image 1 size size) for grey, in [0, 1] -> (image 4096)."""
        return self.dense(self.features(as_imagenet(images)))


def _imagenet_weights() -> dict[str, Tensor]:
    from torchvision.models import VGG16_Weights

    try:
        return VGG16_Weights.IMAGENET1K_V1.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise WeightsError(
            f"vgg16: ImageNet weights could not be fetched ({error}); go online or build with pretrained=False"
        ) from None


def build(classes: int = 7, pretrained: bool = False, input_size: int = 48) -> FrameEncoder:
    """A new encoder; with `pretrained` everything but the last layers is ImageNet's.

    Raises WeightsError when those weights cannot be fetched, SettingsError for an input under 32 pixels.
    """
    encoder = Vgg16(classes, input_size)
    if pretrained:
        weights = _imagenet_weights()
        encoder.features.load_state_dict({name: weights[f"features.{name}"] for name in encoder.features.state_dict()})
        if input_size // 32 == 7:
            theirs = {"1": "classifier.0", "4": "classifier.3"}
            kinds = ("weight", "bias")
            encoder.dense.load_state_dict(
                {f"{a}.{kind}": weights[f"{b}.{kind}"] for a, b in theirs.items() for kind in kinds}
            )
    return encoder
