"""Several processes, on one machine or on several, that learn one network together through `tf.distribute`.

`settings` reads the recipe, `crew` begins and watches the processes, `work` is what each of them does, `together` is
the arithmetic that they share, `waiting` begins a process on another machine.
"""
