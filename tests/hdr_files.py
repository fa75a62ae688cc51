"""Writes pictures of standard range as videos of PQ and HLG, by the formulas of the standards."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

PQ, HLG = 16, 18  # FFmpeg's numbers of the two transfers
TRANSFERS = (0, PQ, HLG) if hasattr(av.VideoFrame, "color_trc") else (0,)
WHITE_CD_M2, GAMMA = 203.0, 2.4


def pq(light_cd_m2: np.ndarray) -> np.ndarray:
    """The inverse EOTF of SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = (light_cd_m2 / 10000) ** m1
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def hlg(light_cd_m2: np.ndarray) -> np.ndarray:
    """The OETF of BT.2100 after the inverse of its OOTF on a display of 1000 cd/m2."""
    scene = (light_cd_m2 / 1000) ** (1 / 1.2)
    bright = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright)


def write_hdr(path: Path, pictures: list[np.ndarray], transfer: int, codec: str = "ffv1") -> Path:
    """Grey or coloured standard pictures, uint8 RGB, as 10 bit video of a transfer (0: standard) and BT.2020 or BT.709 primaries."""
    to_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
    kr, kb = (0.2627, 0.0593) if transfer else (0.299, 0.114)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p10le"
        if transfer:
            context = stream.codec_context
            context.color_trc, context.color_primaries, context.colorspace, context.color_range = transfer, 9, 9, 1
        for number, picture in enumerate(pictures):
            code = picture / 255
            if transfer:
                light = WHITE_CD_M2 * np.clip((code**GAMMA) @ to_2020.T, 0, 1)
                code = pq(light) if transfer == PQ else hlg(light)
            luma = code @ [kr, 1 - kr - kb, kb]
            chroma = [(code[..., k] - luma) / (2 * (1 - weight)) for k, weight in ((2, kb), (0, kr))]
            half = [c.reshape(c.shape[0] // 2, 2, c.shape[1] // 2, 2).mean(axis=(1, 3)) for c in chroma]
            planes = [64 + 876 * luma, *(512 + 896 * c for c in half)]
            whole = np.concatenate([np.rint(p).astype(np.uint16).ravel() for p in planes])
            frame = av.VideoFrame.from_ndarray(whole.reshape(-1, picture.shape[1]), format="yuv420p10le")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
