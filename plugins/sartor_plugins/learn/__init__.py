"""learn: classification and regression, the models that answer them, and the steps that prepare their features."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl

_HERE = "sartor_plugins.learn"


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer classification and regression."""
    yield Component(
        "learn.classification", f"{_HERE}.tasks:Classification", about="Which class a line belongs to, as probabilities"
    )
    yield Component("learn.regression", f"{_HERE}.tasks:Regression", about="Which number a line has")


@hookimpl
def models() -> Iterator[Component]:
    """Offer models, what is put around models, trivial answers, and steps of ``prepare``."""
    yield Component("learn.logistic", f"{_HERE}.models.linear:Logistic", about="Logistic regression with an L2 penalty")
    yield Component("learn.linear", f"{_HERE}.models.linear:Linear", about="Ridge regression")
    yield Component("learn.tree", f"{_HERE}.models.trees:Tree", about="One decision tree, told as rules")
    yield Component("learn.forest", f"{_HERE}.models.trees:Forest", about="Random forest")
    yield Component("learn.extra_trees", f"{_HERE}.models.trees:ExtraTrees", about="Extremely randomised trees")
    yield Component(
        "learn.isolation_forest",
        f"{_HERE}.models.isolation:IsolationForest",
        about="Rows that are unlike the others, found without the truth",
    )
    yield Component("learn.svm", f"{_HERE}.models.svm:SVM", about="Support vector machine with probabilities")
    yield Component(
        "learn.boosting", f"{_HERE}.models.boosting:Boosting", about="Gradient boosted trees of scikit-learn"
    )
    yield Component(
        "learn.lightgbm",
        f"{_HERE}.models.boosting:LightGBM",
        about="Gradient boosted trees of LightGBM",
        extra="boost",
        requires=("lightgbm",),
    )
    yield Component(
        "learn.naive_bayes", f"{_HERE}.models.bayes:NaiveBayes", about="Naive Bayes for numbers and categories"
    )
    yield Component("learn.nearest", f"{_HERE}.models.nearest:Nearest", about="Nearest neighbours")
    yield Component(
        "learn.calibrated", f"{_HERE}.models.calibrated:Calibrated", about="A model with its probabilities put right"
    )
    yield Component("learn.capped", f"{_HERE}.models.capped:Capped", about="A model of numbers held within bounds")
    yield Component(
        "learn.conformal", f"{_HERE}.models.conformal:Conformal", about="A model with intervals and quantiles that hold"
    )
    yield Component("learn.chosen", f"{_HERE}.models.chosen:Chosen", about="The best of several models on inner rows")
    yield Component("learn.tuned", f"{_HERE}.models.tuned:Tuned", about="A model with settings searched on inner rows")
    yield Component(
        "learn.exponential",
        f"{_HERE}.models.exponential:Exponential",
        about="The exponential law of amounts, with the chance of reaching one",
    )
    yield Component("learn.base_rate", f"{_HERE}.trivial:BaseRate", about="The shares of the classes, for every row")
    yield Component("learn.mean", f"{_HERE}.trivial:Mean", about="The mean, for every row")
    yield Component("learn.median", f"{_HERE}.trivial:Median", about="The median, for every row")
    yield from _steps()


def _steps() -> Iterator[Component]:
    for name, about in (
        ("mixed", "Mixed columns as numbers and flags, nothing missing"),
        ("scale", "Numbers on one scale"),
        ("one_hot", "Categories as flags, with one for unknown levels"),
        ("target_mean", "Categories as the mean target of their level, cross-fitted"),
        ("missing_flags", "A flag beside each column with missing values"),
        ("impute", "Missing values filled"),
        ("leave", "Leaves out columns that one model is not to see"),
    ):
        target = "".join(word.capitalize() for word in name.split("_"))
        yield Component(f"learn.{name}", f"{_HERE}.steps:{target}", about=about, prepare=True)
