#!/usr/bin/env python3
#
# test/vectors/check.py
#	  hipaa-migrate-verify against frozen vectors, good and tampered with.
#
# The vectors were calculated once, apart from the program and from the server:
# merkle.json holds published values, canonical.json records with their bytes
# and hashes, export*.jsonl exports of a record with two epochs, a redacted
# event, and a purged block in which one event was held.  They never change.
# Writes TAP.  An attacker is taken to know the format: what is tampered with
# gets its last line mended (see mend()), so that only hashes can tell.
import copy
import hashlib
import importlib.machinery
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "..", "..", "bin", "hipaa-migrate-verify")

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("verify", PROGRAM)
verify = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("verify", loader))
loader.exec_module(verify)

tests = 0
failed = 0


def ok(good, name, *notes):
    global tests, failed
    tests += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", tests, name))
    for note in notes if not good else ():
        print("# %s" % (note,))


def vector(name):
    with open(os.path.join(HERE, name), encoding="ascii") as file:
        return json.load(file)


def export(name="export.jsonl"):
    with open(os.path.join(HERE, name), encoding="ascii") as file:
        return [json.loads(line) for line in file]


def digest(name):
    return verify.read_digest(os.path.join(HERE, name))


def line_of(record):
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def mend(lines):
    """Gives the last line the counts and the hash of what is before it."""
    body, end = lines[:-1], lines[-1]
    kinds = [record.get("type") for record in body]
    end.update(lines=str(len(body)), epochs=str(kinds.count("epoch")),
               blocks=str(kinds.count("block")),
               events=str(kinds.count("event")),
               hash_only=str(kinds.count("hash_only")),
               evidence=str(kinds.count("evidence")),
               sha256=hashlib.sha256(b"".join(map(line_of, body))).hexdigest())
    return lines


def run(lines, *digests):
    """The problems found, each as "kind: message"."""
    verifier = verify.Verifier([digest(name) for name in digests], 1000)
    if isinstance(lines, list):
        lines = b"".join(map(line_of, lines))
    verifier.read(io.BytesIO(lines))
    return ["%(problem)s: %(message)s" % one for one in verifier.problems]


def refused(lines, expected, name, *digests, file=None):
    """Something is found, and one of the problems holds the expected words."""
    found = run(mend(lines), *digests)
    ok(any(expected in one for one in found), name,
       "expected: %s" % expected, *found or ["nothing was found"])


def find(lines, kind, **members):
    """Index of the one line of that type, and with these members."""
    found = [i for i, record in enumerate(lines) if record["type"] == kind and
             all(record.get(name, record.get("event", {}).get(name)) == value
                 for name, value in members.items())]
    assert len(found) == 1, (kind, members, found)
    return found[0]


B = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def event_line(lines, event_id="14"):
    return find(lines, "event", event_id=event_id)


def block_line(lines, number, epoch=B):
    found = [i for i, record in enumerate(lines) if record["type"] == "block"
             and record["block"]["block"] == number
             and record["block"]["epoch"] == epoch]
    assert len(found) == 1
    return found[0]


def rehash_leaf(record):
    """As one who changes an event and its hash with it."""
    record["event"]["leaf_hash"] = record["leaf_hash"] = verify.leaf_hash(
        verify.EVENT.encode(record["event"])).hex()


def rehash_block(record):
    record["block_hash"] = verify.block_hash(
        verify.BLOCK.encode(record["block"])).hex()


# --- the hash tree ---

def hashes(texts):
    return [bytes.fromhex(text) for text in texts]


def wrong_paths(path):
    """Every path that is nearly this one."""
    for i, node in enumerate(path):
        yield path[:i] + path[i + 1:]
        yield path[:i] + [bytes([node[0] ^ 1]) + node[1:]] + path[i + 1:]
        yield path[:i] + [node[:-1] + bytes([node[-1] ^ 128])] + path[i + 1:]
    for other in (bytes(32), *path[:1]):
        yield path + [other]
        yield [other] + path
    if len(set(path)) > 1:
        yield path[::-1]


