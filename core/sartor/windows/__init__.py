"""Features over time windows: counts, sums, means and more of an entity's lines in the last hour, day or week.

`sartor.rows.Rows.over` works them out for all rows of a task, `sartor.windows.state.WindowState` for one row at a
time, by the same kernel and to the same bits.
"""
