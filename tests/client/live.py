#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libpkttnetlink against pkttd, by way of the Python module. TAP. usage: live.py ROOT BUILD"""
import os
import pathlib
import sys
import tempfile
import threading
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import daemon  # noqa: E402
from pkttd import Tap  # noqa: E402

ROOT, BUILD = sys.argv[1:3]
daemon.loads_library(BUILD)
os.environ["PKTT_LIBPKTTNETLINK"] = f"{BUILD}/src/libpkttnetlink/libpkttnetlink.so.0"
sys.path.insert(0, f"{ROOT}/python")
import pkttables  # noqa: E402

tap = Tap()
ok = tap.ok


def refused(call):
    try:
        call()
    except pkttables.PkttError as error:
        return error
    return None


def texts(nl, chain, **where):
    return [str(obj.rule) for obj in nl.rules(chain=chain, **where)]


def rules(nl):
    before = nl.generation
    ssh = nl.rule("-p tcp --dport 22 -j ACCEPT --name ssh")
    first = nl.add("filter", "INPUT", ssh)
    ok(first > 0 and nl.generation == before + 1, "a rule is added and has a handle", first)
    with nl.transaction(echo=True) as txn:
        txn.insert("filter", "INPUT", nl.rule("-p udp --dport 53 -j ACCEPT"))
        txn.insert_after(first, nl.rule("-j DROP"))
        txn.insert_before(first, nl.rule("-i lo -j ACCEPT"))
        txn.new_chain("filter", "WEB")
        txn.append("filter", "WEB", nl.rule("-p tcp --dport 80 -j ACCEPT"))
        txn.append("filter", "INPUT", nl.rule("-j WEB"))
        txn.policy("filter", "FORWARD", "DROP")
    ok(txn.generation == before + 2 == nl.generation, "a transaction is one generation",
       (txn.generation, nl.generation))
    made = [obj for obj in txn.made if obj.kind == "new rule"]
    ok(len(made) == 5 and len({obj["handle"] for obj in made}) == 5, "each rule made is answered",
       [str(o) for o in txn.made])
    ok(texts(nl, "INPUT") == ["-p udp -m udp --dport 53 -j ACCEPT", "-i lo -j ACCEPT",
                              "-p tcp -m tcp --dport 22 -j ACCEPT --name ssh", "-j DROP", "-j WEB"],
       "they stand where they were put", texts(nl, "INPUT"))
    listed = nl.rules(chain="INPUT", table="filter", family="ipv4")
    ok([obj["number"] for obj in listed] == [1, 2, 3, 4, 5] and listed[2]["handle"] == first and
       listed[2].rule.name == "ssh" and "packets" in listed[0], "with number, handle, name, counters",
       [o.json() for o in listed])
    handles = [obj["handle"] for obj in listed]
    error = refused(lambda: replace_one(nl, handles[0], nl.rule("-j DROP", family="ipv6")))
    ok(error is not None and "family" in error.text, "a rule of another family does not fit", error)
    with nl.transaction() as txn:
        txn.move(handles[0], after=handles[4])
        txn.move(handles[3], before=handles[1])
        txn.replace(handles[2], nl.rule("-p tcp --dport 2222 -j ACCEPT"))
        txn.delete(handles[4])
    ok(texts(nl, "INPUT") == ["-j DROP", "-i lo -j ACCEPT", "-p tcp -m tcp --dport 2222 -j ACCEPT",
                              "-p udp -m udp --dport 53 -j ACCEPT"], "moved, replaced, deleted",
       texts(nl, "INPUT"))
    ok(nl.test_rule("filter", "INPUT", nl.rule("-j DROP")) and
       not nl.test_rule("filter", "INPUT", nl.rule("-j RETURN")), "asked for by their contents")
    error = refused(lambda: nl.test_rule("filter", "NOWHERE", nl.rule("-j DROP")))
    ok(error is not None, "in a chain that is there", error)
    chains = {obj["chain"]: obj for obj in nl.chains(family="ipv4", table="filter")}
    ok(chains["FORWARD"]["policy"] == 2 and "WEB" in chains, "chains and policies",
       [o.json() for o in chains.values()])
    with nl.transaction() as txn:
        txn.delete_equal("filter", "INPUT", nl.rule("-j DROP"))
        txn.rename_chain("filter", "WEB", "HTTP")
        txn.flush("filter", "HTTP")
        txn.delete_chain("filter", "HTTP")
        txn.zero("filter", "INPUT")
        txn.flush("filter")
        txn.policy("filter", "FORWARD", "ACCEPT")
    ok(texts(nl, None) == [], "flushed", texts(nl, None))


def replace_one(nl, handle, rule):
    with nl.transaction() as txn:
        txn.replace(handle, rule)


