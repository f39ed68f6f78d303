"""Configuration: what the command line asked for, and where the program keeps its few files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field


class Config(Struct, frozen=True):
    """How the program was started. None means: as docker and kubectl would choose."""

    host: str | None = None
    docker_context: str | None = None
    context: str | None = None
    namespace: str | None = None
    kubeconfig: Path | None = None
    read_only: bool = False
    theme: str = "dark"
    command: str = ""  # "" is the cockpit, "demo" the cockpit over the embedded world; "doctor", "completion"
    view: str = ""  # a command line to begin with, such as "pods kube-system"
    home: Path = field(default_factory=Path.home)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def demo(self) -> bool:
        """Tell whether the engines are the embedded world's."""
        return self.command == "demo"

    @property
    def state_folder(self) -> Path:
        """Return where the audit file lives: $XDG_STATE_HOME/pilothouse, by default ~/.local/state/pilothouse."""
        return Path(self.environ.get("XDG_STATE_HOME") or self.home / ".local" / "state") / "pilothouse"

    @property
    def audit_file(self) -> Path:
        """Return the file that every write is recorded in."""
        return self.state_folder / "audit.jsonl"
