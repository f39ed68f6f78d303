"""Completion: scripts for bash, zsh and fish, made of the command line's own grammar and the kinds there are."""

from __future__ import annotations

from collections.abc import Sequence

from tui.kinds import kinds
from tui.options import COMMANDS, parser

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """Return the script for a shell; to be read by it at its start."""
    places = sorted({*COMMANDS, *(kind.word for kind in kinds().values()), *(kind.id for kind in kinds().values())})
    options = [(action.option_strings, action.help or "", action.nargs != 0) for action in parser()._actions if action.option_strings]
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](places, options)


Options = Sequence[tuple[Sequence[str], str, bool]]
"""Of each option its names, its help, and whether a value follows."""


def _bash(places: Sequence[str], options: Options) -> str:
    words = " ".join([*places, *(name for names, _, _ in options for name in names)])
    return f"""# for ~/.bashrc:  source <(pilothouse completion bash)
_pilothouse() {{
    case "${{COMP_WORDS[COMP_CWORD-1]}}" in
        --kubeconfig) COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}")) ;;
        --context) COMPREPLY=($(compgen -W "$(kubectl config get-contexts -o name 2>/dev/null)" -- "${{COMP_WORDS[COMP_CWORD]}}")) ;;
        --docker-context)
            COMPREPLY=($(compgen -W "$(docker context ls -q 2>/dev/null)" -- "${{COMP_WORDS[COMP_CWORD]}}")) ;;
        completion) COMPREPLY=($(compgen -W "{" ".join(SHELLS)}" -- "${{COMP_WORDS[COMP_CWORD]}}")) ;;
        *) COMPREPLY=($(compgen -W "{words}" -- "${{COMP_WORDS[COMP_CWORD]}}")) ;;
    esac
}}
complete -F _pilothouse pilothouse"""


def _zsh(places: Sequence[str], options: Options) -> str:
    flags = "\n".join(
        f"    '{name}[{_plain(about)}]{':value:_files' if valued else ''}' \\" for names, about, valued in options for name in names
    )
    return f"""#compdef pilothouse
# for ~/.zshrc, behind compinit:  source <(pilothouse completion zsh)
_pilothouse() {{
  _arguments \\
{flags}
    '*:where to begin:({" ".join(places)})'
}}
compdef _pilothouse pilothouse"""


def _fish(places: Sequence[str], options: Options) -> str:
    lines = ["# pilothouse completion fish > ~/.config/fish/completions/pilothouse.fish", "complete -c pilothouse -f"]
    lines += [f"complete -c pilothouse -a '{' '.join(places)}'"]
    for names, about, valued in options:
        flags = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names)
        lines.append(f"complete -c pilothouse {flags}{' -r' if valued else ''} -d '{_plain(about)}'")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return a help text without what a shell or a completion's grammar would read."""
    return "".join(letter for letter in text if letter not in "'[]:`$\\%")