def errors(nl):
    before = nl.generation
    txn = nl.transaction()
    txn.append("filter", "INPUT", nl.rule("-j DROP"))
    txn.append("filter", "INPUT", nl.rule("-j NOWHERE"))
    error = refused(txn.commit)
    ok(error is not None and "NOWHERE" in error.text, "an error of the whole", error)
    ok(nl.generation == before and texts(nl, "INPUT") == [], "and nothing of it was applied")
    txn.close()
    txn = nl.transaction()
    txn.append("filter", "INPUT", nl.rule("-j DROP"))
    txn.delete(123456789)
    error = refused(txn.commit)
    ok(error is not None and error.command == 2, "an error names its command",
       (error, error and error.command))
    txn.close()
    txn = nl.transaction()
    error = refused(lambda: txn.text("*filter\n-A INPUT -p tcp --dprt 5 -j DROP\n-A INPUT -j\nCOMMIT\n",
                                     name="r.rules"))
    ok(error is not None and (error.file, error.line) == ("r.rules", 2), "a text's has its place", error)
    ok(refused(txn.commit) is not None and len(txn.errors()) == 2, "it does not commit then", txn.errors())
    ok("r.rules:2:17: error" in txn.report() and "^^^" in txn.report(), "and is shown with a caret",
       txn.report())
    txn.close()
    txn = nl.transaction()
    txn.text("*filter\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -j GONE\nCOMMIT\n", name="r.rules")
    error = refused(txn.commit)
    ok(error is not None and (error.file, error.line) == ("r.rules", 3),
       "what pkttd refuses of a text, too", error)
    txn.close()
    txn = nl.transaction(if_generation=before + 7)
    error = refused(txn.commit)
    txn.close()
    ok(error is not None and nl.generation == before, "an unexpected generation", error)
    error = refused(lambda: nl.add("filter", "INPUT", nl.rule("-p tcp -j MASQUERADE")))
    ok(error is not None and "MASQUERADE" in error.text, "a target of another table", error)
    ok(nl.transaction().close() is None and nl.generation == before, "an abandoned transaction is none")


def whole_texts(nl):
    text = "".join(["*filter\n:INPUT ACCEPT [0:0]\n:LONG - [0:0]\n"] +
                   [f"-A LONG -s 10.{i >> 16}.{i >> 8 & 255}.{i & 255}/32 -p tcp -m tcp --dport {i % 60000}"
                    " -j DROP\n" for i in range(20000)] + ["COMMIT\n"])
    with nl.transaction() as txn:
        txn.text(text)
    ok(len(nl.rules(chain="LONG")) == 20000, "20,000 rules from a text")
    with nl.transaction() as txn:
        txn.text("*filter\n-A INPUT -j ACCEPT\nCOMMIT\n", flush=False)
        txn.words("-A", "INPUT", "-s", "10.0.0.1,10.0.0.2", "-j", "DROP")
        txn.words("-t", "mangle", "-A", "INPUT", "-j", "MARK", "--set-mark", "5")
    ok(texts(nl, "INPUT", table="filter") == ["-j ACCEPT", "-s 10.0.0.1/32 -j DROP",
                                              "-s 10.0.0.2/32 -j DROP"], "lines and command lines",
       texts(nl, "INPUT", table="filter"))
    with nl.transaction() as txn:
        txn.json({"pkttables": [{"rule": {"family": "ipv6", "table": "filter", "chain": "INPUT",
                                          "head": {}, "matches": [], "targets": [{"DROP": {}}]}}]})
        txn.text("*filter inet\n-A INPUT -m mark --mark 1 -j LOG -j ACCEPT --name both\nCOMMIT\n", native=True)
    ok(texts(nl, "INPUT", family="ipv6") == ["-j DROP"], "JSON")
    ok(texts(nl, "INPUT", family="inet") == ["-m mark --mark 0x1 -j LOG -j ACCEPT --name both"],
       "native text", texts(nl, "INPUT", family="inet"))
    txn = nl.transaction()
    ok(refused(lambda: txn.words("-L")) is not None, "a listing is no change")
    txn.close()


