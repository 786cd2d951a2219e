"""Weighs sources: what each brings in bits and in money, against its price, and how fast it goes stale.

``without`` a source compares everything that is ours with everything but this source: what is lost if it is given up,
and so what it may cost. Its ``share`` divides what all sources bring together: two that say the same are each worth
nothing without the other being lost, and share what they bring. Intervals are of the same redraws of the rows that
judge as all others of the run; how far a fit goes by chance is learned from champions fitted on random halves of the
rows, whose spread is that of a fit on all of them [1]_, and is added.

.. [1] Politis, Romano and Wolf, *Subsampling*, 1999: values on random halves without replacement vary around each
   other as those on all rows do around the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.evidence.bootstrap import Measured
from sartor.information.decay import Decay, half_life
from sartor.information.prices import Prices, decisions_per_month
from sartor.information.refits import Refits, Spent, Tried
from sartor.information.saying import sentence_of
from sartor.information.shares import FEWEST_ORDERS, MOST_EXACT, coalitions, exact_shares, sampled_shares
from sartor.information.telling import sections_of
from sartor.information.worth import Worth, judged, spread_out
from sartor.recipe.sources import Source
from sartor.stages.section_writing import written
from sartor.wording import listed, plural

if TYPE_CHECKING:
    from sartor.information.shares import Present
    from sartor.performing import Score
    from sartor.session import Session
    from sartor.stages.building import Built

Floats = np.ndarray
SCHEMA = 1


def weigh(session: Session, built: Built, score: Score) -> dict[str, Any]:
    """Return what the private sources of a recipe are worth, in JSON types; without clock time or name of the run.

    Parameters
    ----------
    session : Session
    built : Built
    score : Score
        What the run with all sources has made.
    """
    refits = Refits(session, built, score)
    with session.stage("inform", ", ".join(refits.sources)) as stage:
        found = _Weighing(session, refits).result()
        stage.line = f"{plural(len(refits.sources), 'source')}, {plural(refits.done, 'refit')}"
        stage.summary = {"sources": list(refits.sources), "refits": refits.done, "left_out": found["left_out"]}
    return found


@dataclass
class _Weighing:
    session: Session
    refits: Refits
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        information = self.session.recipe.information
        assert information is not None
        self.information = information
        self.names = list(information.private)
        self.all: Present = frozenset(self.names)
        self.confidence = self.session.recipe.judge.confidence
        self.rows = self.refits.redraws.n_groups
        self.calls = information.decisions_per_month or decisions_per_month(self.refits.frame)
        self.prices = Prices(self.calls, self.refits.lines_of, len(self.refits.frame))

    # -----------------------------------------------------------------------------------------------------------
    # What is tried, the most important first
    # -----------------------------------------------------------------------------------------------------------

    def result(self) -> dict[str, Any]:
        """Try everything that the budget allows, and put together what it says."""
        refits = self.refits
        refits.planned = self._planned()
        full = refits.of(self.all)
        without = {name: found for name in self.names if (found := self._tried(self.all - {name})) is not None}
        nothing = self._tried(frozenset())
        lacking = [name for name in self.names if name not in without]
        if lacking:
            self.left_out.append(f"the run without {listed(lacking)}")
        noise, halves = self._noise([*(self.all - {name} for name in without), frozenset()])
        decays = {name: self._decay(name, without.get(name)) for name in self.names if refits.sources[name].delays}
        shares = self._shares()
        sources = {
            name: self._source(name, full, without.get(name), noise, halves, shares.get(name), decays.get(name))
            for name in self.names
        }
        return self._told(sources, full, nothing, noise, halves)

    def _planned(self) -> int:
        """How many refits there are to come, as far as that is known."""
        count, information = len(self.names), self.information
        some = 2**count - 1 if count <= MOST_EXACT else count + 1
        delays = sum(1 for source in self.refits.sources.values() for delay in source.delays if delay.seconds)
        halves = information.halves * (count + 2) if count > 1 else information.halves * 2
        return min(information.refits, some + delays + halves)

    def _tried(self, present: Present) -> Tried | None:
        try:
            return self.refits.of(present)
        except Spent:
            return None

    def _noise(self, asked: Sequence[Present]) -> tuple[dict[Present, tuple[float, float]], int]:
        """Return how far differences from everything go by chance of the fit, in score and money, and from how many."""
        found: dict[Present, list[tuple[float, float]]] = {present: [] for present in asked}
        done = 0
        try:
            for number in range(self.information.halves):
                full = self.refits.half(self.all, number)
                for present, differences in found.items():
                    part = self.refits.half(present, number)
                    money = 0.0
                    if full.money is not None and part.money is not None:
                        money = float(full.money[0] - part.money[0])
                    differences.append((float(full.score[0] - part.score[0]), money))
                done += 1
        except Spent:
            wanted = self.information.halves
            halves = plural(wanted, "half", "halves")
            self.left_out.append(f"{wanted - done} of {halves} that tell how far a fit goes by chance")
        if done < 2:
            return {}, 0
        spread = {present: np.std(values[:done], axis=0, ddof=1) for present, values in found.items()}
        return {present: (float(score), float(money)) for present, (score, money) in spread.items()}, done

    def _decay(self, name: str, without: Tried | None) -> tuple[Decay, list[tuple[float, Floats]]]:
        if without is None:
            return Decay(None, why="the budget did not last"), []
        lines = []
        for delay in self.refits.sources[name].delays:
            try:
                lines.append((delay.seconds / 86_400, self.refits.delayed(name, delay.seconds).score - without.score))
            except Spent:
                self.left_out.append(f"'{name}' later by {delay}")
        if len(lines) < 2:
            return Decay(None, why="the budget did not last"), lines
        ages = np.array([age for age, _ in lines])
        return half_life(ages, np.stack([line for _, line in lines]), self.confidence), lines

    def _shares(self) -> dict[str, tuple[Tried, float]]:
        """Return the share of each source, and how far it is off for the orders that were not drawn."""
        if len(self.names) <= MOST_EXACT:
            found = {present: self._tried(present) for present in coalitions(self.names)}
            whole = {present: _both(tried) for present, tried in found.items() if tried is not None}
            if len(whole) == len(found):
                exact = exact_shares(whole, self.names)
                return {name: (_apart(share), 0.0) for name, share in exact.items()}
            self.left_out.append(f"shares: {len(whole)} of {len(found)} coalitions")
            return {}
        seed = self.session.context(("inform", "orders")).seed

        def worth(present: Present) -> Floats | None:
            tried = self._tried(present)
            return None if tried is None else _both(tried)

        sampled, errors, drawn = sampled_shares(worth, self.names, seed)
        if not sampled:
            self.left_out.append(f"shares: {drawn} of at least {FEWEST_ORDERS} orders")
        return {name: (_apart(share), errors[name]) for name, share in sampled.items()}

    # -----------------------------------------------------------------------------------------------------------
    # What it says
    # -----------------------------------------------------------------------------------------------------------

    def _line(self, line: Floats, noise: float, halves: int) -> Floats:
        return spread_out(line, noise, halves - 1, self.session.context(("inform", "fits")).seed)

    def _source(
        self,
        name: str,
        full: Tried,
        without: Tried | None,
        noise: Mapping[Present, tuple[float, float]],
        halves: int,
        share: tuple[Tried, float] | None,
        decay: tuple[Decay, list[tuple[float, Floats]]] | None,
    ) -> dict[str, Any]:
        source = self.refits.sources[name]
        told: dict[str, Any] = {"about": source.about, "price": self.prices.of(source), "without": None, "share": None}
        by_score, by_money = noise.get(self.all - {name}, (0.0, 0.0))
        if share is not None:
            by_orders = float(np.hypot(by_score, share[1]))
            told["share"] = self._numbers(share[0], by_orders, by_money, halves)
        if without is None:
            return {**told, "verdict": "not weighed", "sentence": f"'{name}' was not weighed: the budget did not last."}
        lost = Tried(full.score - without.score, _minus(full.money, without.money))
        told["without"] = self._numbers(lost, by_score, by_money, halves)
        line = self._line(lost.score, by_score, halves)
        worth = judged(line, self.rows, self.confidence)
        told["tells"] = {"verdict": _tells(worth), "rows": worth.rows}
        if lost.money is not None:
            line = self._line(lost.money, by_money, halves)
            price = told["price"]["per_decision"] if told["price"] else 0.0
            if price is None:
                told["net"] = told["break_even"] = None
                worth = Worth(float("nan"), None, "cannot tell yet")
            else:
                worth = judged(line - price, self.rows, self.confidence)
                told["net"] = self._money(line - price)
                told["break_even"] = self._break_even(source, line)
        told |= {"verdict": worth.verdict, "rows": worth.rows}
        if decay is not None:
            told["half_life"] = self._half_life(*decay)
        return {**told, "sentence": sentence_of(name, told, self._words())}

    def _words(self) -> dict[str, Any]:
        recipe, measure = self.session.recipe, self.refits.measure
        return {
            "in_bits": measure.in_bits,
            "label": measure.label,
            "currency": recipe.currency or "",
            "judged": self.rows,
            "of": "rows" if self.refits.redraws.groups is None else "independent groups of rows",
        }

    def _numbers(self, tried: Tried, by_score: float, by_money: float, halves: int) -> dict[str, Any]:
        score = _interval(self._line(tried.score, by_score, halves), self.confidence)
        if tried.money is None:
            return {"score": score, "money": None}
        return {"score": score, "money": self._money(self._line(tried.money, by_money, halves))}

    def _money(self, line: Floats) -> dict[str, Any]:
        """Return an amount a decision, and a month where it is known how often it is decided."""
        found = _interval(line, self.confidence)
        by_month = _interval(line * self.calls, self.confidence) if self.calls is not None else None
        return {**found, "per_month": by_month}

    def _break_even(self, source: Source, line: Floats) -> dict[str, Any]:
        """Return the price, in its own terms, at which a source would bring what it costs."""
        each = self.prices.each(source)
        per = source.price.per if source.price is not None else "call"
        return {"per": per, **_interval(line / each, self.confidence)} if each else {"per": per, "value": None}

    def _half_life(self, decay: Decay, lines: list[tuple[float, Floats]]) -> dict[str, Any]:
        return {
            "days": decay.days,
            "low": decay.low,
            "high": decay.high,
            "refresh_days": decay.refresh,
            "why": decay.why,
            "fresh": decay.fresh if decay.days is not None else None,
            "ages": [{"days": age, **_interval(line, self.confidence)} for age, line in lines],
        }

    def _told(
        self,
        sources: Mapping[str, Any],
        full: Tried,
        nothing: Tried | None,
        noise: Mapping[Present, tuple[float, float]],
        halves: int,
    ) -> dict[str, Any]:
        recipe, refits = self.session.recipe, self.refits
        nobody = refits.nobody()
        by_score, by_money = noise.get(frozenset(), (0.0, 0.0))
        public = ours = None
        if nothing is not None:
            public = _interval(nothing.score - nobody.score, self.confidence)
            together = Tried(full.score - nothing.score, _minus(full.money, nothing.money))
            ours = self._numbers(together, by_score, by_money, halves)
        told: dict[str, Any] = {
            "schema": SCHEMA,
            "recipe": recipe.name,
            "champion": refits.champion,
            "action": refits.action,
            "measure": {
                "in_bits": refits.measure.in_bits,
                "label": refits.measure.label,
                "about": refits.measure.about,
            },
            "spread": [vars(one) for one in refits.spreads],
            "currency": recipe.currency or "",
            "confidence": self.confidence,
            "rows": int(refits.frame.parts.test.sum()),
            "independent": self.rows,
            "decisions_per_month": self.calls,
            "beside": refits.trivial,
            "public": {"columns": self._public(), "score": public},
            "ours": ours,
            "sources": dict(sources),
            "halves": halves,
            "refits": refits.done,
            "left_out": self.left_out,
        }
        smallest = recipe.privacy.smallest_group
        told["sections"] = [{"step": "information", **written(one, smallest)} for one in sections_of(told)]
        return told

    def _public(self) -> dict[str, list[str]]:
        """Return the columns of each table that anyone could know: those that no private source names."""
        withheld = self.refits.withheld(self.names)
        tables = self.refits.tables
        # Neither what is to be predicted nor what tells lines apart is known of a row before it is asked.
        truth = {self.refits.frame.own_table: self.refits.frame.truth}
        taken = {
            name: {*withheld.columns.get(name, ()), *truth.get(name, ()), *tables[name].key, tables[name].time}
            for name in tables
        }
        return {
            name: [column for column in tables[name].columns if column not in taken[name]]
            for name in tables
            if name not in withheld.tables
        }


def _both(tried: Tried) -> Floats:
    """Put score and money into one array, so that what is linear is done once."""
    money = tried.money if tried.money is not None else np.full_like(tried.score, np.nan)
    return np.stack([tried.score, money])


def _apart(both: Floats) -> Tried:
    return Tried(both[0], None if np.isnan(both[1, 0]) else both[1])


def _minus(one: Floats | None, other: Floats | None) -> Floats | None:
    return None if one is None or other is None else one - other


def _interval(line: Floats, confidence: float) -> dict[str, Any]:
    measured = Measured(float(line[0]), line[1:])
    interval = measured.interval(confidence)
    return {
        "value": measured.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def _tells(worth: Worth) -> str:
    """Say whether a source tells anything of what comes."""
    return {"worth it": "shown", "not worth it": "misleads", "cannot tell yet": "not shown"}[worth.verdict]
