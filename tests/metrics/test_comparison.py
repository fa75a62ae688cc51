import math
import statistics

import numpy as np
import pytest
from scipy import integrate, stats

from seqfer.core.errors import InputError
from seqfer.metrics.comparison import corrected_resampled_t_test


def test_worked_by_hand() -> None:
    # mean 3, variance 10 / 4 = 2.5, (1/5 + 1/4) * 2.5 = 1.125, t = 3 / sqrt(1.125) = 2 sqrt(2)
    # df = 4 has the closed form P(T < t) = 1/2 + 3/8 u (1 - u^2 / 12 * ...), with u = t / sqrt(1 + t^2 / 4):
    #   u = sqrt(8 / 3), P = 1/2 + 3/8 * u * (1 - u^2 / 12) = 1/2 + 3/8 * 1.632993 * 0.777778 = 0.976290
    result = corrected_resampled_t_test([1, 2, 3, 4, 5], n_train=80, n_test=20)
    u = math.sqrt(8 / 3)
    assert result["test"] == "corrected resampled t-test (Nadeau & Bengio 2003)"
    assert (result["difference"], result["df"], result["n"]) == (3.0, 4, 5)
    assert result["standard_error"] == pytest.approx(math.sqrt(1.125))
    assert result["t"] == pytest.approx(2 * math.sqrt(2))
    assert result["p_value"] == pytest.approx(2 * (0.5 - 3 / 8 * u * (1 - u**2 / 12)))
    assert result["p_value"] == pytest.approx(0.04742, abs=1e-5)


def test_published_formula_computed_independently() -> None:
    # Bouckaert & Frank 2004, section 3.3, for 10 x 10 folds: statistics and the density of t integrated, no code shared
    differences = np.random.default_rng(0).normal(0.02, 0.05, 100).tolist()
    result = corrected_resampled_t_test(differences, n_train=900, n_test=100)
    t = statistics.fmean(differences) / math.sqrt((1 / 100 + 100 / 900) * statistics.variance(differences))

    def density(x: float) -> float:
        scale = math.exp(math.lgamma(50) - math.lgamma(49.5)) / math.sqrt(99 * math.pi)
        return scale * (1 + x * x / 99) ** -50

    assert result["t"] == pytest.approx(t, rel=1e-12)
    assert result["p_value"] == pytest.approx(2 * integrate.quad(density, abs(t), math.inf)[0], rel=1e-6)


def test_is_more_careful_than_the_plain_paired_test() -> None:
    differences = [0.02, 0.03, 0.01, 0.04, 0.02]
    plain = stats.ttest_1samp(differences, 0)
    result = corrected_resampled_t_test(differences, 200, 50)
    assert result["t"] == pytest.approx(plain.statistic / math.sqrt(1 + 5 / 4))
    assert result["p_value"] > plain.pvalue


def test_the_sign_turns_with_the_order_of_the_models() -> None:
    one, other = (corrected_resampled_t_test([s * 0.1, s * 0.2, s * 0.4], 20, 10) for s in (1, -1))
    assert one["t"] == pytest.approx(-other["t"])
    assert one["p_value"] == pytest.approx(other["p_value"])


def test_sizes_may_be_given_per_fold() -> None:
    many = corrected_resampled_t_test([1, 2, 4], n_train=[79, 80, 81], n_test=[21, 20, 19])
    assert many == corrected_resampled_t_test([1, 2, 4], 80, 20)


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_equal_differences_have_no_t(value: float) -> None:
    result = corrected_resampled_t_test([value, value, (value + 1) - 1], 80, 20)
    assert result["standard_error"] == 0.0
    assert result["difference"] == pytest.approx(value)
    assert math.isnan(result["t"])
    assert math.isnan(result["p_value"])


def test_one_difference_has_no_variance() -> None:
    result = corrected_resampled_t_test([0.1], 80, 20)
    assert (result["difference"], result["df"], result["n"]) == (0.1, 0, 1)
    assert all(math.isnan(result[key]) for key in ("standard_error", "t", "p_value"))


@pytest.mark.parametrize(
    ("differences", "n_train", "n_test"),
    [
        ([], 1, 1),
        ([math.nan, 1], 1, 1),
        ([[1, 2]], 1, 1),
        ([1, 2], 0, 1),
        ([1, 2], 1, [1, 2, 3]),
        ([1, 2], math.nan, 1),
    ],
)
def test_bad_input_is_refused_in_one_line(differences: list[float], n_train: float, n_test: float) -> None:
    with pytest.raises(InputError) as caught:
        corrected_resampled_t_test(differences, n_train, n_test)
    assert "\n" not in str(caught.value)
