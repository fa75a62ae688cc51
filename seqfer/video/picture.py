"""One frame of a video, converted to grey, RGB or a smaller size only on request.

Networks take grey faces and detectors a small picture, so most frames are never converted to RGB: the luma plane is copied and stretched to
the full range, and the small picture is made by swscale directly from the stored one. A display matrix (phones write one) is applied to
the result: av_display_rotation_get() gives the angle only, so its four corner values are read here, which handles mirrored videos too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from seqfer.video.hdr import HDR_TRANSFERS, to_standard_grey, to_standard_rgb
from seqfer.video.images import with_channels

# 8-bit formats whose first plane is the luma of every pixel, one byte each
LUMA_FIRST = frozenset(
    [f"yuv{a}{c}p" for a in ("", "j", "a") for c in (420, 422, 444, 440, 411, 410)] + ["nv12", "nv21", "nv16", "gray"]
)
PLANAR = frozenset(f"yuv{j}{c}p" for j in ("", "j") for c in (420, 422, 444))  # three planes: Y, Cb, Cr
FULL_RANGE = 2  # AVCOL_RANGE_JPEG
LIMITED_RANGE = 1  # AVCOL_RANGE_MPEG
BLACK, WHITE = 16, 235  # of the limited range, ITU-R BT.601 and BT.709

_LEVELS = np.arange(256, dtype=float)
_LUMA_TABLE = np.clip((_LEVELS - BLACK) * 255 / (WHITE - BLACK) + 0.5, 0, 255).astype(np.uint8)
_CHROMA_TABLE = np.clip((_LEVELS - 128) * 255 / 224 + 128.5, 0, 255).astype(np.uint8)
_FULL_RANGE = (_LUMA_TABLE, _CHROMA_TABLE, _CHROMA_TABLE)
_LINES_AVERAGED = 5  # source lines averaged for each line of a picture that is many times smaller
# longest side of pictures for which fewer lines are enough, how many lines, and how many pixels of each
_TINY_PX, _LINES_OF_TINY, _COLUMNS_OF_TINY = 64, 2, 8
_TINY_LUMA = (32, 18)

_scalers = threading.local()


class Orientation(NamedTuple):
    """How the stored picture is turned into the shown one: first transposed, then mirrored."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False

    def of(self, picture: np.ndarray) -> np.ndarray:
        """(height width ...) as stored -> (height width ...) as shown, contiguous."""
        if self.transposed:
            picture = picture.swapaxes(0, 1)
        if self.mirrored_x:
            picture = picture[:, ::-1]
        if self.mirrored_y:
            picture = picture[::-1]
        return np.ascontiguousarray(picture)

    def then(self, other: Orientation) -> Orientation:
        """This one followed by another."""
        x, y = (self.mirrored_y, self.mirrored_x) if other.transposed else (self.mirrored_x, self.mirrored_y)
        return Orientation(self.transposed != other.transposed, x != other.mirrored_x, y != other.mirrored_y)

    @property
    def rotation_deg(self) -> int:
        """Clockwise from stored to shown: 0, 90, 180 or 270; mirroring is ignored."""
        if self.transposed:
            return 270 if self.mirrored_y else 90
        return 180 if self.mirrored_x and self.mirrored_y else 0


AS_STORED = Orientation()


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """The rotation by quarter turns and the mirroring of a frame's display matrix (any other angle: the nearest quarter turn).

    Call it for few frames only: in PyAV a frame and its side data reference each other, so the frame is freed only by the garbage collector.
    """
    try:
        found: Any = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # side data of a type unknown to PyAV makes the others inaccessible
        return quarter_turn(-frame.rotation)
    if found is None:
        return AS_STORED
    a, b, _, c, d = (int(v) for v in np.frombuffer(bytes(found), np.int32)[:5])  # 16.16 fixed point, row by row
    if abs(a) >= abs(b):
        return Orientation(False, a < 0, d < 0)
    return Orientation(True, c < 0, b < 0)


def quarter_turn(clockwise_deg: float) -> Orientation:
    """The turn by the nearest multiple of 90 degrees."""
    quarters = round(clockwise_deg / 90) % 4
    return (AS_STORED, Orientation(True, True, False), Orientation(False, True, True), Orientation(True, False, True))[
        quarters
    ]


