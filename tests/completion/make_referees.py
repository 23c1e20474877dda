"""Computes tests/completion/referees.json with statsmodels, scipy and plain matrices.

They are 200 MB, so their values are kept instead: in an environment of its own,
`pip install statsmodels==0.15.0` and `python -m tests.completion.make_referees`.

- Newcombe: statsmodels.stats.proportion.confint_proportions_2indep(method="newcomb").
- HC2: statsmodels OLS with an intercept a stratum, cov_type="HC2".
- CR2 and its degrees of freedom: Bell and McCaffrey's matrices as they stand in their paper.
- t: scipy.stats.t.ppf.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

OUT = Path(__file__).with_name("referees.json")
TABLES = [
    (56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (0, 10, 0, 20), (0, 10, 0, 10),
    (10, 10, 0, 20), (10, 10, 0, 10), (120, 400, 90, 410), (31, 2000, 12, 500),
]  # fmt: skip


def clusters(seed: int, sizes: list[int], strata: int, most: int) -> list[list[Any]]:
    """Made-up clusters: stratum, treated, of, done."""
    chance = random.Random(seed)
    found = []
    for stratum in range(strata):
        for arm in (True, False):
            for _ in range(chance.randint(2, most)):
                of = chance.choice(sizes)
                share = chance.random()
                done = sum(chance.random() < share for _ in range(of))
                found.append([str(stratum), arm, of, done])
    return found


def main() -> None:
    import numpy as np
    import scipy.stats
    import statsmodels
    import statsmodels.api as sm
    from statsmodels.stats.proportion import confint_proportions_2indep

    def design(rows: list[list[Any]]) -> tuple[Any, Any, Any]:
        outcome, columns, group = [], [], []
        strata = sorted({row[0] for row in rows})
        for number, (stratum, arm, of, done) in enumerate(rows):
            for at in range(of):
                outcome.append(float(at < done))
                columns.append([float(arm), *(float(stratum == each) for each in strata)])
                group.append(number)
        return np.array(outcome), np.array(columns), np.array(group)

    def bell_mccaffrey(rows: list[list[Any]]) -> list[float]:
        y, x, group = design(rows)
        inverse = np.linalg.inv(x.T @ x)
        hat = x @ inverse @ x.T
        left = np.eye(len(y)) - hat
        residual = left @ y
        meat, forms = 0.0, []
        for number in np.unique(group):
            own = group == number
            values, vectors = np.linalg.eigh(left[np.ix_(own, own)])
            root = vectors @ np.diag([v**-0.5 if v > 1e-9 else 0 for v in values]) @ vectors.T
            meat += float((inverse[0] @ x[own].T @ root @ residual[own]) ** 2)
            forms.append(left[:, own] @ root @ x[own] @ inverse[0])
        product = np.array(forms) @ np.array(forms).T
        freedom = np.trace(product) ** 2 / np.trace(product @ product)
        return [float((inverse @ x.T @ y)[0]), meat**0.5, float(freedom)]

    samples = [
        clusters(1, [1, 1, 1, 2, 3], 4, 12),
        clusters(2, [1, 2, 2, 3], 1, 30),
        clusters(3, [20, 45, 60, 120], 1, 9),
        clusters(4, [1, 2], 12, 4),
    ]
    alone = [clusters(seed, [1], strata, 20) for seed, strata in ((5, 1), (6, 3), (7, 10))]
    OUT.write_text(
        json.dumps(
            {
                "made_with": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}",
                "newcombe": [
                    [table, list(map(float, confint_proportions_2indep(*table, method="newcomb")))]
                    for table in TABLES
                ],
                "cr2": [[rows, bell_mccaffrey(rows)] for rows in samples],
                "hc2": [
                    [rows, [float(fit.params[0]), float(fit.bse[0])]]
                    for rows in alone
                    for fit in [sm.OLS(*design(rows)[:2]).fit(cov_type="HC2")]
                ],
                "t": [
                    [p, df, float(scipy.stats.t.ppf(p, df))]
                    for p in (0.6, 0.9, 0.975, 0.995)
                    for df in (1, 1.3, 2, 5.5, 17, 240.2, 1e5)
                ],
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
