#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An extension that is written only now, used by a pktt and a Python module that were built before it. TAP.

A match with options of many types and a target are compiled here, as a shared object from the installed header
alone; pkttd is started with it; then pktt and pkttables.py list, describe, parse, check, print, send and show
them. usage: forward.py ROOT BUILD CC
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import daemon  # noqa: E402
from pkttd import Tap  # noqa: E402

ROOT, BUILD, CC = sys.argv[1:4]
daemon.loads_library(BUILD)
os.environ["PKTT_LIBPKTTNETLINK"] = f"{BUILD}/src/libpkttnetlink/libpkttnetlink.so.0"
sys.path.insert(0, f"{ROOT}/python")

SOURCE = r"""
#include <pktt/ext.h>

struct weather_args {
	struct pktt_args head;
	struct pktt_prefix region;
	struct pktt_range16 wind;
	uint8_t sky;
	uint32_t gusts;
	bool dry;
	char station[24];
	struct pktt_port_list hours;
	struct pktt_rate rain;
};

enum { REGION, WIND, SKY, GUSTS, DRY, WET, STATION, HOURS, RAIN };

static const struct pktt_symbol skies[] = {
	{ "clear", 1 }, { "cloudy", 2 }, { "overcast", 3 }, { 0 }
};

static const struct pktt_param params[] = {
	[REGION] = { .name = "region", .help = "where the packet comes from",
		     PKTT_STORE(struct weather_args, region, prefix), .flags = PKTT_NEGATABLE },
	[WIND] = { .name = "wind", .aliases = "breeze", .help = "strength of the wind",
		   PKTT_STORE(struct weather_args, wind, range16), .max = 300,
		   .flags = PKTT_NEGATABLE },
	[SKY] = { .name = "sky", .help = "what is seen above", PKTT_STORE(struct weather_args, sky, enum8),
		  .symbols = skies, .flags = PKTT_REQUIRED },
	[GUSTS] = { .name = "gusts", .help = "how many", PKTT_STORE(struct weather_args, gusts, u32),
		    .def = "3", .min = 1, .max = 9 },
	[DRY] = { .name = "dry", .help = "no rain", PKTT_STORE(struct weather_args, dry, flag),
		  .excludes = 1 << RAIN },
	[WET] = { .name = "storm", .help = "a strong wind", .preset = "100:300", PKTT_SAME_AS(WIND) },
	[STATION] = { .name = "station", .help = "who says so",
		      PKTT_STORE_TEXT(struct weather_args, station) },
	[HOURS] = { .name = "hours", .help = "when", PKTT_STORE(struct weather_args, hours, port_list) },
	[RAIN] = { .name = "rain", .help = "how much", PKTT_STORE(struct weather_args, rain, rate) },
};

static enum pktt_hit weather_match(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)state;
	return pktt_given(args, DRY) ? PKTT_HIT : PKTT_MISS;
}

static const struct pktt_match weather = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "weather",
		.summary = "the weather where the packet was sent",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_HOST,
		PKTT_PARAMS(params, struct weather_args),
	},
	.match = weather_match,
};

struct umbrella_args {
	struct pktt_args head;
	uint32_t size;
	struct pktt_mac maker;
};

static const struct pktt_param umbrella_params[] = {
	{ .name = "size", .help = "its width", PKTT_STORE(struct umbrella_args, size, hex32),
	  .flags = PKTT_REQUIRED },
	{ .name = "maker", .help = "who made it", PKTT_STORE(struct umbrella_args, maker, mac) },
};

static enum pktt_verdict umbrella_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)state;
	pktt_packet_set_mark(pkt, ((const struct umbrella_args *)args)->size);
	return PKTT_CONTINUE;
}

static const struct pktt_target umbrella = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "UMBRELLA",
		.summary = "keep the packet dry",
		.families = PKTT_FAM_IP,
		.tables = "mangle filter",
		.reads = PKTT_READS_MARK,
		PKTT_PARAMS(umbrella_params, struct umbrella_args),
	},
	.run = umbrella_run,
};

static const struct pktt_match *const matches[] = { &weather, NULL };
static const struct pktt_target *const targets[] = { &umbrella, NULL };

__attribute__((visibility("default"))) const struct pktt_plugin pktt_plugin = {
	PKTT_EXT_VERSION, matches, targets
};
"""

RULE = ("-s 10.0.0.0/8 -m weather ! --region 192.0.2.0/24 --wind 5:12 --sky cloudy --gusts 9 --station "
        "\"north pole\" --hours 8,20:23 --rain 5/min -j UMBRELLA --size 0x20 --maker 02:00:00:00:00:07")

tap = Tap()
ok = tap.ok


def refused(pkttables, call):
    try:
        call()
    except pkttables.PkttError as error:
        return error.text
    return ""


