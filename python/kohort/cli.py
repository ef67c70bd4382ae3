"""The command ``kohort``: the batch face of the library.

Exit codes: 0 for success, 1 for an error (one line on stderr), 2 for a wrong command line,
130 when stopped by Ctrl-C. ``kohort attack`` has its own: 0 if nothing could be inferred, 1 if
something could, 2 for input that cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import polars as pl

import kohort
from kohort import _attack_folder, _cli_inputs, _convert, _outputs, _show
from kohort.exceptions import FileError, KohortError, ParameterError, RejectedRowsWarning
from kohort.typing import Dimension, GroupMetric, PersonalTable, TotalMetric

BY = ("frequency", "regularity", "delay", "progress", "navigation")

__all__ = ["main"]

BY_METRIC = ("distribution", "quantiles", "trend")
BY_STEP = ("drop_off", "hazard")
ABOUT_CONTENT = ("struggle", "item_analysis", "reliability", "options", "learning_curves", "learning_rates")
RESEARCH = ("counts", "histogram", "popularity", "co_occurrence")
ABOUT_PATHS = ("log_rank", "video_seconds", "rewatch_peaks", "feature_usage", "popular_content")
TOGETHER = ("collaboration", "reply_network")
GROUP = (
    "summary",
    "active_learners",
    "rosters",
    *BY_METRIC,
    *BY_STEP,
    "survival",
    *ABOUT_PATHS,
    *TOGETHER,
    *ABOUT_CONTENT,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words behind the command's name; those of this process if left out.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> import kohort.cli
    >>> kohort.cli.main(["summary", "no-such-file.parquet"])
    1
    """
    options = _parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("always", RejectedRowsWarning)
        warnings.showwarning = _warn  # one line, without a line of source
        try:
            return options.run(options) or 0
        except KohortError as error:
            _say(f"error: {error}")
            return 2 if options.command == "attack" else 1
        except KeyboardInterrupt:
            _say("stopped")
            return 130
        except BrokenPipeError:
            # Whoever read our output has left; nothing may be flushed to them at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kohort",
        description="Personal Learning Analytics, and Reference Group Analytics that are safe to show.",
    )
    parser.add_argument("--version", action="version", version=f"kohort {kohort.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    demo = _command(commands, "demo", _demo, "simulate a platform and analyse it")
    _simulation_options(demo)
    demo.add_argument("--out", type=Path, default=Path("kohort-demo"), metavar="FOLDER")

    summary = _command(commands, "summary", _summary, "make a table of Personal Learning Analytics")
    _cli_inputs.add_data_options(summary)
    _cli_inputs.add_viewer_option(summary)
    _cli_inputs.add_estimator_options(summary)
    summary.add_argument(
        "--table",
        action="append",
        choices=get_args(PersonalTable),
        help="may be repeated: several are made at once and written to a folder (default: summary)",
    )
    summary.add_argument(
        "--by",
        action="append",
        choices=get_args(Dimension),
        help=f"split study_time, {', '.join(BY)}; may be repeated for study_time",
    )
    summary.add_argument(
        "--inactivity",
        default="14d",
        metavar="SPAN",
        help="without activity for longer is to have stopped (default: %(default)s)",
    )
    _output_option(summary)

    groups = _command(
        commands,
        "groups",
        _groups,
        "make a table of Reference Group Analytics",
        "Without --ledger a run knows of its own releases only: publish from one run.",
    )
    _cli_inputs.add_data_options(groups, as_of="the end of the newest day of anybody on a roster")
    _cli_inputs.add_viewer_option(groups)
    _cli_inputs.add_estimator_options(groups)
    groups.add_argument("--by", choices=("course", "group"), required=True)
    groups.add_argument("--table", choices=GROUP, default="summary")
    groups.add_argument(
        "--metric",
        choices=get_args(GroupMetric),
        help="for distribution, quantiles, trend; those that end in _in_period go with --period "
        "(default: study_time)",
    )
    groups.add_argument(
        "--step", choices=("content", "module", "week"), help="for drop_off, hazard (default: module)"
    )
    groups.add_argument(
        "--k", type=int, default=10, help="so many others share each value (default: %(default)s)"
    )
    groups.add_argument(
        "--base", type=int, default=5, help="counts are multiples of it (default: %(default)s)"
    )
    groups.add_argument(
        "--coverage-floor",
        type=float,
        default=0.7,
        metavar="SHARE",
        help="of today's members that a group must cover (default: %(default)s)",
    )
    groups.add_argument("--period", choices=("week", "month"), help="the last one that ended, sealed")
    groups.add_argument("--lag", metavar="SPAN", help="how long a period waits for its events (default: 2d)")
    groups.add_argument("--ledger", type=Path, metavar="FILE", help="the record of all releases; made if new")
    _output_option(groups)

    ledger = _command(commands, "ledger", _ledger, "check or show the record of releases")
    ledger.add_argument("action", choices=("verify", "show"))
    ledger.add_argument("file", type=Path, metavar="FILE")
    ledger.add_argument("--head", metavar="HEAD", help="an entry it must hold, as a certificate names it")

    research = _command(
        commands,
        "research",
        _research,
        "make a differentially private table that may leave the platform",
        "Without --ledger a run knows of its own budget only, and what several runs spend adds up.",
    )
    _cli_inputs.add_data_options(research, as_of="the present")
    _cli_inputs.add_estimator_options(research)
    research.add_argument("--table", choices=RESEARCH, required=True)
    research.add_argument("--epsilon", type=float, required=True, help="what the table costs, up to 1")
    research.add_argument("--delta", type=float, default=1e-6, help="what a threshold costs besides")
    research.add_argument("--purpose", choices=("research", "recommendation"), default="research")
    research.add_argument("--by", choices=("course", "group"), help="for counts (default: course)")
    research.add_argument("--counted", choices=("enrolled", "active"), help="for counts (default: enrolled)")
    research.add_argument(
        "--metric", choices=get_args(TotalMetric), help="for histogram (default: study_time)"
    )
    research.add_argument("--of", choices=("content", "course"), help="for co_occurrence (default: content)")
    research.add_argument("--contributions", type=int, help="cells that a learner counts in at most")
    research.add_argument(
        "--ledger", type=Path, metavar="FILE", help="the record of what was spent; made if new"
    )
    _output_option(research)

    convert = _command(
        commands,
        "convert",
        lambda options: _convert.run(options, bar=_terminal()),
        "turn logs in a standard of the field into Parquet",
        "Events go to the output; tables that the log tells of, and refused records, beside it.",
    )
    _convert.add_options(convert)

    attack = _command(
        commands,
        "attack",
        _attack_folder.run,
        "tell what could be inferred from a history of releases",
        "The folder has rosters.* (release, learner), cells.* (release, metric, statistic, argument, "
        "low, high), metrics.* (metric, low, high, resolution) with what is public, and tables that "
        "`kohort groups` wrote. A folder inside it is a period, whose values are others. "
        "Exit code 0: nothing was inferred; 1: something was; 2: bad input.",
    )
    _attack_folder.add_options(attack)

    simulate = _command(commands, "simulate", _simulate, "write a simulated platform and its truth")
    _simulation_options(simulate)
    simulate.add_argument("--weeks", type=int, default=12)
    simulate.add_argument("--ids", choices=("text", "integer"), default="text")
    simulate.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    return parser


def _command(
    commands: Any,  # noqa: ANN401 (argparse does not name its type)
    name: str,
    run: object,
    help_: str,
    more: str = "",
) -> argparse.ArgumentParser:
    description = f"{help_[0].upper()}{help_[1:]}. {more}".strip()
    command: argparse.ArgumentParser = commands.add_parser(name, help=help_, description=description)
    command.set_defaults(run=run, command=name)
    return command


def _simulation_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--learners", type=int, default=1000)
    command.add_argument("--courses", type=int, default=3)
    command.add_argument("--seed", type=int, default=0)


def _output_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", type=Path, metavar="FILE.parquet", help="else the table is shown")


def _demo(options: argparse.Namespace) -> None:
    from kohort import _demo

    _demo.run(
        learners=options.learners,
        courses=options.courses,
        seed=options.seed,
        out=options.out,
        bar=_terminal(),
        say=print,
    )


def _summary(options: argparse.Namespace) -> None:
    names = options.table or ["summary"]
    if len(set(names)) < len(names):
        raise ParameterError("`--table` must name each table once")
    if options.output is not None and len(names) == 1:
        _outputs.check(options.output)
    data, files = _cli_inputs.read(options, bar=_terminal())
    pla = _cli_inputs.ask(
        data,
        options.viewer,
        lambda seen: seen.personal(
            study_time=_cli_inputs.estimator(options),
            as_of=options.as_of,
            inactivity=options.inactivity,
            progress=_terminal(),
        ),
    )
    facts: dict[str, object] = {"estimator": repr(pla.estimator), "as_of": pla.as_of}
    if len(names) > 1:
        if options.by:
            raise ParameterError("`--by` goes with one --table")
        _finish_all(pla.tables(names), options, files, facts)
        return
    options.table = name = names[0]
    table: pl.DataFrame
    if name == "study_time":
        table = pla.study_time(by=options.by)
    elif name in BY and options.by:
        table = getattr(pla, name)(by=_only(options.by))
    elif options.by:
        raise ParameterError(f"`--by` does not go with --table {name}")
    else:
        table = getattr(pla, name)()
    _finish(table, options, files, facts)


def _groups(options: argparse.Namespace) -> None:
    if options.lag and not options.period:
        raise ParameterError("`--lag` goes with --period")
    arguments = _for_table(options, {"metric": BY_METRIC, "step": BY_STEP})
    if options.output is not None:
        _outputs.check(options.output)  # what is released and cannot be written is released
    data, files = _cli_inputs.read(options, bar=_terminal())
    policy = kohort.ReleasePolicy(k=options.k, base=options.base, coverage_floor=options.coverage_floor)
    groups = _cli_inputs.ask(
        data,
        options.viewer,
        lambda seen: seen.reference_groups(
            by=options.by,
            policy=policy,
            study_time=_cli_inputs.estimator(options),
            as_of=options.as_of,
            period=options.period,
            lag=options.lag or "2d",
            ledger=options.ledger,
            progress=_terminal(),
        ),
    )
    ask = getattr(groups, options.table)
    if options.table in BY_METRIC:
        table = ask(arguments.get("metric", "study_time"))
    elif "step" in arguments:
        table = ask(by=arguments["step"])
    else:
        table = ask()
    _finish(table, options, files, {"estimator": repr(groups.estimator), "as_of": groups.as_of})


def _ledger(options: argparse.Namespace) -> None:
    if not options.file.exists():  # to open it would make it
        raise FileError(f"`{options.file}`: no such file")
    ledger = kohort.Ledger(options.file, head=options.head)
    if options.action == "show":
        print(_show.table(ledger.entries()))
    else:
        print(f"{ledger.verify()} entries hang together, head {ledger.head}")


def _research(options: argparse.Namespace) -> None:
    arguments = _for_table(
        options,
        {"by": ("counts",), "counted": ("counts",), "metric": ("histogram",), "of": ("co_occurrence",)},
    )
    if options.contributions is not None:
        arguments["contributions"] = options.contributions
    if options.table == "histogram":
        arguments.setdefault("metric", "study_time")
    if options.output is not None:
        _outputs.check(options.output)  # what is spent and cannot be written is spent
    data, files = _cli_inputs.read(options, bar=_terminal())
    research = data.research(
        epsilon=options.epsilon,
        delta=options.delta,
        purpose=options.purpose,
        study_time=_cli_inputs.estimator(options),
        as_of=options.as_of,
        ledger=options.ledger,
        progress=_terminal(),
    )
    table = getattr(research, options.table)(**arguments)
    (certificate,) = research.certificates
    _finish(table, options, files, {"certificate": certificate, "as_of": research.as_of})


def _simulate(options: argparse.Namespace) -> None:
    arguments = {name: getattr(options, name) for name in ("learners", "courses", "seed", "weeks", "ids")}
    platform = kohort.simulate(**arguments)
    made = {"command": "simulate", "options": arguments}
    _outputs.write_folder(platform.tables(), options.output, made)


def _for_table(options: argparse.Namespace, only: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Return the options that go with some tables only, as given; refuse those that do not fit."""
    given = {name: getattr(options, name) for name in only if getattr(options, name) is not None}
    for name in given:
        if options.table not in only[name]:
            raise ParameterError(
                f"`--{name}` goes with --table {', '.join(only[name])}, not with {options.table}"
            )
    return given


def _finish(
    table: pl.DataFrame,
    options: argparse.Namespace,
    files: Sequence[tuple[str, Path]],
    facts: dict[str, object],
) -> None:
    if options.output is None:
        print(_show.table(table))
        return
    _outputs.write_table(table, options.output, _made(options, files, facts))


def _finish_all(
    tables: Mapping[str, pl.DataFrame],
    options: argparse.Namespace,
    files: Sequence[tuple[str, Path]],
    facts: dict[str, object],
) -> None:
    if options.output is None:
        for name, table in tables.items():
            print(f"{name}\n{_show.table(table)}")
        return
    _outputs.write_folder(tables, options.output, _made(options, files, facts))


def _made(
    options: argparse.Namespace, files: Sequence[tuple[str, Path]], facts: dict[str, object]
) -> dict[str, object]:
    # Whose view it is tells what table it is; the viewer's id is nobody else's business.
    skipped = {"run", "command", "output", "viewer"}
    given = {name: value for name, value in vars(options).items() if name not in skipped and value}
    viewer = getattr(options, "viewer", None)
    if viewer is not None:
        given["as"] = viewer.partition(":")[0]
    return {
        "command": options.command,
        "options": {name: _json(value) for name, value in given.items()},
        **{name: _json(value) for name, value in facts.items()},
        "inputs": _outputs.inputs(files, checksums=options.command == "summary" and viewer is None),
    }


def _json(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


def _only(by: list[str] | None) -> str | None:
    if by and len(by) > 1:
        raise ParameterError("`--by` may be repeated for --table study_time only")
    return by[0] if by else None


def _terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _say(text: str) -> None:
    print(f"kohort: {text}", file=sys.stderr)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    _say(f"warning: {message}")