def check_tree(tree):
    name = tree["name"]
    leaves = [verify.leaf_hash(data) for data in hashes(tree["leaves"])]
    roots = hashes(tree["roots"])
    ok(verify.EMPTY_ROOT.hex() == tree["empty_root"], name + ": root of no leaves")
    frontier = []
    for size, leaf in enumerate(leaves):
        verify.append_leaf(frontier, size, leaf)
        ok(verify.root_of_frontier(frontier) == roots[size],
           "%s: root of %d leaves" % (name, size + 1))
    for proof in tree["inclusion"]:
        number, size, path = proof["leaf"], proof["size"], hashes(proof["path"])
        what = "%s: leaf %d of %d" % (name, number, size)
        root = roots[size - 1]

        def good(number=number, size=size, path=path, leaf=leaves[number], root=root):
            return verify.verify_inclusion(leaf, number, size, path, root)
        ok(good(), what + " is proven")
        ok(not any(good(path=other) for other in wrong_paths(path)),
           what + ": wrong paths are refused")
        ok(not any(good(number=other) for other in range(-1, size + 2) if other != number),
           what + ": other numbers are refused")
        ok(not good(leaf=bytes(32)) and not good(root=bytes(32)),
           what + ": another leaf, another root are refused")
    for proof in tree["consistency"]:
        old, new, path = proof["old_size"], proof["new_size"], hashes(proof["path"])
        what = "%s: %d leaves to %d" % (name, old, new)

        def good(old=old, new=new, path=path, old_root=roots[old - 1], new_root=roots[new - 1]):
            return verify.verify_consistency(old, new, path, old_root, new_root)
        ok(good(), what + " is proven")
        ok(not any(good(path=other) for other in wrong_paths(path)),
           what + ": wrong paths are refused")
        ok(not good(old=0) and not good(old=new + 1) and not good(new=old - 1),
           what + ": sizes that cannot be are refused")
        ok(not good(old_root=bytes(32)) and not good(new_root=bytes(32)),
           what + ": other roots are refused")


for tree in vector("merkle.json")["trees"]:
    check_tree(tree)

# --- canonical forms ---

canonical = vector("canonical.json")
for case in canonical["events"]:
    data = verify.EVENT.encode(case["event"])
    ok(data.hex() == case["canonical"], "event: " + case["name"])
    ok(verify.leaf_hash(data).hex() == case["leaf_hash"], "leaf hash: " + case["name"])
for case in canonical["blocks"]:
    data = verify.BLOCK.encode(case["block"])
    ok(data.hex() == case["canonical"], "block: " + case["name"])
    ok(verify.block_hash(data).hex() == case["block_hash"], "block hash: " + case["name"])

# What has two spellings has one that is refused: two texts never stand for the
# same bytes.
for text in ("2026-02-30T00:00:00.000000Z", "2026-01-05T24:00:00.000000Z",
             "2026-01-05T08:60:00.000000Z", "2026-01-05T08:00:60.000000Z",
             "2026-01-05 08:00:00.000000Z", "2026-01-05T08:00:00Z",
             "2026-01-05T08:00:00.000000+00:00", "+2026-01-05T08:00:00.000000Z",
             "0000-01-05T08:00:00.000000Z", "infinity", "",
             "+999999-01-05T08:00:00.000000Z"):
    try:
        verify.encode_timestamp(text)
        ok(False, "no time: " + text)
    except verify.Malformed:
        ok(True, "no time: " + text)
for text in ("01", "+1", "-0", " 1", "1 ", "1.0", "", "9223372036854775808",
             "-9223372036854775809", "\u0661"):
    try:
        verify.encode_integer(text)
        ok(False, "no integer: " + ascii(text))
    except verify.Malformed:
        ok(True, "no integer: " + ascii(text))

# --- good exports ---

ok(run(export()) == [], "the export verifies", *run(export()))
ok(run(export("export_range.jsonl")) == [], "a range verifies")
ok(run(export(), "digest_4.json", "digest_5.json", "digest_closed.json") == [],
   "digests match: of an earlier block, of the head, of a closed epoch")
ok(run(export("export_range.jsonl"), "digest_4.json", "digest_closed.json") == [],
   "digests match in a range: of a block that was named, of the head")
ok(run(b"".join(line_of(one) for one in export()).replace(b"\n", b"\r\n")) == [],
   "line ends of Windows do no harm")

# --- tampering: an event ---

OTHER = {"t": "another", "i": "77", "d": "2020-02-02T02:02:02.000002Z",
         "u": "00000000-0000-4000-8000-000000000000", "b": "77" * 32}
