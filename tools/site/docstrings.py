"""An extension of griffe, which reads the sources for the pages of the Python API.

`Example:` in a docstring of seqfer is what Google's style calls `Examples:`, so that its code is shown as code. What `seqfer.api` imports for type
checkers only, because it is handed on when it is first used, is public all the same.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Alias, Extension, Object


class PublicApi(Extension):
    """Renames the section before a docstring is parsed, and shows names that are imported late."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Called for every module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.M)

    def on_alias_instance(self, *, alias: Alias, **kwargs: Any) -> None:
        """Called for every import."""
        if alias.path.startswith("seqfer.api."):
            alias.runtime = True
