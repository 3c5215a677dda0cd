"""exp, log and the normal quantile by plus, minus, times, divide and square root alone.

Library versions differ in the last bit between platforms and between NumPy's array and scalar code; these
do not, so that a run gives the same bits wherever it is made and whichever engine makes it.
"""

from __future__ import annotations

import math

import numpy as np

from sim.jit import jit

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
INVERSE_LN2 = 1.44269504088896338700e00
SMALLEST_NORMAL = 2.2250738585072014e-308
TWO_TO_54 = 18014398509481984.0
# The bits of a double: 52 of the mantissa, the exponent above them with 1023 added.
MANTISSA_BITS = 52
MANTISSA = 0x000FFFFFFFFFFFFF
BIAS = 1023
ONE = 0x3FF0000000000000  # the bits of 1
SQRT_HALF = 0x3FE6A09E667F3BCD  # and of the square root of a half
# Coefficients of the two approximations in Sun's fdlibm (1993): e_log.c, e_exp.c; errors below 1 in the last place.
LOG_1, LOG_2, LOG_3 = 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01
LOG_4, LOG_5, LOG_6, LOG_7 = (
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
EXP_1, EXP_2, EXP_3, EXP_4, EXP_5 = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)


@jit
def exp(x: float) -> float:
    """Return e to the x. Relative error below 2e-16 for -708 < x < 709; 0 below, infinity above.

    Range reduction by ln 2 in two parts, then the rational approximation of fdlibm on [-0.35, 0.35].
    """
    if x > 709.0:
        return math.inf
    if x < -708.0:
        return 0.0
    k = int(x * INVERSE_LN2 + (0.5 if x >= 0.0 else -0.5))
    high = x - k * LN2_HIGH
    low = k * LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (EXP_1 + t * (EXP_2 + t * (EXP_3 + t * (EXP_4 + t * EXP_5))))
    near_one = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return near_one * np.int64((k + BIAS) << MANTISSA_BITS).view(np.float64)  # type: ignore[no-any-return]


@jit
def log(x: float) -> float:
    """Return the natural logarithm of x > 0. Relative error below 2e-16; minus infinity at 0, NaN below.

    x = 2**k (1 + f) with 1 + f between the roots of a half and of two, then the approximation of fdlibm in f / (2 + f).
    """
    if x <= 0.0:
        return -math.inf if x == 0.0 else math.nan
    k = 0
    if x < SMALLEST_NORMAL:
        x = x * TWO_TO_54
        k = -54
    bits = np.float64(x).view(np.int64) + (ONE - SQRT_HALF)
    k += int(bits >> MANTISSA_BITS) - BIAS
    f = np.int64((bits & MANTISSA) + SQRT_HALF).view(np.float64) - 1.0
    half_square = 0.5 * f * f
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (LOG_2 + w * (LOG_4 + w * LOG_6))
    odd = z * (LOG_1 + w * (LOG_3 + w * (LOG_5 + w * LOG_7)))
    series = s * (half_square + (even + odd)) + k * LN2_LOW
    return k * LN2_HIGH - ((half_square - series) - f)  # type: ignore[no-any-return]


@jit
def power(base: float, exponent: float) -> float:
    """Return base to the exponent for base > 0 (0 at base 0)."""
    if base <= 0.0:
        return 0.0
    return exp(exponent * log(base))


@jit
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile of 0 < p < 1 (Wichura 1988, AS 241, PPND16; error about 1e-16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (
            (
                (
                    (
                        ((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                        + 45921.953931549871457
                    )
                    * r
                    + 13731.693765509461125
                )
                * r
                + 1971.5909503065514427
            )
            * r
            + 133.14166789178437745
        ) * r + 3.387132872796366608
        low = (
            (
                (
                    (
                        ((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                        + 21213.794301586595867
                    )
                    * r
                    + 5394.1960214247511077
                )
                * r
                + 687.1870074920579083
            )
            * r
            + 42.313330701600911252
        ) * r + 1.0
        return q * top / low
    tail = p if q < 0.0 else 1.0 - p
    r = math.sqrt(-log(tail))
    if r <= 5.0:
        r = r - 1.6
        top = (
            (
                (
                    (
                        ((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                        + 1.27045825245236838258
                    )
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.7694972214606914055
            )
            * r
            + 4.6303378461565452959
        ) * r + 1.42343711074968357734
        low = (
            (
                (
                    (
                        ((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                        + 0.14810397642748007459
                    )
                    * r
                    + 0.68976733498510000455
                )
                * r
                + 1.6763848301838038494
            )
            * r
            + 2.05319162663775882187
        ) * r + 1.0
    else:
        r = r - 5.0
        top = (
            (
                (
                    (
                        ((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                        + 0.026532189526576123093
                    )
                    * r
                    + 0.29656057182850489123
                )
                * r
                + 1.7848265399172913358
            )
            * r
            + 5.4637849111641143699
        ) * r + 6.6579046435011037772
        low = (
            (
                (
                    (
                        ((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                        + 7.868691311456132591e-4
                    )
                    * r
                    + 0.0148753612908506148525
                )
                * r
                + 0.13692988092273580531
            )
            * r
            + 0.59983220655588793769
        ) * r + 1.0
    value = top / low
    return -value if q < 0.0 else value


@jit
def lognormal_quantile(p: float, mean: float, scv: float) -> float:
    """Return the quantile of a lognormal with the given mean and squared coefficient of variation."""
    sigma_squared = log(1.0 + scv)
    return exp(log(mean) - 0.5 * sigma_squared + math.sqrt(sigma_squared) * normal_quantile(p))


@jit
def whole_seconds(x: float) -> int:
    """Return a duration in whole seconds, nearest, and at least 1."""
    seconds = math.floor(x + 0.5)
    return seconds if seconds > 1 else 1
