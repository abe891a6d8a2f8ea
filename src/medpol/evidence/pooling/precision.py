"""The standard error of τ², by method."""

import math

import numpy as np

from medpol.evidence.pooling.model import Array


def projection(v: Array, x: Array, tau2: float) -> Array:
    """P = W − WX(X'WX)⁻¹X'W with W = 1/(v + τ²)."""
    root = np.sqrt(1.0 / (v + tau2))
    basis, _ = np.linalg.qr(root[:, None] * x)
    out: Array = root[:, None] * (np.eye(len(v)) - basis @ basis.T) * root
    return out


def tau2_standard_error(method: str, y: Array, v: Array, x: Array, tau2: float) -> float | None:
    """Asymptotic standard error; None for EE and where k ≤ p.

    Moment estimators are c·y'Py + constant, of variance 2c² tr(PMPM) with M = diag(v + τ²)
    (Viechtbauer 2005; DerSimonian & Kacker 2007). ML and REML: inverse expected information.
    EB and PM: √(2k²/(k − p))/Σw; PMM the same.
    """
    k, p = x.shape
    if method == "EE" or k <= p:
        return None
    w = 1.0 / (v + tau2)
    if method == "ML":
        return math.sqrt(2.0 / float(w @ w))
    if method == "REML":
        matrix = projection(v, x, tau2)
        return math.sqrt(2.0 / float((matrix**2).sum()))
    if method in {"EB", "PM", "PMM"}:
        return math.sqrt(2.0 * k**2 / (k - p)) / float(w.sum())
    scale, matrix = _moment_form(method, y, v, x)
    spread = matrix * (v + tau2)
    return scale * math.sqrt(2.0 * float(np.einsum("ij,ji->", spread, spread)))


def _moment_form(method: str, y: Array, v: Array, x: Array) -> tuple[float, Array]:
    """c and P of the moment estimator c·y'Py + constant."""
    k, p = x.shape
    if method == "HE":
        basis, _ = np.linalg.qr(x)
        return 1.0 / (k - p), np.eye(k) - basis @ basis.T
    if method == "SJ":
        start = float(np.var(y))
        return start / (k - p), projection(v, x, start)
    matrix = projection(v, x, 0.0)
    scales = {
        "DL": 1.0 / float(np.trace(matrix)),
        "HS": 1.0 / float((1.0 / v).sum()),
        "HSk": k / (k - p) / float((1.0 / v).sum()),
    }
    return scales[method], matrix
