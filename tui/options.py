"""Options: the command line's grammar, read only when there is one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tui import __version__
from tui.config import Config
from tui.settings import PRESETS

COMMANDS = ("demo", "doctor", "completion")
EXAMPLES = """examples:
  pilothouse demo                   a world inside: no Docker and no cluster needed
  pilothouse                        containers here, swarm and cluster one key away
  pilothouse pods kube-system       begin at the pods of a namespace
  pilothouse --context prod --read-only
  pilothouse --host ssh://me@build containers
  pilothouse doctor                 what is found on this machine, as text; the exit code says whether an engine answers
  pilothouse completion bash        completion for a shell: bash, zsh or fish
"""


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    parse = argparse.ArgumentParser(
        "pilothouse",
        description="A terminal cockpit for Docker, Docker Swarm and Kubernetes.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parse.add_argument(
        "view", nargs="*", help="where to begin, as after ':' (pods, deployments payments, swarm/services); or demo, doctor, completion"
    )
    parse.add_argument("-H", "--host", help="docker host: unix://, tcp:// or ssh://")
    parse.add_argument("--docker-context", metavar="NAME", help="docker context to use")
    parse.add_argument("--context", metavar="NAME", help="kube context to use")
    parse.add_argument("-n", "--namespace", help="namespace to begin in")
    parse.add_argument("--kubeconfig", type=Path, metavar="FILE", help="the only kubeconfig file to read")
    parse.add_argument("--read-only", action="store_true", help="refuse every write, below the screen")
    parse.add_argument("--theme", default="", help="dark, light, high-contrast, monochrome, ansi, or one of your own")
    parse.add_argument("--keys", default="", choices=PRESETS, help="a whole keymap: k9s-strict has each letter where k9s has it")
    parse.add_argument("--version", action="version", version=f"pilothouse {__version__}")
    return parse


def config_of(arguments: Sequence[str]) -> Config:
    """Return what the arguments ask for; ends the program with a word where they cannot be read, as argparse does."""
    options = parser().parse_args(arguments)
    command, view = (options.view[0], options.view[1:]) if options.view[:1] and options.view[0] in COMMANDS else ("", options.view)
    return Config(
        host=options.host,
        docker_context=options.docker_context,
        context=options.context,
        namespace=options.namespace,
        kubeconfig=options.kubeconfig,
        read_only=options.read_only,
        theme=options.theme,
        keys=options.keys,
        command=command,
        view=" ".join(view),
    )
