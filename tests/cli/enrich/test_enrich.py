"""`lusha-async enrich companies` as a user meets it, against the sandbox."""

import csv
import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lusha_async.cli.app import run

from ..command import Account, command, environment, start, wait_for

MESSY = (
    "\ufeffName;Site;Site;Note\r\n"
    'Able;https://www.Able.example/careers;x;"two\r\nlines; and more"\r\n'
    "Able again;ABLE.example.;;\r\n"
    "Bücher;bücher.example;;\r\n"
    "By mail;jane@mail-domain.example;;\r\n"
    "No site;;;\r\n"
    ";n/a;;\r\n"
    ";;;\r\n"
    "\r\n"
    "NO  SITE;not a site;;extra;cells\r\n"
)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _many(folder: Path, count: int = 4_000) -> Path:
    """Companies; by default more than a second's requests, so that the first responses are not the last ones."""
    path = folder / "many.csv"
    path.write_text("Website\n" + "".join(f"company-{number}.example\n" for number in range(count)))
    return path


def _enrich(source: Path, output: Path, *more: str) -> list[str]:
    return ["enrich", "companies", str(source), "--map", "domain=Website", "-o", str(output), *more]


def test_a_messy_file_gives_one_line_for_each_row(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """In order, with its own columns, a status and a reason; what names nothing costs nothing."""
    source, output = folder / "messy.csv", folder / "out.jsonl"
    source.write_text(MESSY, encoding="utf-8", newline="")
    arguments = ["enrich", "companies", str(source), "--map", "domain=Site", "--map", "name=Name", "--json"]
    assert run([*arguments, "-o", str(output)]) == 0
    lines = _lines(output)
    assert [(line["line"], line["asked"]) for line in lines] == [
        (2, {"domain": "able.example"}),
        (4, {"domain": "able.example"}),
        (5, {"domain": "xn--bcher-kva.example"}),
        (6, {"domain": "mail-domain.example"}),
        (7, {"name": "No site"}),
        (8, None),
        (9, None),
        (11, {"name": "No site"}),
    ]
    assert lines[0]["row"] == {
        "Name": "Able",
        "Site": "https://www.Able.example/careers",
        "Site (2)": "x",
        "Note": "two\r\nlines; and more",
        "column 5": "",
    }
    assert lines[7]["row"]["column 5"] == "cells"
    assert [line["reason"] for line in lines[5:7]] == ['"n/a" is no domain, no name', "no domain, no name"]
    assert (lines[4]["status"], lines[7]["reason"]) == ("ok", "same company as line 7, paid once")
    assert [line["status"] for line in lines[5:7]] == ["skipped", "skipped"]
    assert all((line["company"] is not None) == (line["status"] == "ok") for line in lines)
    summary = json.loads(capsys.readouterr().out)
    assert summary["credits"] == account.spent > 0
    assert summary["statuses"] == Counter(line["status"] for line in lines)
    assert account.requests["searchAndEnrichCompanies"] == summary["requests"] == 1
    assert sorted(path.name for path in folder.iterdir()) == ["messy.csv", "out.jsonl"]


def test_the_crm_file_from_another_folder(shared: Path, folder: Path, account: Account) -> None:
    """5,156 real rows give 5,156 lines in their order, each distinct company looked up once."""
    source = shared / "data" / "crm_accounts.csv"
    arguments = ["enrich", "companies", source, "--map", "domain=Website", "--map", "name=Account Name", "--json"]
    process = start(*arguments, "-o", "out put.jsonl", cwd=folder)
    out, err = process.communicate(timeout=50)
    assert process.returncode == 0, err
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = _lines(folder / "out put.jsonl")
    assert len(lines) == len(rows) == 5156
    assert [line["row"] for line in lines] == rows
    assert {line["status"] for line in lines} == {"ok", "not_found"}
    summary = json.loads(out)
    distinct = len({json.dumps(line["asked"]) for line in lines})
    assert summary["asked"] == summary["companies"] == distinct
    assert account.requests["searchAndEnrichCompanies"] == -(-distinct // 100)
    assert summary["credits"] == account.spent
    assert "price: at most" in err
    assert "\x1b" not in err


def test_a_budget_is_never_overspent_and_a_resume_completes(folder: Path, account: Account) -> None:
    """Paid results stay in the journal; all runs together cost what one run would have."""
    source, output = _many(folder, 400), folder / "out.jsonl"
    assert run(_enrich(source, folder / "whole.jsonl")) == 0
    whole = account.spent
    account.reset()
    budget = whole // 3
    assert run(_enrich(source, output, "--budget", str(budget))) == 3
    assert budget - 2 < account.spent <= budget
    assert not output.exists()
    assert run(_enrich(source, output)) == 2
    assert run(_enrich(source, output, "--resume")) == 0
    # the search is priced by begun blocks of 25, so that more requests may cost some credits more
    assert 0 <= account.spent - whole <= account.requests["searchAndEnrichCompanies"]
    assert [(line["asked"], line["status"]) for line in _lines(output)] == [
        (line["asked"], line["status"]) for line in _lines(folder / "whole.jsonl")
    ]
    assert not output.with_name("out.jsonl.part").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_loses_nothing(
    folder: Path, account: Account, number: signal.Signals, status: int
) -> None:
    """Ctrl-C keeps every paid answer, leaves no output, and a resume pays for none of them again."""
    source, output = _many(folder), folder / "out.jsonl"
    part = folder / "out.jsonl.part"
    process = start(*_enrich(source, output, "--json"), cwd=folder)
    wait_for(lambda: part.exists() and b'"asked"' in part.read_bytes())
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == status, err
    assert "Traceback" not in err
    summary = json.loads(out)
    assert 0 < summary["kept"] < 4_000
    assert summary["credits"] == account.spent
    assert not output.exists()
    assert run(_enrich(source, output, "--resume")) == 0
    assert len(_lines(output)) == 4_000
    assert account.requests["searchAndEnrichCompanies"] == 40
    assert sorted(path.name for path in folder.iterdir()) == ["many.csv", "out.jsonl"]


def test_a_killed_run_keeps_its_results_and_reports_the_rest(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """After SIGKILL there is no partial output; a resume says what may be charged twice, and completes."""
    source, output = _many(folder), folder / "out.jsonl"
    part = folder / "out.jsonl.part"
    process = start(*_enrich(source, output), cwd=folder)
    wait_for(lambda: part.exists() and b'"asked"' in part.read_bytes())
    process.kill()
    process.communicate(timeout=30)
    assert not output.exists()
    whole_lines = part.read_bytes().rpartition(b"\n")[0].splitlines()
    answered = {line for line in whole_lines if line.startswith(b'{"asked"')}
    before = account.requests["searchAndEnrichCompanies"]
    assert run(_enrich(source, output, "--resume")) == 0
    errors = capsys.readouterr().err
    assert "in flight when that run ended: they may have been charged" in errors
    assert len(_lines(output)) == 4_000
    requested_again = account.requests["searchAndEnrichCompanies"] - before
    assert requested_again == -(-(4_000 - len(answered)) // 100)


def test_requests_in_flight_are_waited_for(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C before the first response: responses still to come are kept, what was not sent is withdrawn."""
    source, output = _many(folder, 6_000), folder / "out.jsonl"
    account.fault("latency", seconds=1.5)
    process = start(*_enrich(source, output, "--json"), cwd=folder)
    wait_for(lambda: account.requests.get("searchAndEnrichCompanies", 0) > 0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    summary = json.loads(out)
    assert summary["kept"] == 100 * account.requests["searchAndEnrichCompanies"]
    assert summary["credits"] == account.spent > 0
    account.reset()
    assert run(_enrich(source, output, "--resume", "--dry-run")) == 0
    assert "were in flight" not in capsys.readouterr().err


def test_a_second_interrupt_ends_at_once(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second Ctrl-C does not wait; the journal keeps what may have been charged."""
    source, output = _many(folder, 100), folder / "out.jsonl"
    account.fault("latency", seconds=9)
    process = start(*_enrich(source, output), cwd=folder)
    wait_for(lambda: account.requests.get("searchAndEnrichCompanies", 0) > 0)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    wait_for(lambda: _sees(process, "Ctrl-C again"))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert process.returncode == 130, err
    assert "Traceback" not in err
    account.reset()
    assert run(_enrich(source, output, "--resume", "--dry-run")) == 0
    assert "100 companies were in flight" in capsys.readouterr().err


def _sees(process: "subprocess.Popen[str]", words: str) -> bool:
    assert process.stderr is not None
    return words in process.stderr.readline()


@pytest.mark.parametrize("kind", ["429-day", "429-trial"])
def test_a_quota_that_is_used_up_ends_the_run(folder: Path, account: Account, kind: str) -> None:
    """A 429 for the day or the trial stops the run, the results before it are kept, and a resume completes."""
    source, output = _many(folder, 1_000), folder / "out.jsonl"
    account.fault(kind, nth=3)
    # in processes of their own: within one, the governor remembers for the rest of the day
    process = start(*_enrich(source, output, "--json"), cwd=folder)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 3, err
    summary = json.loads(out)
    assert "429" in summary["ended"]
    assert summary["credits"] == account.spent
    assert summary["kept"] == summary["asked"] > 0
    assert not output.exists()
    process = start(*_enrich(source, output, "--resume"), cwd=folder)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert len(_lines(output)) == 1_000


def test_an_account_out_of_credits_ends_the_run(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The vendor's 402 stops the run, the results before it are kept, and a resume with new credits completes."""
    source, output = _many(folder, 1_000), folder / "out.jsonl"
    account.leave(300)
    assert run(_enrich(source, output, "--json")) == 3
    summary = json.loads(capsys.readouterr().out)
    assert "402" in summary["ended"]
    assert summary["credits"] == account.spent <= 300
    assert summary["kept"] == summary["asked"] > 0
    account.leave(10_000)
    assert run(_enrich(source, output, "--resume", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["credits_of_all_runs"] == account.spent


def test_a_lost_response_is_reported_and_not_paid_again(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its rows are ambiguous, the others have results, the output is complete and the exit status 3."""
    source, output = _many(folder, 300), folder / "out.jsonl"
    account.fault("reset-after", nth=2)
    assert run(_enrich(source, output, "--json")) == 3
    summary = json.loads(capsys.readouterr().out)
    lines = _lines(output)
    assert Counter(line["status"] for line in lines)["ambiguous"] == 100
    assert all("may have been" in line["reason"] for line in lines if line["status"] == "ambiguous")
    assert account.requests["searchAndEnrichCompanies"] == 3
    assert summary["credits"] < account.spent <= summary["credits"] + summary["credits_unknown"]


def test_only_failed_rows_are_requested_again(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """After an output with rows that failed, a resume pays for none of the others a second time."""
    source, output = _many(folder, 300), folder / "out.jsonl"
    account.fault("reset-after", nth=2)
    assert run(_enrich(source, output)) == 3
    assert "100 rows have no result" in capsys.readouterr().err
    assert run(_enrich(source, output, "--resume")) == 2
    assert run(_enrich(source, output, "--resume", "--force", "--json")) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["asked"], summary["kept_in"]) == (100, None)
    assert {line["status"] for line in _lines(output)} <= {"ok", "not_found"}
    assert not output.with_name("out.jsonl.part").exists()


def test_a_resume_with_fewer_rows_keeps_what_it_does_not_need(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Answers paid for by the first run outlive a second one that names only some of its companies."""
    source, output = _many(folder, 300), folder / "out.jsonl"
    assert run(_enrich(source, output, "--budget", "150")) == 3
    spent = account.spent
    capsys.readouterr()
    assert run(_enrich(source, output, "--resume", "--limit", "10", "--json")) == 0
    out, err = capsys.readouterr()
    summary = json.loads(out)
    assert (summary["rows"], summary["asked"], summary["kept_in"]) == (10, 0, str(output) + ".part")
    assert summary["beyond"] == summary["kept"] - 10 > 100
    assert "that these rows do not name were paid for" in err
    assert account.spent == spent
    assert run(_enrich(source, output, "--resume", "--force", "--json")) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["rows"], summary["beyond"], summary["kept_in"]) == (300, 0, None)
    assert summary["asked"] < 200
    assert summary["credits_of_all_runs"] == account.spent


@pytest.mark.skipif(os.name != "posix", reason="the bound on a file needs a POSIX system")
def test_a_full_disk_ends_the_run(folder: Path, account: Account) -> None:
    """What the disk took is kept, one line says what happened, and a resume completes."""
    source, output = _many(folder, 1_200), folder / "out.jsonl"
    script = 'ulimit -f 300; exec "$@"'
    process = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *command(*_enrich(source, output, "--json"))],
        check=False,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert process.returncode == 3, process.stderr
    summary = json.loads(process.stdout)
    assert "cannot be written: File too large" in summary["ended"]
    assert 0 < summary["kept"] < 1_200
    assert "Traceback" not in process.stderr
    assert run(_enrich(source, output, "--resume")) == 0
    assert len(_lines(output)) == 1_200


def test_a_dry_run_prints_the_price_and_sends_nothing_paid(
    folder: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only account usage is requested, which is free, and no file is written."""
    assert (
        run(_enrich(_many(folder), folder / "out.jsonl", "--dry-run", "--limit", "50", "--reveal", "intent")) == 0
    )
    # a search for each begun 25, a company and a premium field for each
    assert "price: at most 102 credits, for 50 companies in 1 request" in capsys.readouterr().err
    assert set(account.requests) == {"getAccountUsage"}
    assert sorted(path.name for path in folder.iterdir()) == ["many.csv"]


def test_force_replaces_the_output_at_the_end(folder: Path, account: Account) -> None:
    """The file of an earlier run is replaced when the new one is whole."""
    output = folder / "out.jsonl"
    output.write_text("old")
    assert run(_enrich(_many(folder, 3), output)) == 2
    assert output.read_text() == "old"
    assert run(_enrich(_many(folder, 3), output, "--force")) == 0
    assert len(_lines(output)) == 3


def test_a_file_without_rows_gives_an_empty_output(folder: Path, account: Account) -> None:
    """An empty list is not an error."""
    assert run(_enrich(_many(folder, 0), folder / "out.jsonl")) == 0
    assert (folder / "out.jsonl").read_bytes() == b""
    assert set(account.requests) == {"getAccountUsage"}
