"""Networks that several encoders share; not a plug-in.

`ResidualSeparableNet` is ResEZAP of Azimi Abriz and Meghdadi 2021 (abriz2021), with either kind of convolution; `LocalResponseNet` is the
family of Khryashchev et al. 2018 (khryashchev2018), section 3; `Vgg16` is configuration D of Simonyan and Zisserman 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from seqfer.core.errors import SettingsError
from seqfer.models.layers import FrameEncoder, as_imagenet, standardise

# (inputs, outputs, kernel, padding) -> layer; the padding is a keyword.
Convolution = Callable[..., nn.Module]


class ResidualBlock(nn.Module):
    """Three convolutions with batch norm, the first one's output added to the third's, one ReLU, then the padded pooling.

    The paper puts the ReLU "after the last convolution" and does not say whether before or after the addition: after it here, as in ResNet.
    """

    def __init__(self, convolution: Convolution, inputs: int, outputs: int, first_padding: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            [
                convolution(inputs, outputs, 3, padding=first_padding),
                convolution(outputs, outputs, 3, padding=1),
                convolution(outputs, outputs, 3, padding=1),
            ]
        )
        # Keras' defaults: epsilon 0.001, and a running mean with momentum 0.99.
        self.norms = nn.ModuleList([nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        """(batch inputs height width) -> (batch outputs height/2+1 width/2+1), rounded down."""
        layers = [nn.Sequential(c, n) for c, n in zip(self.convolutions, self.norms, strict=True)]
        first = layers[0](x)
        summed = F.relu(first + layers[2](layers[1](first)))
        return F.avg_pool2d(summed, 2, padding=1)  # the border of zeros counts


class ResidualSeparableNet(FrameEncoder):
    """ResEZAP: three residual blocks of widths 32, 64, 96, global max pooling, a dense layer with batch norm, a linear layer.

    48x48 grey -> 96 features. `convolution` is `seqfer.models.layers.SeparableConv2d` or `torch.nn.Conv2d`. Features are the dense layer after its
    batch norm, so training needs batches of at least two images.
    """

    feature_dim = 96
    input_size = 48

    def __init__(self, convolution: Convolution, classes: int = 7) -> None:
        super().__init__()
        widths = (1, 32, 64, 96)
        # Only the very first convolution is unpadded (48 -> 46).
        self.blocks = nn.Sequential(
            *(ResidualBlock(convolution, widths[k], widths[k + 1], first_padding=int(k > 0)) for k in range(3))
        )
        self.dense = nn.Linear(96, 96)
        self.dense_norm = nn.BatchNorm1d(96, eps=1e-3, momentum=0.01)
        self.classifier = nn.Linear(96, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 48 48) in [0, 1] -> (image 96)."""
        maps = self.blocks(standardise(images))
        output: Tensor = self.dense_norm(self.dense(maps.amax((2, 3))))
        return output


class HalfTanh(nn.Module):
    """tanh(x / 2), elementwise: the activation of the complicated network of khryashchev2018."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        return (x / 2).tanh()


class LocalResponseNet(FrameEncoder):
    """Convolutions, each followed by an activation and local response normalisation, three max-pools, one fully connected layer.

    128x128 grey -> the last map of 8x8 positions, flattened. `groups` are three lists of widths; a 3x3 max-pool of stride 2 ends each group.
    The first convolution is 7x7 of stride 2, all others 3x3. Local response normalisation has Caffe's defaults, which are torch's with
    size 5 (alpha 1e-4, beta 0.75). Convolutions start Xavier normal with `gain`, which compensates the slope of the activation: 2 for
    tanh(x/2), whose slope is a half.
    """

    input_size = 128

    def __init__(
        self, groups: Sequence[Sequence[int]], activation: Callable[[], nn.Module], gain: float, classes: int
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for group in groups:
            for width in group:
                layers.append(
                    nn.Conv2d(inputs, width, 3, padding=1) if layers else nn.Conv2d(1, width, 7, stride=2, padding=3)
                )
                layers += [activation(), nn.LocalResponseNorm(5)]
                inputs = width
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.xavier_normal_(layer.weight, gain)
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.feature_dim = inputs * 8 * 8
        self.classifier = nn.Linear(self.feature_dim, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 1 128 128) in [0, 1] -> (image feature)."""
        output: Tensor = self.layers(standardise(images))
        return output


_VGG_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def _vgg_convolutions(norm: bool) -> nn.Sequential:
    """Thirteen 3x3 convolutions, with `norm` a batch norm after each, and five max-pools, numbered as in torchvision so that its weights fit."""
    layers: list[nn.Module] = []
    inputs = 3
    for group in _VGG_WIDTHS:
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
                f"vgg16 got input_size {input_size}; at least 32 pixels are needed: its five max-pools halve the image"
            )
        self.input_size = input_size
        self.features = _vgg_convolutions(norm)
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
            # torch's default initialisation shrinks the signal in every layer; after fifteen layers all faces give the same features
            if layer is not self.classifier and isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def embed(self, images: Tensor) -> Tensor:
        """(image 3 size size), or (image 1 size size) for grey, in [0, 1] -> (image 4096)."""
        output: Tensor = self.dense(self.features(as_imagenet(images)))
        return output
