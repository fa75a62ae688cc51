"""Runtimes, one file each: the libraries that can compute the encoder of a video model, such as torch and ONNX Runtime.

A module has `ABOUT` (one line), `PRECISIONS` (of int8, fp32 and bf16), `AUTO_RANK` (the order in which `auto` tries them), `suits(model)`, whether
`auto` should try it for a model, `prepare(model)`, the same video model with its encoders on this runtime, and `prepare_still(model)`, the
same for a model of single faces, of emotions or of valence; both raise SettingsError where it cannot compute them.
"""
