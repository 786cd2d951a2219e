"""How long a page takes, in processor time, so that a busy machine says nothing wrong."""

import time

import pytest
from betting import BETS

from sartor_plugins.report.facts import Facts
from sartor_plugins.report.page import figures_here, page

SECONDS = 3.0


def seconds_for(folder):
    began = time.process_time()
    figures = figures_here()
    html = page(Facts.of(folder), figures)
    return time.process_time() - began, len(html.encode()), figures


def test_a_page_with_figures_is_made_within_three_seconds(recorded):
    seconds, size, figures = seconds_for(recorded(more=BETS))
    assert len(figures.specs) == 4
    assert seconds < SECONDS
    assert size < 300_000


@pytest.mark.slow
def test_the_page_of_thirty_thousand_accounts_too(data_folder, tmp_path, monkeypatch):
    import sartor

    data = data_folder("finance/credit-default-taiwan").parents[1]
    monkeypatch.chdir(tmp_path)
    run = sartor.run("finance/credit-default-taiwan", data=data, sets=["judge.redraws=100"], information=False)
    seconds, size, figures = seconds_for(run.folder)
    assert figures.specs
    assert seconds < SECONDS
    assert size < 1_000_000
