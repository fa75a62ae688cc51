"""`seqfer stress`: measures the robustness of a still-image model to corruptions of known strength: light, pose, detail and occlusion."""
