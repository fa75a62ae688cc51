"""Frame encoders, one file each: `build(classes)` gives a `seqfer.models.layers.FrameEncoder`."""