def python_part(pkttd):
    import pkttables
    nl = pkttables.Connection(pkttd.socket)
    there = set(nl.extensions())
    ok({("match", "weather"), ("target", "UMBRELLA")} <= there, "Python: they are listed", there)
    about = nl.describe("match", "weather")
    by_name = {p["name"]: p for p in about["params"]}
    ok(about["help"] == "the weather where the packet was sent", "Python: described", about)
    ok([v["v"] for v in by_name["sky"]["values"]] == ["clear", "cloudy", "overcast"] and
       by_name["gusts"]["default"] == "3" and by_name["gusts"]["max"] == 9 and
       by_name["sky"]["required"] and by_name["wind"]["aliases"] == ["breeze"] and
       by_name["storm"]["same_as"] == "wind" and by_name["dry"]["excludes"] == ["rain"],
       "Python: with values, bounds, defaults, aliases", about)
    ok("who made it" in nl.help("target", "UMBRELLA"), "Python: help")
    rule = nl.rule(RULE)
    ok(str(rule) == RULE, "Python: parsed and printed", rule)
    built = nl.rule()
    built.head["source"] = "10.0.0.0/8"
    weather = built.add("match", "weather")
    weather["region"] = "192.0.2.0/24"
    weather.negate("region")
    weather["wind"] = "5:12"
    weather["sky"] = 2
    weather["gusts"] = 9
    weather["station"] = "north pole"
    weather["hours"] = [8]
    weather["hours"] = "8,20:23"
    weather["rain"] = "5/minute"
    umbrella = built.add("target", "UMBRELLA")
    umbrella["size"] = 0x20
    umbrella["maker"] = bytes([2, 0, 0, 0, 0, 7])
    ok(built.check() == rule and str(built) == RULE, "Python: built from values", built)
    ok(nl.rule(rule.json()) == rule, "Python: JSON and back", rule.json())
    ok(weather.number("hours", "max", 1) == 23 and weather["sky"] == "cloudy" and
       weather.is_not("region"), "Python: values are read")
    for text, sentence in (
            ("-m weather --sky green -j ACCEPT", "green"),
            ("-m weather -j ACCEPT", "needs --sky"),
            ("-m weather --sky clear --gusts 10", "outside 1 to 9"),
            ("-m weather --sky clear --dry --rain 1/s", "must not stand beside"),
            ("-m weather --sky clear --wnd 5", "did you mean --wind"),
            ("-m wether --sky clear", "did you mean weather")):
        said = refused(pkttables, lambda line=text: nl.rule(line))
        ok(sentence in said, f"Python: refused: {text}", said)
    events = nl.events(timeout=60)
    handle = nl.add("filter", "FORWARD", rule)
    shown = [obj for obj in nl.rules(chain="FORWARD") if obj.rule == rule]
    ok(handle and len(shown) == 1 and str(shown[0].rule) == RULE and shown[0]["handle"] == handle,
       "Python: sent, and shown", [str(o) for o in nl.rules()])
    event = next((e for e in events if e.kind == "new rule"), None)
    ok(event is not None and event.rule == rule, "Python: told as an event", event)
    ok(nl.test_rule("filter", "FORWARD", rule), "Python: found again by its contents")
    said = refused(pkttables, lambda: nl.add("nat", "PREROUTING", nl.rule("-j UMBRELLA --size 1")))
    ok("UMBRELLA" in said, "Python: what pkttd alone can know is refused by it", said)
    return nl, handle, rule


def pktt(pkttd, *words):
    done = subprocess.run([f"{BUILD}/pktt", *words], text=True, capture_output=True, check=False,
                          env=pkttd.environment(), timeout=60)
    return done.returncode, done.stdout, done.stderr


def pktt_part(pkttd, nl, rule):
    status, out, err = pktt(pkttd, "-S", "FORWARD")
    ok(status == 0 and RULE in out, "pktt: shown by -S", out + err)
    status, out, err = pktt(pkttd, "-C", "FORWARD", *[w.strip('"') for w in split(RULE)])
    ok(status == 0, "pktt: parsed, and found by -C", out + err)
    status, out, err = pktt(pkttd, "-A", "INPUT", "-m", "weather", "--sky", "clear", "--storm", "-j",
                            "UMBRELLA", "--size", "7")
    ok(status == 0, "pktt: sent by -A", out + err)
    status, out, err = pktt(pkttd, "-S", "INPUT")
    ok("--wind 100:300" in out, "pktt: a synonym became what it stands for", out + err)
    status, out, err = pktt(pkttd, "-A", "INPUT", "-m", "weather", "--sky", "green")
    ok(status == 2 and "green" in err, "pktt: refused on the command line", (status, out, err))
    status, out, err = pktt(pkttd, "--json", "-L", "FORWARD")
    ok(status == 0 and '"station":"north pole"' in out.replace('": "', '":"'), "pktt: as JSON", out + err)
    status, out, err = pktt(pkttd, "describe", "weather")
    ok(status == 0 and "the weather where the packet was sent" in out, "pktt: described", out + err)
    status, out, err = pktt(pkttd, "modules", "--json")
    ok(status == 0 and {"weather", "UMBRELLA"} <= {m["name"] for m in json.loads(out or "[]")},
       "pktt: listed", err)


def split(line):
    import shlex
    return shlex.split(line)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        plugins = pathlib.Path(folder) / "plugins"
        plugins.mkdir()
        (plugins / "weather.c").write_text(SOURCE, encoding="utf-8")
        subprocess.run([*CC.split(), "-shared", "-fPIC", "-Wall", "-Werror", "-I", f"{ROOT}/include",
                        "-o", plugins / "weather.so", plugins / "weather.c"], check=True,
                       env=daemon.own_environment())
        os.chmod(plugins / "weather.so", 0o644)
        with daemon.Pkttd(BUILD, folder, plugins=plugins) as pkttd:
            nl, _, rule = python_part(pkttd)
            pktt_part(pkttd, nl, rule)
            nl.close()
        ok(pkttd.status == 0, "pkttd ends well", (pathlib.Path(folder) / "log").read_text())
    sys.exit(tap.end())


main()