def sets(nl):
    with nl.transaction() as txn:
        txn.new_set("bad", "hash:ip", "timeout 600")
        txn.add_element("bad", "192.0.2.1")
        txn.add_element("bad", "192.0.2.2 timeout 60")
        txn.add_element("bad", "192.0.2.1", exist=True)
        txn.new_set("other", "hash:ip")
    ok({obj["set"] for obj in nl.sets()} == {"bad", "other"}, "sets", [o.json() for o in nl.sets()])
    ok(sorted(e.split()[0] for e in nl.elements("bad")) == ["192.0.2.1", "192.0.2.2"], "elements",
       nl.elements("bad"))
    ok(nl.test_element("bad", "192.0.2.1") and not nl.test_element("bad", "192.0.2.9"), "tested")
    error = refused(lambda: nl.test_element("nosuch", "192.0.2.9"))
    ok(error is not None and error.errno == 2, "in a set that is there", error)
    with nl.transaction() as txn:
        txn.swap_sets("bad", "other")
        txn.delete_element("other", "192.0.2.1")
        txn.delete_set("bad")
    ok([e.split()[0] for e in nl.elements("other")] == ["192.0.2.2"], "swapped, deleted",
       nl.elements("other"))
    error = refused(lambda: one_more(nl))
    ok(error is not None and "192.0.2.2" in error.text, "what is there already is refused", error)
    with nl.transaction() as txn:
        txn.flush_set("other")
        txn.delete_set("other")
    ok(nl.sets() == [], "gone")


def one_more(nl):
    with nl.transaction() as txn:
        txn.add_element("other", "192.0.2.2")


def events(nl):
    heard = nl.events(rules=True, elements=True, timeout=60)
    rule = nl.rule("-p icmp -j ACCEPT")
    handle = nl.add("filter", "OUTPUT", rule)
    got = [next(heard), next(heard)]
    ok([e.kind for e in got] == ["new rule", "new generation"], "a change is told", [e.kind for e in got])
    ok(got[0].rule == rule and got[0]["handle"] == handle and got[0].who["pid"] == os.getpid() and
       got[0]["generation"] == nl.generation, "with generation and who", got[0].json())
    nl.delete(handle)
    got = [next(heard), next(heard)]
    ok(got[0].kind == "delete rule" and got[0]["handle"] == handle, "a deletion, too", got[0].kind)
    with nl.transaction() as txn:
        txn.new_set("heard", "hash:ip")
        txn.add_element("heard", "192.0.2.7")
    kinds = [next(heard).kind for _ in range(3)]
    ok(kinds == ["new set", "new element", "new generation"], "sets and elements", kinds)
    ok(len(list(nl.events(timeout=0.1))) == 0, "who comes later hears nothing of it")


def pipeline(nl):
    with nl.transaction(each=True) as txn:
        for port in range(1, 501):
            txn.append("filter", "OUTPUT", nl.rule(f"-p tcp --dport {port} -j DROP"))
    ok(len(nl.rules(chain="OUTPUT", table="filter", family="ipv4")) == 500,
       "500 changes, each by itself, without waiting")
    txn = nl.transaction(each=True)
    txn.append("filter", "OUTPUT", nl.rule("-j NOWHERE"))
    txn.append("filter", "OUTPUT", nl.rule("-j ACCEPT"))
    error = refused(txn.commit)
    ok(error is not None and error.command == 1 and
       texts(nl, "OUTPUT", table="filter", family="ipv4")[-1] == "-j ACCEPT",
       "an error of one leaves the others", error)
    txn.close()


def threads(path):
    """Each has its connection; generations only grow."""
    def work():
        with pkttables.Connection(path) as nl:
            for i in range(20):
                handle = nl.add("filter", "FORWARD", nl.rule(f"-p udp --dport {i + 1} -j DROP"))
                nl.delete(handle)
    group = [threading.Thread(target=work) for _ in range(4)]
    for thread in group:
        thread.start()
    for thread in group:
        thread.join()
    with pkttables.Connection(path) as nl:
        ok(texts(nl, "FORWARD") == [], "four at once")


def services(nl):
    ok("pkttables_generation" in nl.metrics(), "metrics", nl.metrics()[:300])
    error = refused(nl.confirm)
    ok(error is not None, "nothing waits for confirmation", error)
    before = texts(nl, "FORWARD")
    with nl.transaction(confirm=60) as txn:
        txn.append("filter", "FORWARD", nl.rule("-j DROP"))
    nl.confirm()
    ok(texts(nl, "FORWARD") == before + ["-j DROP"], "confirmed")
    ok(any(obj.get("generation") == txn.generation for obj in nl.history()), "in the history",
       [o.json() for o in nl.history()])
    nl.rollback()
    ok(texts(nl, "FORWARD") == before, "rolled back", texts(nl, "FORWARD"))


def main():
    with tempfile.TemporaryDirectory() as folder, daemon.Pkttd(BUILD, folder) as pkttd:
        with pkttables.Connection(pkttd.socket) as nl:
            for part in (rules, errors, whole_texts, sets, events, pipeline, services):
                try:
                    part(nl)
                except Exception:  # pylint: disable=broad-except
                    ok(False, f"{part.__name__} runs to its end", traceback.format_exc())
        threads(pkttd.socket)
        error = refused(lambda: pkttables.Connection(f"{folder}/nobody"))
        ok(error is not None and error.errno == 2, "no pkttd", error)
    ok(pkttd.status == 0, "pkttd ends well")
    sys.exit(tap.end())


main()
