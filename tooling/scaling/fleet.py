"""Workers of the CeleryExecutor and the nodes below them, second by second: queue, KEDA, the HPA, nodes that start.

Kept: how Kubernetes counts (tolerance, doubling, the highest of the last minutes before pods go, which pod goes), the
bounds of the file, what Airflow counts as `queued`, the end of a worker that still has tasks. Left out: failures, spot
interruptions, a region without instances, tasks that differ in size.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tooling.scaling.day import SECONDS, Task

#: A step of the clock; how often the HPA looks (`--horizontal-pod-autoscaler-sync-period`).
STEP, SYNC = 5, 15
#: What is close enough to change nothing, and how fast pods may become more: twice as many, or four, at each look.
#: Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
TOLERANCE, DOUBLE, FOUR = 0.1, 2, 4


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What the environment file says, and what a node and a pod take to start."""

    name: str
    least: int
    most: int
    concurrency: int
    workers_per_node: int
    elastic_nodes: bool
    cooldown_seconds: int = 300
    grace_seconds: int = 600
    node_seconds: int = 60  #: from a pod without a place to a node that is Ready
    first_pod_seconds: int = 75  #: a worker on a new node: image, then start
    pod_seconds: int = 30  #: a worker where the image is
    empty_seconds: int = 60  #: how long a node stays without a worker (Karpenter's `consolidateAfter`)


@dataclass(eq=False)
class _Node:
    ready: int
    workers: int = 0
    pulled: bool = False
    empty_since: int = 0


@dataclass(eq=False)
class _Worker:
    node: _Node | None = None
    ready: int = SECONDS * 2
    running: list[int] = field(default_factory=list)
    ends: int | None = None  #: when it is killed, once it has to go


@dataclass
class Outcome:
    """What a day came to."""

    fleet: Fleet
    waits: list[int] = field(default_factory=list)
    worker_seconds: int = 0
    node_seconds: int = 0
    killed: int = 0
    course: list[tuple[int, int, int]] = field(default_factory=list)
    """Every five minutes: tasks that wait, workers, nodes."""

    def wait(self, share: float) -> int:
        """Return the seconds within which so large a share of the tasks had begun."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Day:
    """One fleet on one day."""

    def __init__(self, fleet: Fleet, load: Sequence[Task], seed: int) -> None:
        """Begin with the fewest workers, ready, on as many nodes as they need, or on the fixed number."""
        self.fleet, self.coming, self.chance = fleet, deque(load), random.Random(seed)  # noqa: S311  # no secret
        self.queue: deque[Task] = deque()
        workers = fleet.least if fleet.elastic_nodes else fleet.most
        self.nodes = [_Node(0, pulled=True) for _ in range(-(-workers // fleet.workers_per_node))]
        self.workers = [_Worker() for _ in range(fleet.least)]
        self._place(-fleet.pod_seconds)
        self.wanted: deque[tuple[int, int]] = deque()
        self.outcome = Outcome(fleet)

    def run(self) -> Outcome:
        """Let the day pass, and the last of its tasks end."""
        now = 0
        while now < SECONDS or self.queue or any(worker.running for worker in self.workers):
            self._end(now)
            while self.coming and self.coming[0].queued <= now:
                self.queue.append(self.coming.popleft())
            if now % SYNC == 0:
                self._scale(now)
            self._place(now)
            self._start(now)
            self._count(now)
            now += STEP
        return self.outcome

    @property
    def _staying(self) -> list[_Worker]:
        return [worker for worker in self.workers if worker.ends is None]

    def _end(self, now: int) -> None:
        """Tasks that are done, and workers that go: those without tasks, and those whose grace is over."""
        for worker in self.workers:
            while worker.running and worker.running[0] <= now:
                heapq.heappop(worker.running)
            if worker.ends is not None and (not worker.running or worker.ends <= now):
                self.outcome.killed += len(worker.running)
                worker.running.clear()
                self._leave(worker, now)
        self.workers = [worker for worker in self.workers if worker.ends is None or worker.running]

    def _leave(self, worker: _Worker, now: int) -> None:
        if worker.node:
            worker.node.workers -= 1
            worker.node.empty_since = now

    def _scale(self, now: int) -> None:
        fleet, there = self.fleet, len(self._staying)
        if fleet.least == fleet.most:
            return
        # Airflow queues no more than the workers could take at most, if its bounds are set for them.
        busy = sum(len(worker.running) for worker in self.workers)
        counted = min(len(self.queue) + busy, fleet.most * fleet.concurrency)
        asked = -(-counted // fleet.concurrency)
        close = there and abs(asked / there - 1) <= TOLERANCE
        wish = min(fleet.most, max(fleet.least, there if close else asked))
        self.wanted.append((now, wish))
        while self.wanted[0][0] < now - fleet.cooldown_seconds:
            self.wanted.popleft()
        if wish > there:
            for _ in range(min(wish, max(DOUBLE * there, there + FOUR)) - there):
                self.workers.append(_Worker())
        elif (highest := max(wish for _, wish in self.wanted)) < there:
            self._shrink(there - highest, now)

    def _shrink(self, count: int, now: int) -> None:
        """Pods that are not ready go first, then any: a ReplicaSet doesn't know who is busy."""
        staying = self._staying
        self.chance.shuffle(staying)
        staying.sort(key=lambda worker: worker.ready <= now)
        for worker in staying[:count]:
            worker.ends = now + self.fleet.grace_seconds

    def _place(self, now: int) -> None:
        """Give each worker the emptiest node, as the scheduler does; start nodes for those that find none."""
        fleet = self.fleet
        for worker in (each for each in self.workers if each.node is None and each.ends is None):
            free = [node for node in self.nodes if node.workers < fleet.workers_per_node]
            # Karpenter fills the nodes that it has ordered before it orders another.
            node = min(free, key=lambda node: (node.ready > now, node.workers), default=None)
            if node is None and fleet.elastic_nodes:
                node = _Node(now + fleet.node_seconds)
                self.nodes.append(node)
            if node is None:
                continue
            node.workers += 1
            worker.node = node
            worker.ready = max(now, node.ready) + (fleet.pod_seconds if node.pulled else fleet.first_pod_seconds)
            node.pulled = node.pulled or node.ready <= now
        if fleet.elastic_nodes:
            self.nodes = [each for each in self.nodes if each.workers or now - each.empty_since < fleet.empty_seconds]

    def _start(self, now: int) -> None:
        """Tasks begin where the most places are free."""
        able = [worker for worker in self._staying if worker.ready <= now]
        while self.queue and able:
            worker = min(able, key=lambda worker: len(worker.running))
            if len(worker.running) >= self.fleet.concurrency:
                return
            task = self.queue.popleft()
            self.outcome.waits.append(now - task.queued)
            heapq.heappush(worker.running, now + task.seconds)

    def _count(self, now: int) -> None:
        self.outcome.worker_seconds += STEP * len(self.workers)
        self.outcome.node_seconds += STEP * len(self.nodes)
        if now % 300 == 0:
            self.outcome.course.append((len(self.queue), len(self.workers), len(self.nodes)))