class VideoFrame:
    """A frame as shown: `index` counts the decoder's frames from 0, `time_s` is the container's time.

    Made from PyAV's frame, or from a picture (uint8 (height width) or (height width 3) RGB) where there is no stream. `pixel_aspect` is
    the width of a stored pixel over its height: the shown picture has square pixels, the stored number of lines, and as many columns as
    that takes. Conversions happen when asked for; the last result of each is kept. One frame belongs to one thread at a time.
    """

    __slots__ = ("_grey", "_pixel_aspect", "_rgb", "_small", "_stored", "_turn", "index", "time_s")

    def __init__(
        self,
        index: int,
        time_s: float,
        picture: av.VideoFrame | np.ndarray,
        turn: Orientation | None = None,
        pixel_aspect: float = 1.0,
    ) -> None:
        self.index, self.time_s = index, time_s
        self._stored = picture
        self._turn = turn
        self._pixel_aspect = pixel_aspect
        self._grey: np.ndarray | None = None
        self._rgb: np.ndarray | None = None
        self._small: tuple[int, np.ndarray, float] | None = None

    def __repr__(self) -> str:
        return f"<VideoFrame {self.index} at {self.time_s:.3f} s, {self.width}x{self.height}>"

    @property
    def turn(self) -> Orientation:
        """From the stored to the shown picture."""
        if self._turn is None:
            self._turn = orientation_of(self._stored) if isinstance(self._stored, av.VideoFrame) else AS_STORED
        return self._turn

    def turn_further(self, more: Orientation) -> None:
        """Show the picture turned once more; call it before anything is converted."""
        if isinstance(self._stored, av.VideoFrame):
            self._turn = self.turn.then(more)
        else:
            self._stored = more.of(self._stored)

    @property
    def _square_size(self) -> tuple[int, int]:
        """Width and height of the stored picture when its pixels are made square, before it is turned."""
        if isinstance(self._stored, av.VideoFrame):
            return max(1, round(self._stored.width * self._pixel_aspect)), self._stored.height
        return self._stored.shape[1], self._stored.shape[0]

    @property
    def width(self) -> int:
        """Of the shown picture, in pixels."""
        return self._square_size[1 if self.turn.transposed else 0]

    @property
    def height(self) -> int:
        """Of the shown picture, in pixels."""
        return self._square_size[0 if self.turn.transposed else 1]

    def grey(self) -> np.ndarray:
        """uint8 (height width), 0 black to 255 white."""
        if self._grey is None:
            if isinstance(self._stored, av.VideoFrame):
                self._grey = self.turn.of(resized(_luma(self._stored), self._square_size))
            else:
                self._grey = with_channels(self._stored, 1)
        return self._grey

    def grey_part(self, cut: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """`cut` of the grey picture, uint8: stretched to the full range after cutting, which for a small part saves most of the work."""
        if self._grey is not None or self._pixel_aspect != 1.0 or not isinstance(self._stored, av.VideoFrame):
            return cut(self.grey())
        lines = _luma_lines(self._stored)
        if lines is None:
            return cut(self.grey())
        part = cut(lines if self.turn == AS_STORED else self.turn.of(lines))
        return part if _is_full_range(self._stored) else _stretched(part)

    def rgb(self) -> np.ndarray:
        """uint8 (height width 3)."""
        if self._rgb is None:
            if isinstance(self._stored, av.VideoFrame):
                self._rgb = self.turn.of(resized(_scaled(self._stored, "rgb24"), self._square_size))
            else:
                self._rgb = with_channels(self._stored, 3)
        return self._rgb

    def small(self, longest_px: int) -> tuple[np.ndarray, float]:
        """(uint8 (height width 3) BGR for OpenCV, scale): shown pixels are small pixels times `scale`, which is at least 1.

        The longer side has `longest_px` pixels, or as many as the film where that has fewer.
        """
        if self._small is None or self._small[0] != longest_px:
            width, height = self._square_size
            scale = max(1.0, max(width, height) / longest_px)
            size = max(1, round(width / scale)), max(1, round(height / scale))
            if isinstance(self._stored, av.VideoFrame):
                reduced = _reduced(self._stored, size) if scale >= 2 else None
                picture = self.turn.of(_scaled(self._stored, "bgr24", *size) if reduced is None else reduced)
            else:
                picture = cv2.cvtColor(with_channels(self._stored, 3), cv2.COLOR_RGB2BGR)
                picture = picture if scale == 1.0 else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            self._small = (longest_px, picture, scale)
        return self._small[1], self._small[2]

    def tiny_luma(self) -> np.ndarray | None:
        """uint8 (18 32), as stored and in the stored range: enough to see that almost nothing changed since another frame of the video. None where
        it cannot be taken from the luma plane."""
        lines = _luma_lines(self._stored) if isinstance(self._stored, av.VideoFrame) else None
        return None if lines is None else _shrunk(lines, _TINY_LUMA)


def resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(height width ...) -> `size` (width, height); the picture itself where it has that size."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    shrinks = picture.shape[1] > size[0]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _luma(frame: av.VideoFrame) -> np.ndarray:
    """uint8 (height width) as stored, full range: a copy of the first plane where it is luma, else by swscale."""
    lines = _luma_lines(frame)
    if lines is None:
        return _scaled(frame, "gray")
    return lines.copy() if _is_full_range(frame) else _stretched(lines)


def _luma_lines(frame: av.VideoFrame) -> np.ndarray | None:
    """uint8 (height width), a view of the first plane where that is luma, else None."""
    if frame.format.name not in LUMA_FIRST or _transfer(frame) in HDR_TRANSFERS:
        return None
    return _lines(frame.planes[0], frame.width, frame.height)


def _lines(plane: Any, width: int, height: int) -> np.ndarray | None:
    """A plane's bytes as (height width), a view; None where the codec stores from bottom to top. (PyAV's types do not say that it is a buffer.)"""
    if plane.line_size < width:
        return None
    # the decoder pads and crops: a line has more bytes than pixels, and the last one may end with the buffer
    lines: np.ndarray = np.ndarray((height, width), np.uint8, plane, 0, (plane.line_size, 1))
    lines.flags.writeable = False
    return lines


def _reduced(frame: av.VideoFrame, size: tuple[int, int]) -> np.ndarray | None:
    """uint8 (height width 3) BGR of a smaller `size` (width, height), plane by plane; None for formats whose planes are not Y, Cb, Cr.

    Several times faster than a scaler that reads every pixel in colour, especially while a decoder uses all cores.
    Colours are converted by BT.601 whatever the video states; the difference does not matter to detectors.
    """
    if frame.format.name not in PLANAR or _transfer(frame) in HDR_TRANSFERS:
        return None
    planes = [_lines(plane, plane.width, plane.height) for plane in frame.planes[:3]]
    whole = [plane for plane in planes if plane is not None]
    if len(whole) != len(planes):
        return None
    (luma, *chroma), (width, height) = whole, size
    if not (_is_full_range(frame) or width % 2 or height % 2):  # formats that OpenCV converts in one call
        half = width // 2, height // 2
        parts = [_shrunk(luma, size), *(_shrunk(plane, half) for plane in chroma)]
        joined = np.concatenate([part.ravel() for part in parts]).reshape(height + height // 2, width)
        return cv2.cvtColor(joined, cv2.COLOR_YUV2BGR_I420)
    parts = [_shrunk(plane, size) for plane in whole]
    if not _is_full_range(frame):
        parts = [cv2.LUT(part, table) for part, table in zip(parts, _FULL_RANGE, strict=True)]
    return cv2.cvtColor(cv2.merge([parts[0], parts[2], parts[1]]), cv2.COLOR_YCrCb2BGR)


def _shrunk(lines: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(height width) -> `size`, averaging. A much smaller picture uses only some lines and columns; halving is OpenCV's fastest reduction."""
    tiny = max(size) <= _TINY_PX
    step = max(1, int(lines.shape[0] / size[1]) // (_LINES_OF_TINY if tiny else _LINES_AVERAGED))
    lines = lines[::step]  # a view: OpenCV reads every step-th line without a copy
    if tiny:
        lines = np.ascontiguousarray(lines[:, :: max(1, int(lines.shape[1] / size[0]) // _COLUMNS_OF_TINY)])
    while step == 1 and lines.shape[0] >= 2 * size[1] and lines.shape[1] >= 2 * size[0]:
        lines = cv2.resize(lines, (lines.shape[1] // 2, lines.shape[0] // 2), interpolation=cv2.INTER_AREA)
    enlarges = lines.shape[0] < size[1] or lines.shape[1] < size[0]
    return cv2.resize(lines, size, interpolation=cv2.INTER_LINEAR if enlarges else cv2.INTER_AREA)


def _is_full_range(frame: av.VideoFrame) -> bool:
    name = frame.format.name
    full = name.startswith("yuvj") or frame.color_range == FULL_RANGE
    return full or (name == "gray" and frame.color_range != LIMITED_RANGE)


def _stretched(luma: np.ndarray) -> np.ndarray:
    # both steps saturate at 0 and 255
    return cv2.convertScaleAbs(cv2.subtract(luma, BLACK), None, 255 / (WHITE - BLACK))  # type: ignore[call-overload]


def rgb_of(frame: av.VideoFrame) -> np.ndarray:
    """uint8 (height width 3) as stored, of standard dynamic range."""
    return _scaled(frame, "rgb24") if _transfer(frame) in HDR_TRANSFERS else frame.to_ndarray(format="rgb24")


def _transfer(frame: av.VideoFrame) -> int:
    return int(getattr(frame, "color_trc", 0))  # PyAV 15 does not say it


def _scaled(frame: av.VideoFrame, layout: str, width: int | None = None, height: int | None = None) -> np.ndarray:
    """Another pixel format (gray, rgb24 or bgr24) and size, of standard dynamic range."""
    transfer = _transfer(frame)
    if transfer not in HDR_TRANSFERS:
        return _reformatted(frame, layout, width, height)
    if layout == "gray":
        return to_standard_grey(_reformatted(frame, "gray16le", width, height), transfer)
    rgb = to_standard_rgb(_reformatted(frame, "rgb48le", width, height), transfer, int(frame.color_primaries))
    return rgb if layout == "rgb24" else np.ascontiguousarray(rgb[..., ::-1])


def _reformatted(frame: av.VideoFrame, layout: str, width: int | None, height: int | None) -> np.ndarray:
    """By swscale. A scaler is kept per thread and layout: setting one up costs more than a small picture."""
    kept: dict[str, VideoReformatter] = _scalers.__dict__
    if layout not in kept:
        kept[layout] = VideoReformatter()
    return kept[layout].reformat(frame, width, height, layout, interpolation=Interpolation.AREA).to_ndarray()
