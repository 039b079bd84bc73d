"""What an upgrade from 0.x did, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from ndscheduler.corescheduler.datastore.legacy.importing import MAX_TOLD, Counts


@dataclass(frozen=True)
class Report:
    """The counts of an upgrade, and what the old tables are called now."""

    counts: Counts
    kept: dict[str, str]

    def __str__(self) -> str:
        return "\n".join([" ".join(self._sentences()), *self._told()])

    def _sentences(self) -> list[str]:
        counts = self.counts
        copied = ", ".join(
            [
                _number(counts.jobs, "job"),
                _number(counts.executions, "execution"),
                _number(counts.audit_logs, "audit entry", "audit entries"),
            ]
        )
        sentences = [f"Upgraded the database of ndscheduler 0.x: {copied}."]
        if counts.interrupted:
            sentences.append(
                f"{_number(counts.interrupted, 'execution')} had not ended and became interrupted."
            )
        if counts.paused:
            sentences.append(
                f"{_number(counts.paused, 'job')} could not be kept whole and became paused, "
                "with the reason in paused_reason and in the audit log."
            )
        names = ", ".join(sorted(self.kept.values()))
        sentences.append(f"The old tables are kept as they were, under other names: {names}.")
        return sentences

    def _told(self) -> list[str]:
        told = self.counts.told
        return [*told, "More are in the audit log."] if len(told) >= MAX_TOLD else told


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
