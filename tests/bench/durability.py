"""An acknowledged vote is on disk: kill -9 in mid-vote, and a sync before every answer.

Twenty times: members vote at once, the server and its worker are killed, the database is opened
again. Every acknowledged vote must be there (or the one sent after it), none invented, and the
score must equal a recount. Then strace counts the syncs of a single voter. SQLite only.
"""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.pages import worker_of
from tests.bench.voters import Voter, open_accounts
from tests.site import Site, scratch_site

KILLS, VOTERS = 20, 16


def main() -> None:
    kill()
    sync()


def kill() -> None:
    lost = invented = acknowledged = 0
    with scratch_site() as site:
        cookies = open_accounts(site, VOTERS)
        for _ in range(KILLS):
            before = stored(site)
            voters = killed_in_mid_vote(site, cookies)
            after = stored(site)
            for number, voter in enumerate(voters, 1):
                acknowledged += len(voter.waits)
                possible = {voter.acknowledged or before.get(number, 0), voter.sent}
                lost += number not in after and bool(voter.acknowledged)
                invented += after.get(number, 0) not in possible
            print(".", end="", flush=True)
        check = site.manage("recount_scores", "--check").strip()
    print(f"\nkilled {KILLS} times: {acknowledged} votes acknowledged, {lost} lost,", end=" ")
    print(f"{invented} wrong or invented; {check}")


def killed_in_mid_vote(site: Site, cookies: list[str]) -> list[Voter]:
    with site.server() as process:
        voters = [Voter(site, n, cookie, 10_000) for n, cookie in enumerate(cookies)]
        for voter in voters:
            voter.start()
        time.sleep(random.uniform(0.8, 1.6))
        worker = worker_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        os.kill(worker, signal.SIGKILL)
        for voter in voters:
            voter.join()
    return voters


def stored(site: Site) -> dict[int, int]:
    """Each voter's score in the database, by the voter's place."""
    code = (
        "from reviews.models import Vote\n"
        "for name, score in Vote.objects.values_list('member__username', 'score'):"
        " print(f'vote:{name}:{score}')"
    )
    output = site.shell(code)
    return {
        int(number) + 1: int(score) for number, score in re.findall(r"voter-(\d+):(\d+)", output)
    }


def sync() -> None:
    if not shutil.which("strace"):
        print("strace is not installed: syncs not counted")
        return
    with scratch_site() as site:
        (cookie,) = open_accounts(site, 1)
        trace = site.folder / "trace"
        with site.server() as process, traced(worker_of(process.pid), trace):
            voter = Voter(site, 0, cookie, 50)
            voter.start()
            voter.join()
        print(f"{len(voter.waits)} votes, {unsynced(trace)} answers sent before a sync")


@contextlib.contextmanager
def traced(process: int, trace: Path) -> Iterator[None]:
    """Write the process's syncs and answers into a file, until the block ends."""
    calls = "trace=fsync,fdatasync,sendto,sendmsg,write"
    watch = subprocess.Popen(
        ["strace", "-f", "-qq", "-e", calls, "-o", str(trace), "-p", str(process)]
    )
    time.sleep(1)
    try:
        yield
    finally:
        watch.terminate()
        watch.wait(30)


def unsynced(trace: Path) -> int:
    """How many 302 answers left without a completed fsync or fdatasync since the answer before."""
    synced, count = False, 0
    for line in trace.read_text(errors="replace").splitlines():
        if re.search(r"f(data)?sync.*= 0", line):
            synced = True
        elif "HTTP/1.1 302" in line:
            count += not synced
            synced = False
    return count
