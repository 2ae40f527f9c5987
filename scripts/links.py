#!/usr/bin/env python3
"""Asks for every web address in data/ and prints those that do not answer, each with its file and line."""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urldefrag, urlsplit
from urllib.request import Request, urlopen

from kb.load import load

AGENT = f"pacs-handbook-links/1 (weekly check of cited sources; {os.environ.get('REPO_URL') or 'no address set'})"
TIMEOUT = 20  # seconds
PAUSE = 1  # seconds between two questions to the same host
# Answers of hosts that want no programs, or a login: they say nothing about the address.
REFUSALS = {401, 403, 429}


def ask(url: str) -> int | str:
    """The HTTP status that `url` answers with, or why there was no answer; a failure is tried once more."""
    plain = quote(urldefrag(url).url, safe="%/:?&=+$,;~@!*'()[]")
    status: int | str = ""
    for _ in range(2):
        try:
            with urlopen(Request(plain, headers={"User-Agent": AGENT}), timeout=TIMEOUT) as answer:
                return answer.status
        except HTTPError as error:
            status = error.code
            if status in REFUSALS:
                break
        except (OSError, HTTPException, ValueError) as error:
            status = str(getattr(error, "reason", error)) or type(error).__name__
        time.sleep(PAUSE)
    return status


def ask_one_by_one(urls: Iterable[str]) -> dict[str, int | str]:
    """The answers of one host, asked in turn so as not to burden it."""
    answers = {}
    for url in urls:
        answers[url] = ask(url)
        time.sleep(PAUSE)
    return answers


def main() -> int:
    """Exit status: 0 when every address answers or cannot be checked, 1 when one is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the checkout (default: this one)")
    catalogue, _ = load(parser.parse_args().root)
    lines, hosts = defaultdict[str, list[str]](list), defaultdict[str, dict[str, None]](dict)
    for entry in catalogue.all():
        if url := getattr(entry.record, "url", None):
            lines[url].append(f"{entry.document.path}:{entry.document.places[*entry.loc, 'url'][0]}")
            hosts[urlsplit(url).netloc][url] = None
    with ThreadPoolExecutor(8) as pool:
        answers = {url: status for found in pool.map(ask_one_by_one, hosts.values()) for url, status in found.items()}
    refused = [url for url in lines if answers[url] in REFUSALS]
    sound = [url for url in lines if isinstance(answers[url], int) and 200 <= answers[url] < 300]
    broken = [url for url in lines if url not in (*sound, *refused)]
    for url in [*broken, *refused]:
        for line in lines[url]:
            print(f"{line}: {url}: {answers[url]}{' (could not be checked)' if url in refused else ''}")
    print(f"{len(lines)} addresses: {len(broken)} broken, {len(refused)} could not be checked")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
