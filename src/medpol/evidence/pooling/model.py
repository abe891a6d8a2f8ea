"""The random-effects model y = Xβ + u + e, u ~ N(0, τ²), e ~ N(0, v), seen as functions of τ².

Every estimator of τ² needs the same few numbers, functions of the weights w = 1/(v + τ²) alone. With
P = W − WX(X'WX)⁻¹X'W (Viechtbauer 2005, J Educ Behav Stat 30:261-293):

    sum_w    Σw                 trace_p   tr(P)            trace_pp  tr(PP)
    q        y'Py               q2        y'PPy            q3        y'PPPy

so that dq/dτ² = −q2, dq2/dτ² = −2 q3, d tr(P)/dτ² = −tr(PP). Two models give them: `Means`, any number
of meta-analyses without moderators at once, in closed form, and `Regression`, one meta-analysis with
moderators, by QR. The estimators in `tau2.py` are written once, over either. Both have, one element per
meta-analysis, `k` (studies), `v_min`, `v_max`, and `p` (coefficients); a `tau2` argument has the number of
meta-analyses as its last axis.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Slope(NamedTuple):
    """What the first derivative of either likelihood needs, at each τ² asked for."""

    sum_w: Array
    trace_p: Array
    q: Array
    q2: Array


class Curvature(NamedTuple):
    """`Slope` and what the second derivative needs."""

    sum_w: Array
    trace_p: Array
    q: Array
    q2: Array
    sum_w2: Array
    trace_pp: Array
    q3: Array


@dataclass(frozen=True, slots=True)
class Means:
    """Many meta-analyses without moderators: arrays of studies × meta-analyses.

    A meta-analysis with fewer studies than the others is padded with y = 0, v = ∞ (weight 0).
    """

    y: Array
    v: Array
    k: Array
    v_min: Array
    v_max: Array
    p: int = 1

    @classmethod
    def of(cls, y: Array, v: Array) -> "Means":
        """y and v: studies × meta-analyses."""
        present = np.isfinite(v)
        v_max = np.where(present, v, -np.inf).max(axis=0)
        return cls(y=y, v=v, k=present.sum(axis=0).astype(float), v_min=v.min(axis=0), v_max=v_max)

    def _weights(self, tau2: Array) -> tuple[Array, Array, Array, Array]:
        """w, Σw, Py and q."""
        axes = (slice(None), *(None,) * (tau2.ndim - 1))
        y = self.y[axes]
        w = self.v[axes] + tau2
        np.reciprocal(w, out=w)
        total = np.add.reduce(w)
        residual = y - np.einsum("k...,k...->...", w, np.broadcast_to(y, w.shape)) / total
        py = w * residual
        return w, total, py, np.einsum("k...,k...->...", py, residual)

    def slope(self, tau2: Array) -> Slope:
        w, total, py, q = self._weights(tau2)
        trace_p = total - np.einsum("k...,k...->...", w, w) / total
        return Slope(total, trace_p, q, np.einsum("k...,k...->...", py, py))

    def likelihood_slope(self, tau2: Array, *, restricted: bool) -> Array:
        """Twice the derivative of the log-likelihood in τ²; the grid search spends its time here."""
        axes = (slice(None), *(None,) * (tau2.ndim - 1))
        y = self.y[axes]
        w = self.v[axes] + tau2
        np.reciprocal(w, out=w)
        total = np.add.reduce(w)
        py = y - np.einsum("k...,k...->...", w, np.broadcast_to(y, w.shape)) / total
        py *= w
        slope: Array = np.einsum("k...,k...->...", py, py) - total
        if restricted:
            slope += np.einsum("k...,k...->...", w, w) / total
        return slope

    def curvature(self, tau2: Array) -> Curvature:
        w, total, py, q = self._weights(tau2)
        w2 = w * w
        sum_w2 = np.add.reduce(w2)
        sum_w3 = np.einsum("k...,k...->...", w2, w)
        w_py = np.einsum("k...,k...->...", w, py)
        return Curvature(
            sum_w=total,
            trace_p=total - sum_w2 / total,
            q=q,
            q2=np.einsum("k...,k...->...", py, py),
            sum_w2=sum_w2,
            trace_pp=sum_w2 - 2.0 * sum_w3 / total + (sum_w2 / total) ** 2,
            q3=np.einsum("k...,k...,k...->...", w, py, py) - w_py**2 / total,
        )

    def log_likelihood(self, tau2: Array, *, restricted: bool) -> Array:
        """With the mean profiled out, up to a constant that does not depend on τ²."""
        w, total, _, q = self._weights(tau2)
        log_w = np.log(w, out=np.zeros_like(w), where=w > 0).sum(axis=0)
        value: Array = 0.5 * (log_w - q - (np.log(total) if restricted else 0.0))
        return value

    def ordinary(self) -> tuple[Array, Array]:
        """Unweighted residual sum of squares, and tr(P₀V) with P₀ = I − X(X'X)⁻¹X'."""
        present = np.isfinite(self.v)
        y = np.where(present, self.y, 0.0)
        residual = np.where(present, y - y.sum(axis=0) / self.k, 0.0)
        v_sum = np.where(present, self.v, 0.0).sum(axis=0)
        return np.einsum("kb,kb->b", residual, residual), v_sum * (1.0 - 1.0 / self.k)

    def spread(self) -> Array:
        """Σ(y − ȳ)²/k about the plain mean."""
        out: Array = self.ordinary()[0] / self.k
        return out

    def take(self, which: NDArray[np.intp]) -> "Means":
        """Only those meta-analyses, repeats allowed."""
        return Means(self.y[:, which], self.v[:, which], self.k[which], self.v_min[which], self.v_max[which])


@dataclass(frozen=True, slots=True)
class Regression:
    """One meta-analysis with a design matrix X (k × p, full column rank)."""

    y: Array
    v: Array
    x: Array
    k: Array
    v_min: Array
    v_max: Array
    p: int

    @classmethod
    def of(cls, y: Array, v: Array, x: Array) -> "Regression":
        edges = (np.array([float(len(y))]), np.array([v.min()]), np.array([v.max()]))
        return cls(y, v, x, *edges, p=x.shape[1])

    def _weights(self, tau2: Array) -> tuple[Array, Array, Array, Array]:
        """w, the orthonormal basis of W½X, the residual W½(y − Xβ) and |det R|; points first."""
        root = np.sqrt(1.0 / (self.v + tau2.reshape(-1, 1)))
        basis, upper = np.linalg.qr(root[:, :, None] * self.x)
        scaled = root * self.y
        residual = scaled - np.einsum("nkp,nlp,nl->nk", basis, basis, scaled, optimize=True)
        return root**2, basis, residual, np.abs(np.prod(np.diagonal(upper, axis1=1, axis2=2), axis=1))

    def slope(self, tau2: Array) -> Slope:
        w, basis, residual, _ = self._weights(tau2)
        leverage = np.einsum("nkp,nkp->nk", basis, basis)
        parts = (w.sum(axis=1), (w * (1.0 - leverage)).sum(axis=1), (residual**2).sum(axis=1))
        return Slope(*(x.reshape(tau2.shape) for x in (*parts, (w * residual**2).sum(axis=1))))

    def likelihood_slope(self, tau2: Array, *, restricted: bool) -> Array:
        """Twice the derivative of the log-likelihood in τ²."""
        here = self.slope(tau2)
        return here.q2 - (here.trace_p if restricted else here.sum_w)

    def curvature(self, tau2: Array) -> Curvature:
        w, basis, residual, _ = self._weights(tau2)
        projection = np.eye(w.shape[1]) - basis @ basis.transpose(0, 2, 1)
        p_matrix = np.sqrt(w)[:, :, None] * projection * np.sqrt(w)[:, None, :]
        py = np.sqrt(w) * residual
        ppy = np.einsum("nkl,nl->nk", p_matrix, py)
        parts = (
            w.sum(axis=1),
            np.trace(p_matrix, axis1=1, axis2=2),
            (residual**2).sum(axis=1),
            (py**2).sum(axis=1),
            (w**2).sum(axis=1),
            (p_matrix**2).sum(axis=(1, 2)),
            (py * ppy).sum(axis=1),
        )
        return Curvature(*(x.reshape(tau2.shape) for x in parts))

    def log_likelihood(self, tau2: Array, *, restricted: bool) -> Array:
        w, _, residual, determinant = self._weights(tau2)
        value = np.log(w).sum(axis=1) - (residual**2).sum(axis=1)
        if restricted:
            value = value - 2.0 * np.log(determinant)
        return np.asarray(0.5 * value, dtype=float).reshape(tau2.shape)

    def ordinary(self) -> tuple[Array, Array]:
        basis, _ = np.linalg.qr(self.x)
        residual = self.y - basis @ (basis.T @ self.y)
        leverage = (basis**2).sum(axis=1)
        return np.array([residual @ residual]), np.array([(self.v * (1.0 - leverage)).sum()])

    def spread(self) -> Array:
        """Σ(y − ȳ)²/k about the plain mean, whatever the moderators."""
        return np.array([np.var(self.y)])

    def take(self, which: NDArray[np.intp]) -> "Regression":  # noqa: ARG002  (there is only one)
        return self


Model = Means | Regression
