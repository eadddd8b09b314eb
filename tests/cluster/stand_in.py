"""Stands in for kubelets, volumes and load balancers of a cluster that is an API server and its controllers only."""

from __future__ import annotations

import threading
import traceback
from types import TracebackType
from typing import Self

import urllib3

from tests.cluster.cloud import Cloud
from tests.cluster.cloud_account import CloudAccount
from tests.cluster.kubelet import Kubelets, has_own_nodes
from tests.cluster.kubernetes_api import KubernetesApi

PAUSE_SECONDS = 0.3


class StandIn:
    """Does their work in a thread of its own for the length of a `with` block.

    Nodes and pods are left alone where the cluster has nodes of its own.
    """

    def __init__(self, api: KubernetesApi, account: CloudAccount | None = None) -> None:
        """`account` gets the volumes and load balancers that the cluster has; None: they are in the cluster only."""
        self.kubelets = None if has_own_nodes(api) else Kubelets(api)
        self._cloud = Cloud(api, account)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.troubles: list[str] = []
        """What went wrong in the thread; a test looks that nothing did."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        if self.kubelets:
            self.kubelets.remove()

    def _run(self) -> None:
        while not self._end.wait(PAUSE_SECONDS):
            try:
                if self.kubelets:
                    self.kubelets.work()
                self._cloud.work()
            except urllib3.exceptions.HTTPError as error:
                self.troubles.append(f"The API server doesn't answer: {error}")
            except Exception:  # noqa: BLE001 - whatever it is, the work goes on and the test is told
                self.troubles.append(traceback.format_exc())