for (name, encode, present, _) in verify.EVENT.fields:
    lines = export()
    lines[event_line(lines)]["event"][name] = OTHER[chr(present[1])]
    refused(lines, "event: event seq 5 (event_id %s)"
            % ("77" if name == "event_id" else "14"), "event changed: " + name)
    lines = export()
    one = lines[event_line(lines)]["event"]
    if one[name] is not None and name not in ("event_id", "xid"):
        one[name] = None
        refused(lines, "event: event seq 5", "event emptied: " + name)
lines = export()
lines[event_line(lines)]["event"]["leaf_hash"] = "77" * 32
refused(lines, "event: event seq 5", "event changed: leaf_hash")

lines = export()
lines[event_line(lines)]["event"]["actor"] = "mallory"
rehash_leaf(lines[event_line(lines)])
refused(lines, "proof: event seq 5 (event_id 14)", "event changed, and its hash")
refused(lines, "root: the events of block 2", "... and the block is named")

lines = export()
del lines[event_line(lines)]
refused(lines, "event_missing: event seq 5 is missing", "event removed")
lines = export()
del lines[event_line(lines, "16")]
refused(lines, "event_missing: event seq 7 is missing", "event removed, first of its block")
lines = export()
del lines[event_line(lines, "18")]
refused(lines, "event_missing: event seq 9 is missing at the end of block 3",
        "event removed, last of its block")
lines = export()
del lines[event_line(lines, "14")]
later = False
for record in lines:        # and all numbers closed up behind it
    if record["type"] == "block" and record["block"]["epoch"] == B:
        later = record["block"]["block"] >= "2"
        for name in ("first_leaf", "leaf_count", "tree_size") if later else ():
            if name != "leaf_count" or record["block"]["block"] == "2":
                if (name, record["block"]["block"]) != ("first_leaf", "2"):
                    record["block"][name] = str(int(record["block"][name]) - 1)
        rehash_block(record)
    elif later and record["type"] == "event":
        record["seq"] = str(int(record["seq"]) - 1)
refused(lines, "proof: event seq 5 (event_id 15)", "event removed, the rest renumbered")

lines = export()
at = event_line(lines)
lines.insert(at, copy.deepcopy(lines[at]))
refused(lines, "order: event seq 5 (event_id 14) occurs twice", "line doubled")
lines = export()
at = event_line(lines)
lines.insert(at, copy.deepcopy(lines[at]))
lines[at]["event"]["event_id"] = "13"
rehash_leaf(lines[at])
refused(lines, "proof: event seq 5 (event_id 13)", "event inserted")
lines = export()
at = event_line(lines)
lines[at], lines[at + 1] = lines[at + 1], lines[at]
refused(lines, "order: event seq 5 (event_id 14) comes where", "two lines swapped")
lines = export()
at = event_line(lines)
one, other = lines[at], lines[at + 1]
for name in ("event", "leaf_hash"):
    one[name], other[name] = other[name], one[name]
refused(lines, "proof: event seq 5 (event_id 15)", "two events swapped")
refused(lines, "proof: event seq 6 (event_id 14)", "... and both are named")
refused(lines, "membership: event seq 6 (event_id 14)", "... and their order")
lines = export()
at = event_line(lines)
lines.insert(block_line(lines, "3") + 1, lines.pop(at))
refused(lines, "not of block 3, under which it stands", "event moved to another block")

# --- tampering: a block ---

for (name, encode, present, _) in verify.BLOCK.fields:
    lines = export()
    record = lines[block_line(lines, "2")]
    record["block"][name] = {"snapshot": "820:825:", "frontier": "77" * 64}.get(
        name, OTHER[chr(present[1])])
    number = record["block"]["block"]
    refused(lines, "block: block %s: its fields do not give its hash" % number,
            "block changed: " + name)
    rehash_block(record)
    refused(lines, "block 3" if name != "block" else "block 77",
            "block changed, and its hash: " + name)
lines = export()
del lines[block_line(lines, "3")]
refused(lines, "not of block 2, under which it stands", "line of a block removed")
lines = export()
at = block_line(lines, "3")
del lines[at:at + 4]
refused(lines, "block_missing: block 4 comes where block 3 should", "block removed with its events")
lines = export()
at = block_line(lines, "5")
del lines[at:at + 2]
refused(lines, "block_missing: the blocks end with block 4, not with block 5",
        "last block removed")
