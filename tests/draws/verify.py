#!/usr/bin/env python3
"""Checks a published draw, with nothing of Vafa and nothing beyond Python's own library.

    verify.py FILE     a record with its list under "lines", as `vafa draw verify URL --save FILE` writes it
    verify.py URL      https://…/v1/draws/new-year

Says what is wrong and exits with 1, or that all is well and exits with 0. The way in which winners are chosen is described in
docs/guides/draws.md; this is written from that description alone.
"""
import bisect, hashlib, hmac, itertools, json, sys, urllib.request

FORMAT = "vafa-draw-1"
MOST_TRIES = 10_000_000


def ask(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def read(place):
    """The record, and the lines of its list."""
    if not place.startswith(("http://", "https://")):
        with open(place, encoding="utf-8") as file:
            record = json.load(file)
        return record, record["lines"]
    base = place.rstrip("/").removesuffix("/record")
    record, lines, after = ask(base + "/record"), [], 0
    while True:
        page = ask(f"{base}/entries?after={after}")
        lines += page["lines"]
        if not page["has_more"]:
            return record, lines
        after = page["next_after"]


def choose(record, holders, ends, digest, seed):
    """The places in the order in which is drawn: (ticket, holder)."""
    total, wanted = ends[-1] if ends else 0, sum(p["units"] for p in record["prizes"]) + record["alternates"]
    wanted = min(wanted, len(set(holders)))
    said = "\n".join([FORMAT, record["draw"], digest, record["entropy"]]).encode()
    context = hashlib.sha256(said).digest()
    picks, chosen, fair = [], set(), 0 if total == 0 else 2**64 // total * total
    for place in range(MOST_TRIES):
        if len(picks) == wanted:
            break
        block = hmac.digest(seed, context + place.to_bytes(8, "big"), "sha256")
        number = int.from_bytes(block[:8], "big")
        if number >= fair:
            continue
        ticket = number % total + 1
        holder = holders[bisect.bisect_left(ends, ticket)]
        if holder not in chosen:
            chosen.add(holder)
            picks.append((ticket, holder))
    return picks


def flaws(record, lines):
    if record.get("cancelled_at"):
        yield "the draw was cancelled before its list was closed: nobody is drawn"
        return
    if record["format"] != FORMAT:
        yield f"the record is of the format {record['format']}, and not {FORMAT}"
        return
    listing = hashlib.sha256(f"{FORMAT}\n{record['draw']}\n".encode())
    holders, ends, total = [], [], 0
    for position, line in enumerate(lines, 1):
        listing.update(line.encode() + b"\n")
        parts = line.split(",")
        if len(parts) != 3 or parts[0] != str(position) or not parts[2].isdigit() or int(parts[2]) < 1:
            yield f"line {position} of the list is not `{position},holder,tickets`: {line[:80]}"
            return
        total += int(parts[2])
        holders.append(parts[1])
        ends.append(total)
    digest = listing.hexdigest()
    if record.get("digest") != digest:
        yield "the list does not have the digest that was published"
    if (record.get("entries"), record.get("tickets")) != (len(lines), total):
        yield f"the list has {len(lines)} entries and {total} tickets, and the record says otherwise"
    if not record.get("seed") or record.get("entropy") is None:
        yield "the winners are not chosen yet"
        return
    seed = bytes.fromhex(record["seed"])
    if hashlib.sha256(seed).hexdigest() != record["commitment"]:
        yield "the seed is not the one that was committed to"
    prizes = itertools.chain.from_iterable([n] * p["units"] for n, p in enumerate(record["prizes"], 1))
    drawn = [
        {"place": place, "ticket": ticket, "holder": holder, "prize": next(prizes, None)}
        for place, (ticket, holder) in enumerate(choose(record, holders, ends, digest, seed), 1)
    ]
    told = [{key: win.get(key) for key in ("place", "ticket", "holder", "prize")} for win in record["winners"]]
    if len(drawn) != len(told):
        yield f"{len(drawn)} were drawn, and the record has {len(told)}"
    for mine, theirs in zip(drawn, told):
        if mine != theirs:
            yield f"place {mine['place']} is ticket {mine['ticket']} of {mine['holder']}, and not what the record says"


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    record, lines = read(sys.argv[1])
    wrong = list(flaws(record, lines))
    for flaw in wrong:
        print(flaw)
    if not wrong:
        print(f"draw {record['draw']}: {record['tickets']} tickets, {len(record['winners'])} drawn, all as it was promised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
