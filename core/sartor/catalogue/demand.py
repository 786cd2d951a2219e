"""D: a table of series cannot be forecast, or orders cannot be proposed from it, as it is."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D180",
        "the table is none of series over time",
        "A forecast needs a line for each series and period, with both in the key: the columns of the series, and the "
        "time. Say all of it at ingest.",
        right="ingest:\n  sales: {key: [store, item, week], time: week, roles: {units: sold}, use: ...}",
    ),
    Code(
        "D181",
        "a date is no beginning of a period",
        "Periods of one length begin at equal distances, from the first date of the table on. A date between two of "
        "them is a wrong date, a first or last week that was cut off, or the sign of shorter periods.",
        right="task: {use: forecast.demand, with: {every: 1 day, horizon: 28}}",
    ),
    Code(
        "D182",
        "the column of demand holds no numbers",
        "What was sold is added up, so it must be a number. Say which column it is by its role, and declare its type.",
        right="ingest:\n  sales: {roles: {units: sold}, use: tables.csv, with: {path: s.csv, types: {sold: number}}}",
    ),
    Code(
        "D183",
        "less than nothing was sold",
        "A line below 0 is a return. It is no demand of the day on which it came back, and lowers that of the day on "
        "which it was bought, which a table of daily sums cannot tell. Count such lines as nothing sold, or give "
        "returns back at the source.",
        right="task: {use: forecast.demand, with: {every: 1 day, horizon: 28, returns: as zero}}",
    ),
    Code(
        "D184",
        "the rows are none of a forecast",
        "Features of series look at the periods that a row asks about, which only the rows of a forecast say.",
        right="task: {use: forecast.demand, with: {every: 1 week, horizon: 8}}",
    ),
    Code(
        "D185",
        "the split names no moment to forecast from",
        "A forecast is asked at a moment, and judged by what came after it. So the split goes by time, and says how "
        "often it is asked anew.",
        right="split: {time: 2024-07-01, every: 1 week, origins: 26}",
    ),
    Code(
        "D186",
        "the table holds too little time for what is asked",
        "A series is asked about once it has been there for some periods and something was sold; rows to learn from "
        "need as much time again before them; and nothing is asked of a time behind the table's last period. Split "
        "at another moment, ask for less, or lower `at_least`.",
    ),
    Code(
        "D187",
        "a forecast that the model answers with is no feature",
        "`forecast.method` answers with what `forecast.own` worked out, and trees forecast multiples of what "
        "`forecast.recent` calls usual. Name these features in the recipe.",
        right="features:\n  lately: {use: forecast.recent}\n  own: {use: forecast.own, with: {methods: [theta]}}",
    ),
    Code(
        "D188",
        "orders and rows do not fit each other",
        "Orders are replayed at each review, one after the other, so the split must ask at every review and the rows "
        "must be those of a replenishment.",
        right="task: {use: retail.replenishment, with: {every: 1 week, review: 1 week, lead_time: 2 weeks}}\n"
        "split: {time: 2024-07-01, every: 1 week, origins: 26}",
    ),
    Code(
        "D189",
        "what an order costs or earns is not known",
        "Orders are valued by what a unit costs and sells for. Name the columns, or one number for all; where a "
        "value is missing or not above 0, nothing can be said.",
        right="actions: {orders: {use: retail.order_proposal, with: {unit_cost: cost, service_level: 0.95}}}",
    ),
    Code(
        "D179",
        "a pack or a smallest order cannot be",
        "Orders are whole packs of at least one unit, and at least as large as the smallest order. A pack of 0, or a "
        "smallest order below 0, is a gap or a mistake at the source; nothing is put in its place.",
        right="actions: {orders: {use: retail.order_proposal, with: {case_pack: 1, moq: 0, service_level: 0.95}}}",
    ),
    Code(
        "D178",
        "the stock of a series is not known",
        "An order fills up what is on hand and on its way. A replay may begin with full shelves, a real order may not: "
        "give a table with a line for each series, named in the action's `from`.",
        right="actions:\n  orders: {use: retail.order_proposal, from: stock, with: {on_hand: on_hand, "
        "on_order: on_order, service_level: 0.95}}",
    ),
)
"""What each error code means, one module a group; `sartor.codes` puts them together."""