lines = export()
at, then = block_line(lines, "3"), block_line(lines, "4")
lines[at:then] = lines[at:then] * 2
refused(lines, "a block is doubled", "block doubled")
lines = export()
at, then = block_line(lines, "3"), block_line(lines, "4")
lines[at:then + 3] = lines[then:then + 3] + lines[at:then]
refused(lines, "block_missing: block 4 comes where block 3", "blocks swapped")
lines = export()
at = [i for i, record in enumerate(lines) if record["type"] == "epoch"]
del lines[at[0]:at[1]]
refused(lines, "epoch_missing: 1 epochs", "epoch removed")


# --- tampering: the end cut off, an older copy put back ---

def older():
    """The record as it was when block 4 was sealed: all of it is true."""
    lines = export()
    at = block_line(lines, "5")
    del lines[at:at + 2]
    ranged = export("export_range.jsonl")
    block = lines[block_line(lines, "4")]
    head = verify.Block(block["block"], block["block_hash"]).head()
    lines[0]["heads"][1] = head
    epoch = lines[find(lines, "epoch", epoch=B)]
    epoch["head"] = {name: block[name] for name in ("block", "block_hash")}
    epoch["last_block"] = "4"
    leaves = [bytes.fromhex(record["leaf_hash"]) for record in lines
              if record["type"] in ("event", "hash_only")][7:]
    second = False
    for record in lines:
        second = second or record is epoch
        if second and "proof" in record:
            record["proof"] = [node.hex() for node in
                               path(int(record["seq"]) - 1, leaves)]
    return lines


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return verify.node_hash(root(leaves[:k]), root(leaves[k:]))


