"""Frame encoders, one file each: `build(classes)` returns a `seqfer.models.layers.FrameEncoder`."""
