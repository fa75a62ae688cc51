"""VGG-16 on 48x48 colour images (or any multiple of 32 pixels).

Source: Simonyan and Zisserman 2015, configuration D; used by Savoiu and Wong 2017 (savoiu2017), section 3.2, from Keras. As in Keras, the
first dense layer takes the whole output of the last pool: 512 values at 48x48 (33.6 million parameters in all), 25,088 at 224x224 (134 million; the
paper's "140 millions" is that of 224x224 with 1000 classes). The paper reports 59.2 % on FER2013, 71.4 % on KDEF.

Differs: ImageNet's mean and deviation instead of the mean of the training pixels; dropout 0.5 after both dense layers, as torchvision has it.
`pretrained=True` takes torchvision's ImageNet weights (BSD-3-Clause code; weights under ImageNet's terms): all convolutions, and the two dense
layers where the input has 224 pixels. A grey image is copied to three channels.
"""

from __future__ import annotations

from torch import Tensor

from seqfer.core.errors import WeightsError
from seqfer.models.blocks import Vgg16
from seqfer.models.layers import FrameEncoder

PAPER = "savoiu2017"
TAKES = ("pretrained", "input_size")


def _imagenet_weights() -> dict[str, Tensor]:
    from torchvision.models import VGG16_Weights

    try:
        result: dict[str, Tensor] = VGG16_Weights.IMAGENET1K_V1.get_state_dict(progress=True, check_hash=True)
        return result
    except (OSError, RuntimeError) as error:
        raise WeightsError(
            f"vgg16: ImageNet weights could not be downloaded ({error}); connect to the internet or build with pretrained=False"
        ) from None


def build(classes: int = 7, pretrained: bool = False, input_size: int = 48) -> FrameEncoder:
    """A new encoder; with `pretrained` everything but the last layers is ImageNet's.

    Raises WeightsError when those weights cannot be downloaded, SettingsError for an input under 32 pixels.
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
