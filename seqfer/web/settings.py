"""Settings of commands that serve pages. Imports neither NumPy nor a web package, so that `--help` is fast and works without the extra."""

from __future__ import annotations

from seqfer.core.errors import SettingsError
from seqfer.core.settings import Field, settings
from seqfer.study.settings import RatingSettings, StudyReportSettings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@settings(frozen=True)
class ServerSettings:
    """Where a server listens."""

    host: str = Field(
        default="127.0.0.1", description="address to listen on; another one than loopback needs --allow-network"
    )
    port: int = Field(
        default=8765,
        ge=0,
        le=65535,
        description="port to listen on; the next free one where it is taken; 0: any free port",
    )
    allow_network: bool = Field(
        default=False,
        description="let other machines connect: whoever has a link can rate, and the connection is not encrypted",
    )

    def __post_init__(self) -> None:
        """Raises SettingsError for an address beyond this machine without `allow_network`."""
        if self.host not in LOOPBACK and not self.allow_network:
            raise SettingsError(
                f"host: {self.host} lets other machines connect over an unencrypted connection; add --allow-network to allow it"
            )


@settings(frozen=True)
class RateSettings(RatingSettings, ServerSettings):
    """`seqfer rate`: how raters rate, and where the server listens."""

    def __post_init__(self) -> None:
        """Raises what both raise."""
        RatingSettings.__post_init__(self)
        ServerSettings.__post_init__(self)


@settings(frozen=True)
class StudySettings(StudyReportSettings, ServerSettings):
    """`seqfer study`: how the report compares, and where the server of ratings listens."""

    def __post_init__(self) -> None:
        """Raises what both raise."""
        StudyReportSettings.__post_init__(self)
        ServerSettings.__post_init__(self)
