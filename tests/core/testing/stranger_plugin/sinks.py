"""A sound sink, and sinks that break the contract in one way each."""

from __future__ import annotations

import json

from pydantic import Field

from sartor.components import Sink
from sartor.delivery import Receipt


class SoundSink(Sink):
    """A file with a JSON object for each key, written at once."""

    place: str = "sent.json"
    seen: list[str] = Field(default_factory=list)

    def target(self, context):
        return self.place

    def lines(self, decisions):
        return [line for batch in decisions.batches() for line in batch.to_pylist()]

    def deliver(self, decisions, context):
        file = context.path(self.place)
        before = json.loads(file.read_text()) if file.exists() else {}
        after = {line["id"]: {**line, "day": str(line["day"]), "at": str(line["at"])} for line in self.lines(decisions)}
        after = json.loads(json.dumps(after))
        file.write_text(json.dumps({**before, **after}))
        changed = sum(before.get(key, line) != line for key, line in after.items())
        return Receipt(len(after), added=len(after.keys() - before.keys()), changed=changed)


class ShySink(SoundSink):
    def deliver(self, decisions, context):
        return Receipt(super().deliver(decisions, context).rows)


class NamelessSink(SoundSink):
    def target(self, context):
        return " "


class TriesSink(SoundSink):
    def check_target(self, columns, context):
        context.path("try.txt").write_text("can I write here?")


class ReturnsNothingSink(SoundSink):
    def deliver(self, decisions, context):
        super().deliver(decisions, context)


class LosesSink(SoundSink):
    def lines(self, decisions):
        return super().lines(decisions)[1:]


class MiscountsSink(SoundSink):
    def deliver(self, decisions, context):
        return Receipt(super().deliver(decisions, context).rows - 1)


class AppendsSink(SoundSink):
    def deliver(self, decisions, context):
        file = context.path(self.place)
        lines = [json.dumps(line, default=str) for line in self.lines(decisions)]
        with file.open("a") as stream:
            stream.writelines(f"{line}\n" for line in lines)
        return Receipt(len(lines))


class AlwaysNewSink(SoundSink):
    def deliver(self, decisions, context):
        rows = super().deliver(decisions, context).rows
        return Receipt(rows, added=rows, changed=0)


class KeepsTheFirstSink(SoundSink):
    def deliver(self, decisions, context):
        file = context.path(self.place)
        before = json.loads(file.read_text()) if file.exists() else {}
        receipt = super().deliver(decisions, context)
        if before:
            file.write_text(json.dumps(before))
        return Receipt(receipt.rows, added=receipt.added, changed=0)


class LineByLineSink(SoundSink):
    def deliver(self, decisions, context):
        context.path(self.place).unlink(missing_ok=True)
        rows = 0
        with context.path(self.place).open("w") as stream:
            for batch in decisions.batches():
                rows += batch.num_rows
                stream.writelines(json.dumps(line, default=str) + "\n" for line in batch.to_pylist())
        return Receipt(rows)


class HidesSink(SoundSink):
    def deliver(self, decisions, context):
        try:
            return super().deliver(decisions, context)
        except OSError:
            return Receipt(decisions.rows)


class NeedsOneSink(SoundSink):
    def lines(self, decisions):
        found = super().lines(decisions)
        found[0]
        return found


class RemembersSink(SoundSink):
    def deliver(self, decisions, context):
        self.seen.append(decisions.idempotency_key)
        return super().deliver(decisions, context)


class EditsSink(SoundSink):
    def deliver(self, decisions, context):
        receipt = super().deliver(decisions, context)
        decisions.file.write_bytes(decisions.file.read_bytes() + b" ")
        return receipt
