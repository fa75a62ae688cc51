"""ResNet-50 on 224x224 colour images.

Source: He et al. 2016, as built by torchvision (BSD-3-Clause); used by Savoiu and Wong 2017 (savoiu2017), section 3.3, from Keras on images
of at least 200 pixels. The paper reports 65.1 % on FER2013, 73.8 % on KDEF.

Differs: torchvision's variant (the stride is on the 3x3 convolution) and ImageNet's mean and deviation instead of the mean of the
training pixels. `pretrained=True` takes torchvision's ImageNet weights, version 1. A grey image is copied to three channels. Other input sizes
work too, since a global average precedes the last layer.
"""

from __future__ import annotations

from torch import Tensor, nn

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.models.layers import FrameEncoder, as_imagenet

PAPER = "savoiu2017"
TAKES = ("pretrained", "input_size")


class ResNet50(FrameEncoder):
    """Colour, `input_size` pixels -> 2048 features, the global average of the last map."""

    feature_dim = 2048
    channels = 3

    def __init__(self, classes: int = 7, input_size: int = 224) -> None:
        super().__init__()
        # Imported here, because importing torchvision takes a second.
        from torchvision.models import resnet50

        if input_size < 32:
            raise SettingsError(
                f"resnet50 got input_size {input_size}; at least 32 pixels are needed: its stages halve the image five times"
            )
        self.input_size = input_size
        self.backbone = resnet50(weights=None)
        self.backbone.fc = nn.Identity()
        self.classifier = nn.Linear(self.feature_dim, classes)

    def embed(self, images: Tensor) -> Tensor:
        """(image 3 size size), or (image 1 size size) for grey, in [0, 1] -> (image 2048)."""
        output: Tensor = self.backbone(as_imagenet(images))
        return output

    def depth_order(self) -> list[nn.Module]:
        """The first convolution with its batch norm, ReLU and pooling, then the sixteen bottlenecks one by one."""
        net = self.backbone
        stages = [net.layer1, net.layer2, net.layer3, net.layer4]
        return [net.conv1, net.bn1, net.relu, net.maxpool, *(block for stage in stages for block in stage)]


def _imagenet_weights() -> dict[str, Tensor]:
    from torchvision.models import ResNet50_Weights

    try:
        result: dict[str, Tensor] = ResNet50_Weights.IMAGENET1K_V1.get_state_dict(progress=True, check_hash=True)
        return result
    except (OSError, RuntimeError) as error:
        raise WeightsError(
            f"resnet50: ImageNet weights could not be downloaded ({error}); connect to the internet or build with pretrained=False"
        ) from None


def build(classes: int = 7, pretrained: bool = False, input_size: int = 224) -> FrameEncoder:
    """A new encoder; with `pretrained` everything but the last layer is ImageNet's.

    Raises WeightsError when those weights cannot be downloaded, SettingsError for an input under 32 pixels.
    """
    encoder = ResNet50(classes, input_size)
    if pretrained:
        weights = _imagenet_weights()
        encoder.backbone.load_state_dict(
            {name: tensor for name, tensor in weights.items() if not name.startswith("fc.")}
        )
    return encoder
