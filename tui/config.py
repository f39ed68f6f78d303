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
    theme: str = ""  # "" is the one of the file, else the last one chosen, else dark
    keys: str = ""  # the name of a whole keymap, such as "k9s-strict"
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
    def folder(self) -> Path:
        """Return where a person's own files are: $XDG_CONFIG_HOME/pilothouse, by default ~/.config/pilothouse."""
        return Path(self.environ.get("XDG_CONFIG_HOME") or self.home / ".config") / "pilothouse"

    @property
    def settings_file(self) -> Path:
        """Return the file with a person's settings; it is only ever read."""
        return self.folder / "config.yaml"

    @property
    def state_file(self) -> Path:
        """Return the file with what is remembered from one start to the next."""
        return self.state_folder / "state.json"

    @property
    def colourless(self) -> bool:
        """Tell whether the person wants no colour at all: $NO_COLOR is set to anything (https://no-color.org)."""
        return bool(self.environ.get("NO_COLOR"))

    @property
    def audit_file(self) -> Path:
        """Return the file that every write is recorded in."""
        return self.state_folder / "audit.jsonl"