def path(number, leaves):
    """RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if number < k:
        return path(number, leaves[:k]) + [root(leaves[k:])]
    return path(number - k, leaves[k:]) + [root(leaves[:k])]


ok(run(mend(older())) == [], "an older copy alone is all true", *run(mend(older())))
ok(run(mend(older()), "digest_4.json") == [], "and matches an old digest")
refused(older(), "digest knows block 5, the record ends with block 4",
        "an older copy against a later digest", "digest_4.json", "digest_5.json")


def rewritten():
    """All of the record made anew, from a changed event on."""
    lines = older()
    one = lines[event_line(lines)]
    one["event"]["actor"] = "mallory"
    rehash_leaf(one)
    leaves = [bytes.fromhex(record["leaf_hash"]) for record in lines
              if record["type"] in ("event", "hash_only")][7:]
    previous = None
    for number in "1234":
        record = lines[block_line(lines, number)]
        block, frontier = record["block"], []
        for size in range(int(block["tree_size"])):
            verify.append_leaf(frontier, size, leaves[size])
        block["root"] = verify.root_of_frontier(frontier).hex()
        block["frontier"] = b"".join(frontier).hex()
        block["previous"] = previous
        rehash_block(record)
        previous = record["block_hash"]
    epoch = find(lines, "epoch", epoch=B)
    lines[epoch]["head"] = {name: record[name] for name in ("block", "block_hash")}
    lines[0]["heads"][1] = verify.Block(block, previous).head()
    for record in lines[epoch:]:
        if "proof" in record:
            record["proof"] = [node.hex() for node in
                               path(int(record["seq"]) - 1, leaves)]
    return lines


ok(run(mend(rewritten())) == [], "a record that was all made anew shows nothing by itself",
   *run(mend(rewritten())))
refused(rewritten(), "block 4 is not the one of the digest", "but against a digest", "digest_4.json")

# --- tampering: what is gone ---

lines = export()
lines[find(lines, "hash_only", seq="3")]["evidence"] = None
refused(lines, "payload_missing: event seq 3 (event_id 4)", "payload gone without evidence")
for kind, seq, event_id in (("record.purged", 3, "20"), ("record.redacted", 3, "20"),
                            ("record.purged", 3, "19"), ("record.redacted", 3, "10")):
    lines = export()
    lines[find(lines, "hash_only", seq="3", event_id="4")]["evidence"] = {
        "epoch": B, "event_id": event_id, "kind": kind}
    refused(lines, "payload_missing: event seq 3 is gone",
            "payload gone, evidence of another thing: %s %s" % (kind, event_id))
lines = export()        # the event that a hold kept, in the purged block
at = event_line(lines, "12")
del lines[at]["event"]
lines[at].update(type="hash_only", event_id="12", xid="803",
                 evidence={"epoch": B, "event_id": "20", "kind": "record.purged"})
refused(lines, "payload_missing: 4 events of epoch %s are gone as purged, but the purges on record removed 3" % B,
        "more gone than was purged")
lines = export()
at = event_line(lines, "17")
event = lines[at].pop("event")
lines[at].update(type="hash_only", event_id="17", xid="826",
                 evidence={"epoch": B, "event_id": "20", "kind": "record.purged"})
refused(lines, "payload_missing: event seq 8 is gone", "payload gone outside of the purged blocks")
lines[at].update(event_id="4", evidence={"epoch": B, "event_id": "19",
                                         "kind": "record.redacted"})
refused(lines, "payload_missing: event seq 8 is gone", "payload gone under the number of a redacted event")
lines = export()
at = event_line(lines, "20")
lines[at]["event"]["details"] = lines[at]["event"]["details"].replace(
    '"last_block": 1', '"last_block": 3')
refused(lines, "event: event seq 11 (event_id 20)", "evidence changed")
lines = export("export_range.jsonl")
del lines[find(lines, "evidence")]
refused(lines, "payload_missing: event seq 3", "evidence removed")
lines = export("export_range.jsonl")
lines[find(lines, "evidence")]["event"]["details"] = json.dumps(
    {"event_id": 2, "epoch": "0f8fad5b-d9cb-469f-a165-70867728950e"})
refused(lines, "event: event seq 10 (event_id 19)", "evidence out of range changed")
rehash_leaf(lines[find(lines, "evidence")])
refused(lines, "proof: event seq 10 (event_id 19)", "evidence out of range changed, and its hash")

# --- tampering: heads, ranges, what is missing beside the record ---

lines = export()
lines[0]["heads"][1]["root"] = "77" * 32
refused(lines, "head: the header states another head", "head in the header changed")
for name in ("without_leaf",):
    lines = export()
    lines[find(lines, "epoch", epoch=B)][name] = "1"
    refused(lines, "inserted: 1 events are in no block", "event inserted beside the record")
lines = export("export_range.jsonl")
lines[find(lines, "epoch", epoch=B)]["consistency"].pop()
refused(lines, "consistency: the tree of the head, block 5", "proof of the later blocks changed")
lines = export("export_range.jsonl")
lines[find(lines, "epoch", epoch=B)]["base"]["block"]["root"] = "77" * 32
refused(lines, "block: block 1, before the range", "block before the range changed")
lines = export("export_range.jsonl")
anchor = [record for record in lines if record["type"] == "anchor"][1]
anchor["block"]["root"] = anchor["block"]["frontier"] = "77" * 32
refused(lines, "block: block 4: its", "block of a digest changed")
rehash_block(anchor)
refused(lines, "consistency: the tree of the head does not begin", "and its hash")

# --- digests ---

lines = export("export_range.jsonl")
lines = [record for record in lines if record["type"] != "anchor"]
refused(lines, "block 4 of the digest is not in this export", "digest of a block outside", "digest_4.json")
lines = export()
at = [i for i, record in enumerate(lines) if record["type"] == "epoch"]
del lines[at[1]:-1]
del lines[0]["heads"][1]
refused(lines, "the epoch of the digest (block 4) is not in the export", "digest of an epoch that is gone", "digest_4.json")

# --- damage, of which the reader is told ---


def raw(lines=None):
    return b"".join(map(line_of, lines or export()))


def damaged(data, expected, name):
    found = run(data)
    ok(any(expected in one for one in found), name, "expected: %s" % expected, *found)


damaged(raw(export()[:-1]), "truncated: the file is cut off", "last line missing")
damaged(raw()[:-40], "truncated: the file is cut off", "cut in the last line")
damaged(raw()[:9000], "truncated: the file is cut off", "cut in a line")
damaged(raw() + b"\n", "order: there is more behind the last line", "a line too many")
damaged(raw().replace(b'"ann"', b'"eve"', 1), "event: event seq 1", "a byte changed")
damaged(raw().replace(b'"db1"', b'"db2"', 1), "changed: the lines do not give the hash",
        "a byte changed, last line as it was")
changed = raw().splitlines(True)
at = event_line(export())
for name, line, expected in (
        ("no JSON", b"{\n", "is no JSON"), ("an array", b"[]\n", "is no JSON object"),
        ("an empty line", b"\n", "is no JSON"), ("no UTF-8", b"\"\xff\"\n", "is no JSON"),
        ("unknown type", b'{"type":"remark"}\n', "is of no known type"),
        ("a number", changed[at].replace(b'"pid":"4242"', b'"pid":4242'), "holds a number"),
        ("a name twice", changed[at].replace(b'{"type"', b'{"seq":"1","type"'), "occurs twice"),
        ("an unknown member", changed[at].replace(b'"event":{', b'"event":{"remark":"x",'), 'unknown member "remark"'),
        ("half a character", changed[at].replace(b'"kind":"', b'"kind":"\\ud800'), "is not a Unicode text"),
        ("depth", b"[" * 100000 + b"\n", "is no JSON")):
    damaged(b"".join(changed[:at] + [line] + changed[at + 1:]), expected, "damage: " + name)

# Whatever stands in a line, nothing crashes; and all that people read is
# proven, but for what the page on the format says is not.
NOT_PROVEN = {
    "header": {"database", "system_identifier", "exported_at", "exported_by",
               "extension_version", "server_version", "since", "until"},
    "epoch": {"ordinal", "state", "database", "database_oid",
              "system_identifier", "opened_at", "closed_at", "reason", "unsealed",
              "without_leaf"},
    "hash_only": {"xid", "event_id"},
    "end": {"unsealed"},
}


def places(value, at=()):
    if at:
        yield at
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], at + (name,))
    elif isinstance(value, list):
        for i in range(min(1, len(value))):
            yield from places(value[i], at + (i,))


def put(record, at, value):
    record = copy.deepcopy(record)
    inner = record
    for step in at[:-1]:
        inner = inner[step]
    unchanged = inner[at[-1]] == value
    inner[at[-1]] = value
    return None if unchanged else record


def survive(name, values):
    crashes, passed, count = [], [], 0
    lines = export(name)
    seen = set()
    for i, record in enumerate(lines[:-1]):
        kind = record["type"]
        if (kind, "x") in seen and kind != "epoch":
            continue
        seen.add((kind, "x"))
        for at in places(record):
            for value in values:
                changed = put(record, at, value)
                if changed is None:
                    continue
                count += 1
                try:
                    found = run(mend(copy.deepcopy(lines[:i] + [changed] + lines[i + 1:])))
                except verify.Unreadable:
                    continue
                except Exception as wrong:
                    crashes.append("%s %s %r: %r" % (kind, at, value, wrong))
                    continue
                if not found and at[0] not in NOT_PROVEN.get(kind, ()):
                    passed.append("%s %s %r" % (kind, at, value))
    ok(not crashes, "%s: %d lines changed, no crash" % (name, count), *crashes)
    ok(not passed, "%s: each is found" % name, *passed)


survive("export.jsonl", (None, "", "99999999999999999999", []))
survive("export_range.jsonl", ("-1", "x", {"block": "1"}, 1.5))

# --- memory ---


def many(count, per_block=100):
    """An export of so many events, line by line."""
    event = dict.fromkeys(verify.EVENT.names)
    event.update(epoch=B, kind="ddl.executed", statement="x" * 500)
    leaves, records, blocks = [], [], []
    frontier, previous = [], None
    for seq in range(1, count + 1):
        event.update(event_id=str(seq), xid=str(seq))
        leaves.append(verify.leaf_hash(verify.EVENT.encode(event)))
        verify.append_leaf(frontier, seq - 1, leaves[-1])
        if seq % per_block == 0:
            block = dict.fromkeys(verify.BLOCK.names)
            block.update(epoch=B, block=str(seq // per_block), snapshot="%d:%d:" % (seq + 1, seq + 1),
                         first_leaf=str(seq - per_block + 1), leaf_count=str(per_block),
                         tree_size=str(seq), root=verify.root_of_frontier(frontier).hex(),
                         frontier=b"".join(frontier).hex(), previous=previous)
            record = {"block": block}
            rehash_block(record)
            previous = record["block_hash"]
            blocks.append(record)
    levels = [leaves]
    while len(levels[-1]) > 1:
        nodes = levels[-1]
        levels.append([verify.node_hash(*nodes[i:i + 2]) if i + 1 < len(nodes) else nodes[i]
                       for i in range(0, len(nodes), 2)])

    def proof(number):
        return [level[number >> i ^ 1].hex() for i, level in enumerate(levels)
                if number >> i ^ 1 < len(level)]
    head = blocks[-1]
    lines = export()
    header, epoch = lines[0], lines[find(lines, "epoch", epoch=B)]
    header["heads"] = [verify.Block(head["block"], head["block_hash"]).head()]
    epoch.update(head=head, last_block=head["block"]["block"])
    sha = hashlib.sha256()

    def produce():
        number = 2
        yield line_of(header)
        yield line_of(epoch)
        for seq in range(1, count + 1):
            if seq % per_block == 1:
                yield line_of({"type": "block", **blocks[seq // per_block]})
            event.update(event_id=str(seq), xid=str(seq), leaf_hash=leaves[seq - 1].hex())
            yield line_of({"type": "event", "seq": str(seq), "block": str((seq - 1) // per_block + 1),
                           "event": event, "leaf_hash": leaves[seq - 1].hex(),
                           "proof": proof(seq - 1)})

    def file():
        for line in produce():
            sha.update(line)
            yield line
        end = lines[-1]
        end.update(lines=str(count + len(blocks) + 2), epochs="1", blocks=str(len(blocks)),
                   events=str(count), hash_only="0", evidence="0", sha256=sha.hexdigest())
        yield line_of(end)
    return file()


file = many(5000)
tracemalloc.start()
verifier = verify.Verifier([], 10)
verifier.read(file)
peak = tracemalloc.get_traced_memory()[1]
tracemalloc.stop()
ok(not verifier.problems, "5,000 events in 50 blocks verify", *verifier.problems)
ok(peak < 2000000, "in less than 2 MB (of a file of 8 MB)", peak)

# --- the command ---


def command(*arguments, stdin=None):
    done = subprocess.run([sys.executable, PROGRAM, *arguments], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def stored(data):
    file = tempfile.NamedTemporaryFile(suffix=".jsonl", delete=False)
    with file:
        file.write(data)
    made.append(file.name)
    return file.name


made = []
good = os.path.join(HERE, "export.jsonl")
held = os.path.join(HERE, "digest_4.json")
status, out, err = command(good, "--digest", held)
ok(status == 0 and "VERIFIED" in out and "block 4 matches" in out, "command: verified", status, out, err)
status, out, err = command("-", stdin=raw())
ok(status == 0, "command: standard input", status, out, err)
status, out, err = command("--json", good, "--digest", held)
found = json.loads(out)
ok(status == 0 and found["outcome"] == "verified" and found["counts"]["events"] == 15
   and found["digests"][0]["outcome"] == "matches", "command: JSON", status, out, err)
lines = export()
lines[event_line(lines)]["event"]["actor"] = "mallory"
bad = stored(raw(mend(lines)))
status, out, err = command(bad)
ok(status == 1 and "FAILED" in out and "event seq 5 (event_id 14)" in out, "command: failed", status, out)
status, out, err = command("--json", bad)
found = json.loads(out)
ok(status == 1 and found["outcome"] == "failed" and found["problems"][0]["seq"] == 5
   and found["problems"][0]["event_id"] == "14" and found["problems"][0]["epoch"] == B,
   "command: failed, JSON", status, out)
for record in lines:
    if record["type"] == "event":
        record["event"]["actor"] = "mallory"
status, out, err = command("--max-problems=3", stored(raw(mend(lines))))
ok(status == 1 and "... and 1" in out, "command: no more than so many problems", status, out)
for name, data, expected in (
        ("nothing", b"", "the file is empty"), ("text", b"hello\n", "this is not an export"),
        ("no header", raw(export()[1:]), "this is not an export"),
        ("another version", raw().replace(b"export 1", b"export 2", 1), 'the format is "hipaa_migrate export 2"')):
    status, out, err = command(stored(data))
    ok(status == 2 and expected in err and not out, "command: %s: cannot be read" % name, status, out, err)
status, out, err = command("/nowhere/export.jsonl")
ok(status == 2 and 'could not read "/nowhere/export.jsonl"' in err, "command: no file", status, err)
status, out, err = command(good, "--digest", "/nowhere/digest.json")
ok(status == 2 and "could not read digest" in err, "command: no digest", status, err)
status, out, err = command(good, "--digest", good)
ok(status == 2 and "is no digest" in err, "command: a digest that is none", status, err)
status, out, err = command("--json", "/nowhere/export.jsonl")
ok(status == 2 and json.loads(out)["outcome"] == "unreadable", "command: no file, JSON", status, out)
status, out, err = command("--help")
ok(status == 0 and "Exit status" in out, "command: help", status, out)
for name in made:
    os.unlink(name)

print("1..%d" % tests)
sys.exit(failed > 0)
