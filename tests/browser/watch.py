"""What must never happen on a page with the widget, collected while a test does something else."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page, Request


class Watch:
    """Follows pages; `problems` is empty when all is well."""

    def __init__(self, network_may_fail: bool = False) -> None:
        self.problems: list[str] = []
        self.requests: list[Request] = []
        self._network_may_fail = network_may_fail

    def follow(self, page: Page, origin: str) -> None:
        """Begin before the first navigation."""
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        page.on("request", lambda request: self._requested(request, origin))

    def posts(self, ending: str) -> list[Request]:
        """Requests that changed a conversation, e.g. `posts("/messages")`."""
        return [r for r in self.requests if r.method == "POST" and r.url.endswith(ending)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        network = "Failed to load resource" in message.text or "net::ERR" in message.text
        if not (network and self._network_may_fail):
            self.problems.append(f"console: {message.text}")

    def _requested(self, request: Request, origin: str) -> None:
        self.requests.append(request)
        if not request.url.startswith((origin + "/", "data:", "blob:")):
            self.problems.append(f"another origin: {request.url}")
