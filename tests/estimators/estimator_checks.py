"""scikit-learn's own checks of an estimator, all but those that do not apply, each with the reason."""

from __future__ import annotations

from typing import Any

import pytest
import sklearn

NOT_APPLICABLE = {"check_array_api_input": "skipped by scikit-learn where SCIPY_ARRAY_API is not set"}


def assert_passes(estimator: Any, expected_failures: dict[str, str] | None = None) -> None:
    """Run `check_estimator`. Every check that fails must be expected, and every expected one must fail."""
    if tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 6):
        pytest.skip("check_estimator says which checks fail from scikit-learn 1.6 on")
    from sklearn.utils.estimator_checks import check_estimator

    expected = expected_failures or {}
    results = check_estimator(estimator, expected_failed_checks=expected, on_fail=None, on_skip=None)
    states = {r["check_name"]: (r["status"], r["exception"]) for r in results}
    assert len(states) > 30
    other = {name: state for name, state in states.items() if state[0] != "passed"}
    assert {name for name, (status, _) in other.items() if status == "xfail"} == set(expected)
    assert {name: state for name, state in other.items() if name not in {*expected, *NOT_APPLICABLE}} == {}
