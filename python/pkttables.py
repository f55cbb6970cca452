# SPDX-License-Identifier: BSD-2-Clause
"""The rules of pkttd, from Python: a thin layer over libpkttnetlink.

    import pkttables
    with pkttables.Connection() as nl:
        for obj in nl.rules(family="ipv4", chain="INPUT"):
            print(obj["number"], obj.rule)
        with nl.transaction() as txn:
            txn.append("filter", "INPUT", nl.rule("-p tcp --dport 22 -j ACCEPT"))
        print(nl.describe("match", "tcp")["params"])
        for event in nl.events(rules=True):
            print(event.kind, event)

Nothing here knows any match or target: what there is, pkttd says. Errors are PkttError with a
sentence, and with file, line and column where there is one.
"""
import ctypes
import json
import os
import weakref

__all__ = ["Connection", "Event", "Gap", "Object", "PkttError", "Rule", "Transaction", "Use"]

FAMILIES = {"ipv4": 0, "ipv6": 1, "inet": 2, "arp": 3, "bridge": 4, None: 255}
KINDS = {"head": 0, "match": 1, "target": 2, "set": 3}
VERDICTS = {"ACCEPT": 1, "DROP": 2, "RETURN": 7}

_MESSAGES = (
    "new table", "get table", "delete table", "new chain", "get chain", "delete chain",
    "new rule", "get rule", "delete rule", "move rule", "flush", "zero", "new set", "get set",
    "delete set", "new element", "get element", "delete element", "swap sets", "new extension",
    "get extension", "new generation", "get generation", "new trace", "delete trace", "packet",
    "get history", "new history", "confirm", "rollback", "get stat", "new stat", "get queue",
    "new queue", "log")
_NUMBER = {name: number for number, name in enumerate(_MESSAGES)}

# enum pktt_attr: name -> (number, type)
_ATTRS = {}
for _number, _name in enumerate(
        "table:t chain:t handle:u name:t new_name:t policy:u number:u to_number:u before:u after:u "
        "packets:u bytes:u head: match: target: hook:u priority:s references:u last_hit:u set:t "
        "set_type:t options:t element:e count:u generation:u if_generation:u who:w ext: file:t "
        "line:u column:u length:u text:t time:u flags:u data:d iface:t out_iface:t verdict:u "
        "seconds:u level:u version:t kind:u".split(" "), 1):
    _ATTRS[_name.split(":")[0]] = (_number, _name.split(":")[1])


class _Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("line", ctypes.c_uint32), ("column", ctypes.c_uint32),
                ("length", ctypes.c_uint32), ("command", ctypes.c_uint64),
                ("file", ctypes.c_char * 256), ("text", ctypes.c_char * 240)]


class PkttError(Exception):
    """What was refused, and why: errno, text, file, line, column, command (from 1; 0 = none)."""

    def __init__(self, errno, text, err=None):
        self.errno, self.text = errno, text
        self.file = err.file.decode("utf-8", "replace") if err else ""
        self.line, self.column = (err.line, err.column) if err else (0, 0)
        self.command = err.command if err else 0
        where = ":".join(str(x) for x in (self.file, self.line, self.column) if x)
        super().__init__(f"{where}: {text}" if where else text)


_P, _S, _I, _U = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint
_U32, _U64, _Z = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_size_t
_PP, _E = ctypes.POINTER(_P), ctypes.POINTER(_Error)
_TAKE = ctypes.CFUNCTYPE(_I, _P, _P)
_GAP = ctypes.CFUNCTYPE(None, _P, _U32, _U64)

_CALLS = {  # name: result, arguments; r: an error code that is to be raised
    "open": ("r", _PP, _S, _S, _U, _E), "close": (None, _PP), "fd": (_I, _P),
    "set_timeout": (None, _P, _U), "rights": (_U, _P),
    "generation": ("r", _P, ctypes.POINTER(_U64), _E),
    "catalog_get": ("r", _PP, _P, _E), "catalog_put": (None, _PP),
    "catalog_version": (_S, _P), "catalog_schema": (_I, _P, _S, _Z),
    "ext_next": (_P, _P, _P), "ext_lookup": (_P, _P, _I, _S, _I), "ext_kind": (_I, _P),
    "ext_name": (_S, _P), "ext_json": (_I, _P, _S, _Z), "ext_line": (_I, _P, _S, _Z),
    "ext_help": (_I, _P, _S, _Z),
    "rule_new": ("r", _PP, _P, _I, _E), "rule_free": (None, _PP), "rule_clone": (_I, _PP, _P),
    "rule_parse": ("r", _PP, _P, _I, _S, _E),
    "rule_parse_json": ("r", _PP, _P, _S, _Z, _E), "rule_check": ("r", _P, _E),
    "rule_print": (_I, _P, _S, _Z), "rule_json": (_I, _P, _S, _Z),
    "rule_equal": (ctypes.c_bool, _P, _P), "rule_name": (_S, _P),
    "rule_set_name": ("r", _P, _S, _E), "rule_family": (_I, _P), "rule_handle": (_U64, _P),
    "rule_set": ("r", _P, _S, _S, _S, _E), "rule_set_not": ("r", _P, _S, _S, _S, _E),
    "rule_target": ("r", _P, _S, _E), "rule_jump": ("r", _P, _S, ctypes.c_bool, _E),
    "rule_use": (_P, _P, _I, _U), "rule_uses": (_U, _P, _I),
    "rule_add": ("r", _PP, _P, _I, _S, _E), "use_ext": (_P, _P),
    "use_has": (ctypes.c_bool, _P, _S), "use_is_not": (ctypes.c_bool, _P, _S),
    "use_set": ("r", _P, _S, _S, _E), "use_unset": ("r", _P, _S, _E),
    "use_set_not": ("r", _P, _S, ctypes.c_bool, _E), "use_text": (_I, _P, _S, _S, _Z),
    "use_set_u64": ("r", _P, _S, _S, _U, _U64, _E),
    "use_set_bytes": ("r", _P, _S, _S, _U, _P, _Z, _E),
    "use_set_flag": ("r", _P, _S, ctypes.c_bool, _E), "use_count": (_I, _P, _S),
    "use_u64": (_I, _P, _S, _S, _U, ctypes.POINTER(_U64)),
    "use_bytes": (_I, _P, _S, _S, _U, _P, _Z),
    "object_new": (_I, _PP, _I, _I), "object_free": (None, _PP), "object_clone": (_I, _PP, _P),
    "object_message": (_I, _P), "object_family": (_I, _P),
    "object_has": (ctypes.c_bool, _P, _I), "object_u64": (_U64, _P, _I),
    "object_text": (_S, _P, _I), "object_data": (_P, _P, ctypes.POINTER(_Z)),
    "object_who": (ctypes.c_bool, _P, ctypes.POINTER(_U32), ctypes.POINTER(_U32),
                   ctypes.POINTER(_S)),
    "object_element": (_S, _P, _U), "object_rule": (_P, _P),
    "object_set_u64": (_I, _P, _I, _U64), "object_set_text": (_I, _P, _I, _S),
    "object_set_data": (_I, _P, _P, _Z), "object_add_element": (_I, _P, _S),
    "object_set_rule": (_I, _P, _P), "object_set_flags": (None, _P, ctypes.c_uint16),
    "object_print": (_I, _P, _S, _Z), "object_json": (_I, _P, _S, _Z),
    "request": ("r", _P, _P, _TAKE, _P, _E), "dump": ("r", _P, _P, _TAKE, _P, _E),
    "test_element": ("r", _P, _S, _S, _E), "test_rule": ("r", _P, _S, _S, _P, _E),
    "txn_new": ("r", _PP, _P, _U64, _U, _E), "txn_free": (None, _PP),
    "txn_on_object": (None, _P, _TAKE, _P), "txn_set_confirm": (None, _P, _U32),
    "txn_commit": ("r", _P, ctypes.POINTER(_U64), _E), "txn_errors": (_U, _P),
    "txn_error": (_E, _P, _U), "txn_report": (_I, _P, _S, _Z), "txn_changes": (_U64, _P),
    "txn_add": ("r", _P, _P, _E), "txn_append": ("r", _P, _S, _S, _P, _E),
    "txn_insert": ("r", _P, _S, _S, _U32, _P, _E),
    "txn_insert_before": ("r", _P, _U64, _P, _E), "txn_insert_after": ("r", _P, _U64, _P, _E),
    "txn_replace": ("r", _P, _U64, _P, _E), "txn_move_before": ("r", _P, _U64, _U64, _E),
    "txn_move_after": ("r", _P, _U64, _U64, _E), "txn_delete": ("r", _P, _U64, _E),
    "txn_delete_equal": ("r", _P, _S, _S, _P, _E), "txn_zero_rule": ("r", _P, _U64, _E),
    "txn_new_chain": ("r", _P, _I, _S, _S, _E), "txn_delete_chain": ("r", _P, _I, _S, _S, _E),
    "txn_rename_chain": ("r", _P, _I, _S, _S, _S, _E),
    "txn_policy": ("r", _P, _I, _S, _S, _I, _E), "txn_flush": ("r", _P, _I, _S, _S, _E),
    "txn_zero": ("r", _P, _I, _S, _S, _E), "txn_new_set": ("r", _P, _S, _S, _S, _E),
    "txn_delete_set": ("r", _P, _S, _E), "txn_flush_set": ("r", _P, _S, _E),
    "txn_swap_sets": ("r", _P, _S, _S, _E),
    "txn_add_element": ("r", _P, _S, _S, ctypes.c_bool, _E),
    "txn_delete_element": ("r", _P, _S, _S, ctypes.c_bool, _E),
    "txn_text": ("r", _P, _S, _S, _Z, _I, _U, _E), "txn_file": ("r", _P, _S, _I, _U, _E),
    "txn_words": ("r", _P, _I, _I, ctypes.POINTER(_S), _E),
    "events_new": ("r", _PP, _P, _U, _TAKE, _P, _E), "events_free": (None, _PP),
    "events_on_gap": (None, _P, _GAP, _P), "events_fd": (_I, _P),
    "events_run": ("r", _P, _I, _E), "events_trace": ("r", _P, _S, _U32, _E),
    "events_set_room": ("r", _P, _U32, _E),
    "confirm": ("r", _P, _E), "rollback": ("r", _P, _U64, _E), "stat": ("r", _P, _S, _Z, _E),
    "packet": ("r", _P, _S, _P, _Z, _TAKE, _P, _E),
}


def _load():
    path = os.environ.get("PKTT_LIBPKTTNETLINK") or "libpkttnetlink.so.0"
    lib = ctypes.CDLL(path)
    for name, (result, *args) in _CALLS.items():
        call = getattr(lib, "pkttnl_" + name)
        call.argtypes, call.restype = args, _I if result == "r" else result
    return lib


_lib = _load()


def _bytes(text):
    return None if text is None else text.encode() if isinstance(text, str) else bytes(text)


def _text(raw):
    return raw.decode("utf-8", "surrogateescape") if raw is not None else None


def _call(name, *args):
    """Call a function that takes err last; its result, or PkttError."""
    err = _Error()
    result = getattr(_lib, "pkttnl_" + name)(*args, ctypes.byref(err))
    if result < 0:
        raise PkttError(-result, _text(err.text) or os.strerror(-result), err)
    return result


def _must(result):
    if result < 0:
        raise PkttError(-result, os.strerror(-result))
    return result


def _written(name, *args):
    """The text of a function that writes into a buffer."""
    room = 512
    while True:
        buf = ctypes.create_string_buffer(room)
        length = _must(getattr(_lib, "pkttnl_" + name)(*args, buf, room))
        if length < room:
            return _text(buf.value)
        room = length + 1


def _family(family):
    if family not in FAMILIES:
        raise ValueError(f"there is no family {family!r}")
    return FAMILIES[family]


class _Owned:
    """Something of the library's that is freed when nobody has it any more."""
    _free = ""

    def __init__(self, ptr):
        self._ptr = ptr

    def close(self):
        """Free it now."""
        if getattr(self, "_ptr", None) and self._ptr.value:
            getattr(_lib, "pkttnl_" + self._free)(ctypes.byref(self._ptr))

    def __del__(self):
        if _lib is not None:  # the interpreter may be ending
            self.close()


class Use:
    """One head, match or target of a rule: its options by name."""

    def __init__(self, rule, ptr):
        self._rule, self._ptr = rule, ptr

    @property
    def name(self):
        """Name of the extension, as after -m or -j."""
        return _text(_lib.pkttnl_ext_name(_lib.pkttnl_use_ext(self._ptr)))

    def __contains__(self, option):
        return _lib.pkttnl_use_has(self._ptr, _bytes(option))

    def __getitem__(self, option):
        """The value's text, as a command line has it. KeyError where there is none."""
        if _lib.pkttnl_use_text(self._ptr, _bytes(option), None, 0) < 0:
            raise KeyError(option)
        return _written("use_text", self._ptr, _bytes(option))

    def __setitem__(self, option, value):
        """Text, a number, bytes (an address), a bool (a flag), or a list of numbers."""
        name = _bytes(option)
        if isinstance(value, bool):
            _call("use_set_flag", self._ptr, name, value)
        elif isinstance(value, int):
            _call("use_set_u64", self._ptr, name, None, 0, value)
        elif isinstance(value, (bytes, bytearray)):
            raw = bytes(value)
            _call("use_set_bytes", self._ptr, name, None, 0, raw, len(raw))
        elif isinstance(value, (list, tuple)):
            _call("use_unset", self._ptr, name)
            for at, one in enumerate(value):
                _call("use_set_u64", self._ptr, name, None, at, one)
        else:
            _call("use_set", self._ptr, name, _bytes(value))

    def __delitem__(self, option):
        _call("use_unset", self._ptr, _bytes(option))

    def number(self, option, part=None, at=0):
        """A number of the value: of its part ("min"), of element at of a list."""
        ret = _U64()
        _must(_lib.pkttnl_use_u64(self._ptr, _bytes(option), _bytes(part), at, ctypes.byref(ret)))
        return ret.value

    def is_not(self, option):
        """Whether the option stands behind "!"."""
        return _lib.pkttnl_use_is_not(self._ptr, _bytes(option))

    def negate(self, option, on=True):
        """Turn "!" on or off of an option that was given."""
        _call("use_set_not", self._ptr, _bytes(option), on)


class Rule(_Owned):
    """A rule: made from text, JSON or option by option, whatever extensions pkttd has."""
    _free = "rule_free"

    def set(self, ext, option, value=None, negated=False):
        """Set an option: rule.set("tcp", "dport", "80"). ext None is the head (-s, -p ...)."""
        name = "rule_set_not" if negated else "rule_set"
        _call(name, self._ptr, _bytes(ext), _bytes(option),
              None if value is None else _bytes(str(value)))
        return self

    def add(self, kind, name):
        """Append a "match" or "target"; the Use."""
        use = _P()
        _call("rule_add", ctypes.byref(use), self._ptr, KINDS[kind], _bytes(name))
        return Use(self, use.value)

    def target(self, name):
        """Append a target to those that run in order."""
        _call("rule_target", self._ptr, _bytes(name))
        return self

    def jump(self, chain, goto=False):
        """Append a jump to a chain."""
        _call("rule_jump", self._ptr, _bytes(chain), goto)
        return self

    def _uses(self, kind):
        count = _lib.pkttnl_rule_uses(self._ptr, KINDS[kind])
        return [Use(self, _lib.pkttnl_rule_use(self._ptr, KINDS[kind], i)) for i in range(count)]

    @property
    def head(self):
        """The plain conditions of the family."""
        return self._uses("head")[0]

    @property
    def matches(self):
        """The matches, in order."""
        return self._uses("match")

    @property
    def targets(self):
        """The targets, in order."""
        return self._uses("target")

    def check(self):
        """Raise PkttError where the rule is not good; fill in defaults."""
        _call("rule_check", self._ptr)
        return self

    @property
    def name(self):
        """The rule's name, "" for none."""
        return _text(_lib.pkttnl_rule_name(self._ptr))

    @name.setter
    def name(self, name):
        _call("rule_set_name", self._ptr, _bytes(name))

    @property
    def family(self):
        """ "ipv4", "ipv6", "inet", "arp" or "bridge" """
        number = _lib.pkttnl_rule_family(self._ptr)
        return next(name for name, n in FAMILIES.items() if n == number)

    @property
    def handle(self):
        """The rule's number for life, 0 for one that is not in pkttd yet."""
        return _lib.pkttnl_rule_handle(self._ptr)

    def __str__(self):
        return _written("rule_print", self._ptr)

    def json(self):
        """The rule as the schema has it."""
        return json.loads(_written("rule_json", self._ptr))

    def __eq__(self, other):
        return isinstance(other, Rule) and _lib.pkttnl_rule_equal(self._ptr, other._ptr)

    __hash__ = None


class Object(_Owned):
    """What travels: a rule in its chain, a chain, a table, a set, elements, an event.

    obj.kind says what it is ("new rule"); obj["chain"], obj["handle"] ... are its attributes, of
    the names in pktt/wire.h in small letters; KeyError where it has none.
    """
    _free = "object_free"

    @classmethod
    def new(cls, kind, family=None, **attributes):
        """A request or a change: Object.new("get rule", "ipv4", table="filter")."""
        ptr = _P()
        _must(_lib.pkttnl_object_new(ctypes.byref(ptr), _NUMBER[kind], _family(family)))
        obj = cls(ptr)
        for name, value in attributes.items():
            if value is not None:
                obj[name] = value
        return obj

    @property
    def kind(self):
        """ "new rule", "delete chain" ... """
        number = _lib.pkttnl_object_message(self._ptr)
        return _MESSAGES[number] if number < len(_MESSAGES) else f"message {number}"

    @property
    def family(self):
        """The family, None for any."""
        number = _lib.pkttnl_object_family(self._ptr)
        return next((name for name, n in FAMILIES.items() if n == number), None)

    def __contains__(self, name):
        return name in _ATTRS and _lib.pkttnl_object_has(self._ptr, _ATTRS[name][0])

    def __getitem__(self, name):
        if name not in self:
            raise KeyError(name)
        number, kind = _ATTRS[name]
        if kind == "t":
            return _text(_lib.pkttnl_object_text(self._ptr, number))
        if kind == "u":
            return _lib.pkttnl_object_u64(self._ptr, number)
        if kind == "s":
            return ctypes.c_int64(_lib.pkttnl_object_u64(self._ptr, number)).value
        if kind == "e":
            return self.elements
        if kind == "d":
            length = _Z()
            data = _lib.pkttnl_object_data(self._ptr, ctypes.byref(length))
            return ctypes.string_at(data, length.value) if data else b""
        if kind == "w":
            return self.who
        raise KeyError(name)

    def __setitem__(self, name, value):
        number, kind = _ATTRS[name]
        if kind == "t":
            _must(_lib.pkttnl_object_set_text(self._ptr, number, _bytes(value)))
        elif kind in "us" and kind:
            _must(_lib.pkttnl_object_set_u64(self._ptr, number, value & (1 << 64) - 1))
        elif kind == "d":
            _must(_lib.pkttnl_object_set_data(self._ptr, bytes(value), len(value)))
        elif kind == "e":
            for one in [value] if isinstance(value, str) else value:
                _must(_lib.pkttnl_object_add_element(self._ptr, _bytes(one)))
        else:
            raise KeyError(name)

    def get(self, name, default=None):
        """obj[name], or default."""
        return self[name] if name in self else default

    @property
    def elements(self):
        """Elements of a set, as ipset writes them."""
        found, at = [], 0
        while (one := _lib.pkttnl_object_element(self._ptr, at)) is not None:
            found.append(_text(one))
            at += 1
        return found

    @property
    def who(self):
        """Who made the change: {"uid", "pid", "program"}, or None."""
        uid, pid, program = _U32(), _U32(), _S()
        if not _lib.pkttnl_object_who(self._ptr, ctypes.byref(uid), ctypes.byref(pid),
                                      ctypes.byref(program)):
            return None
        return {"uid": uid.value, "pid": pid.value, "program": _text(program.value)}

    @property
    def rule(self):
        """The Rule, if it has one; a copy. None."""
        ptr, copy = _lib.pkttnl_object_rule(self._ptr), _P()
        if not ptr:
            return None
        _must(_lib.pkttnl_rule_clone(ctypes.byref(copy), ptr))
        return Rule(copy)

    @rule.setter
    def rule(self, rule):
        _must(_lib.pkttnl_object_set_rule(self._ptr, rule._ptr))

    def set_flags(self, flags):
        """NLM_F_*, where pktt/wire.h says that they mean something."""
        _lib.pkttnl_object_set_flags(self._ptr, flags)

    def __str__(self):
        """A line of native rule text."""
        return _written("object_print", self._ptr)

    def json(self):
        """The object as the schema has it, with what else it says."""
        return json.loads(_written("object_json", self._ptr))


Event = Object


class Gap:
    """In place of events that were lost, because this program was too slow."""
    kind = "gap"

    def __init__(self, group, lost):
        self.group, self.lost = group, lost

    def __str__(self):
        return f"{self.lost} events of group {self.group} were lost"


def _copy(ptr):
    copy = _P()
    _must(_lib.pkttnl_object_clone(ctypes.byref(copy), ptr))
    return Object(copy)


class _Taker:
    """A callback that hands copies of objects to fn; its exceptions come out of the call."""

    def __init__(self, function):
        self.function, self.error = function, None
        self.callback = _TAKE(self._take)

    def _take(self, _ctx, ptr):
        try:
            self.function(_copy(ptr))
        except BaseException as error:  # pylint: disable=broad-except
            self.error = error
            return 1
        return 0

    def reraise(self):
        """What function raised."""
        if self.error:
            raise self.error


class Transaction(_Owned):
    """Any number of changes that become visible at one instant, or not at all.

    As a context manager it commits at the end, unless an exception comes out of it. After that,
    .generation is the new one, and with echo=True .made has the Objects that were made, with
    their handles.
    """
    _free = "txn_free"

    def __init__(self, connection, if_generation=0, echo=False, each=False, confirm=0):
        super().__init__(_P())
        connection._children.add(self)
        self._connection, self.generation, self.made = connection, None, []
        self._taker = _Taker(self.made.append)
        _call("txn_new", ctypes.byref(self._ptr), connection._ptr, if_generation,
              (1 if each else 0) | (2 if echo else 0))
        if echo:
            _lib.pkttnl_txn_on_object(self._ptr, self._taker.callback, None)
        if confirm:
            _lib.pkttnl_txn_set_confirm(self._ptr, confirm)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.commit()
        finally:
            self.close()

    def commit(self):
        """End it; the new generation. PkttError: nothing was applied; errors() has all reasons."""
        generation = _U64()
        _call("txn_commit", self._ptr, ctypes.byref(generation))
        self._taker.reraise()
        self.generation = generation.value
        return self.generation

    def errors(self):
        """All errors, as PkttError; at most 20."""
        found = []
        for i in range(min(_lib.pkttnl_txn_errors(self._ptr), 20)):
            err = _lib.pkttnl_txn_error(self._ptr, i).contents
            found.append(PkttError(-err.code, _text(err.text), err))
        return found

    def report(self):
        """All errors as people read them, with the lines of the texts and carets."""
        return _written("txn_report", self._ptr)

    @property
    def changes(self):
        """How many changes were added."""
        return _lib.pkttnl_txn_changes(self._ptr)

    def add(self, change):
        """Any change, as an Object."""
        _call("txn_add", self._ptr, change._ptr)

    def append(self, table, chain, rule):
        """Append a rule to a chain."""
        _call("txn_append", self._ptr, _bytes(table), _bytes(chain), rule._ptr)

    def insert(self, table, chain, rule, number=1):
        """Insert a rule, which becomes the number-th."""
        _call("txn_insert", self._ptr, _bytes(table), _bytes(chain), number, rule._ptr)

    def insert_before(self, handle, rule):
        """Insert a rule before that of handle."""
        _call("txn_insert_before", self._ptr, handle, rule._ptr)

    def insert_after(self, handle, rule):
        """Insert a rule after that of handle."""
        _call("txn_insert_after", self._ptr, handle, rule._ptr)

    def replace(self, handle, rule):
        """Put a rule in the place of another."""
        _call("txn_replace", self._ptr, handle, rule._ptr)

    def move(self, handle, before=0, after=0):
        """Move a rule; counters and handle stay."""
        _call("txn_move_after" if after else "txn_move_before", self._ptr, handle, after or before)

    def delete(self, handle):
        """Delete the rule of that handle."""
        _call("txn_delete", self._ptr, handle)

    def delete_equal(self, table, chain, rule):
        """Delete the first rule of the chain that is equal, as -D does."""
        _call("txn_delete_equal", self._ptr, _bytes(table), _bytes(chain), rule._ptr)

    def new_chain(self, table, chain, family="ipv4"):
        """Make a chain."""
        _call("txn_new_chain", self._ptr, _family(family), _bytes(table), _bytes(chain))

    def delete_chain(self, table, chain=None, family="ipv4"):
        """Delete a chain; without a name all that are empty and unused."""
        _call("txn_delete_chain", self._ptr, _family(family), _bytes(table), _bytes(chain))

    def rename_chain(self, table, chain, name, family="ipv4"):
        """Rename a chain."""
        _call("txn_rename_chain", self._ptr, _family(family), _bytes(table), _bytes(chain),
              _bytes(name))

    def policy(self, table, chain, policy, family="ipv4"):
        """Set a base chain's policy, "ACCEPT" or "DROP"."""
        _call("txn_policy", self._ptr, _family(family), _bytes(table), _bytes(chain),
              VERDICTS[policy])

    def flush(self, table, chain=None, family="ipv4"):
        """Delete the rules of a chain, or of the table."""
        _call("txn_flush", self._ptr, _family(family), _bytes(table), _bytes(chain))

    def zero(self, table, chain=None, family="ipv4"):
        """Set counters to 0."""
        _call("txn_zero", self._ptr, _family(family), _bytes(table), _bytes(chain))

    def new_set(self, name, kind, options=""):
        """Make a set: new_set("s", "hash:ip", "timeout 60")."""
        _call("txn_new_set", self._ptr, _bytes(name), _bytes(kind), _bytes(options))

    def delete_set(self, name):
        """Delete a set."""
        _call("txn_delete_set", self._ptr, _bytes(name))

    def flush_set(self, name):
        """Empty a set."""
        _call("txn_flush_set", self._ptr, _bytes(name))

    def swap_sets(self, name, other):
        """Let two sets change places."""
        _call("txn_swap_sets", self._ptr, _bytes(name), _bytes(other))

    def add_element(self, name, element, exist=False):
        """Add an element, "192.0.2.1 timeout 60". exist: it may be there already."""
        _call("txn_add_element", self._ptr, _bytes(name), _bytes(element), exist)

    def delete_element(self, name, element, exist=False):
        """Delete an element. exist: it need not be there."""
        _call("txn_delete_element", self._ptr, _bytes(name), _bytes(element), exist)

    @staticmethod
    def _flags(native, flush, counters, document=False):
        return native * 1 | document * 2 | (not flush) * 4 | counters * 8

    def text(self, text, family="ipv4", name="text", native=False, flush=True, counters=False):
        """Add all that a rule text says (iptables-save of a family, or native)."""
        raw = _bytes(text)
        _call("txn_text", self._ptr, _bytes(name), raw, len(raw), _family(family),
              self._flags(native, flush, counters))

    def json(self, document, flush=True, counters=False):
        """Add all that a JSON document says, as text or as Python objects."""
        raw = _bytes(document if isinstance(document, (str, bytes)) else json.dumps(document))
        _call("txn_text", self._ptr, b"json", raw, len(raw), 0,
              self._flags(True, flush, counters, True))

    def file(self, path, family="ipv4", native=True, flush=True, counters=False):
        """Add all that a rule file says."""
        _call("txn_file", self._ptr, _bytes(path), _family(family),
              self._flags(native, flush, counters))

    def words(self, *words, family="ipv4"):
        """One command as on iptables' command line: words("-A", "INPUT", "-j", "DROP")."""
        array = (_S * len(words))(*[_bytes(w) for w in words])
        _call("txn_words", self._ptr, _family(family), len(words), array)


class Connection(_Owned):
    """A connection to pkttd."""
    _free = "close"

    def __init__(self, path=None, program=None, view=False):
        super().__init__(_P())
        self._catalog, self._children = _P(), weakref.WeakSet()
        _call("open", ctypes.byref(self._ptr), _bytes(path), _bytes(program), 1 if view else 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the connection, and what stands on it: transactions, events."""
        for child in list(getattr(self, "_children", ())):
            child.close()
        if getattr(self, "_catalog", None) and self._catalog.value:
            _lib.pkttnl_catalog_put(ctypes.byref(self._catalog))
        super().close()

    @property
    def catalog(self):
        """The library's pointer to the catalog, fetched on first need."""
        if not self._catalog.value:
            _call("catalog_get", ctypes.byref(self._catalog), self._ptr)
        return self._catalog

    @property
    def generation(self):
        """The number of the current generation."""
        ret = _U64()
        _call("generation", self._ptr, ctypes.byref(ret))
        return ret.value

    # --- What there is

    def extensions(self):
        """(kind, name) of every head, match, target and type of sets."""
        names, ext = {number: name for name, number in KINDS.items()}, None
        while ext := _lib.pkttnl_ext_next(self.catalog, ext):
            yield names[_lib.pkttnl_ext_kind(ext)], _text(_lib.pkttnl_ext_name(ext))

    def _ext(self, kind, name, family):
        ext = _lib.pkttnl_ext_lookup(self.catalog, KINDS[kind], _bytes(name), _family(family))
        if not ext:
            raise KeyError(f"{kind} {name}")
        return ext

    def describe(self, kind, name, family=None):
        """All that is known of an extension, as objects of JSON."""
        return json.loads(_written("ext_json", self._ext(kind, name, family)))

    def help(self, kind, name, family=None):
        """The same for people."""
        return _written("ext_help", self._ext(kind, name, family))

    def schema(self):
        """The JSON Schema of documents."""
        return json.loads(_written("catalog_schema", self.catalog))

    # --- Rules

    def rule(self, text=None, family="ipv4"):
        """A Rule from text ("-p tcp -j ACCEPT"), from JSON (a dict), or an empty one."""
        ptr = _P()
        if isinstance(text, dict):
            raw = _bytes(json.dumps(text))
            _call("rule_parse_json", ctypes.byref(ptr), self.catalog, raw, len(raw))
        elif text is None:
            _call("rule_new", ctypes.byref(ptr), self.catalog, _family(family))
        else:
            _call("rule_parse", ctypes.byref(ptr), self.catalog, _family(family), _bytes(text))
        return Rule(ptr)

    def request(self, obj):
        """Ask, or carry out one change; the Objects of the answer."""
        return self._ask("request", obj)

    def dump(self, obj):
        """List all that the request fits."""
        return self._ask("dump", obj)

    def _ask(self, call, obj):
        found = []
        taker = _Taker(found.append)
        _call(call, self._ptr, obj._ptr, taker.callback, None)
        taker.reraise()
        return found

    def rules(self, family=None, table=None, chain=None):
        """The rules, as Objects: .rule, ["number"], ["handle"], ["packets"] ..."""
        return self.dump(Object.new("get rule", family, table=table, chain=chain))

    def chains(self, family=None, table=None):
        """The chains."""
        return self.dump(Object.new("get chain", family, table=table))

    def tables(self, family=None):
        """The tables."""
        return self.dump(Object.new("get table", family))

    def sets(self):
        """The sets."""
        return self.dump(Object.new("get set"))

    def elements(self, name):
        """The elements of a set, as ipset writes them."""
        return [e for obj in self.dump(Object.new("get element", set=name)) for e in obj.elements]

    def test_element(self, name, element):
        """Whether a set has an element."""
        return _call("test_element", self._ptr, _bytes(name), _bytes(element)) == 1

    def test_rule(self, table, chain, rule):
        """Whether a chain has an equal rule, as -C asks."""
        return _call("test_rule", self._ptr, _bytes(table), _bytes(chain), rule._ptr) == 1

    def transaction(self, **options):
        """A Transaction: if_generation=N, echo=True, each=True, confirm=SECONDS."""
        return Transaction(self, **options)

    def add(self, table, chain, rule):
        """Append one rule; its handle."""
        with self.transaction(echo=True) as txn:
            txn.append(table, chain, rule if isinstance(rule, Rule) else self.rule(rule))
        return next((obj["handle"] for obj in txn.made if "handle" in obj), 0)

    def delete(self, handle):
        """Delete one rule."""
        with self.transaction() as txn:
            txn.delete(handle)

    # --- Events

    def events(self, rules=True, elements=False, trace=None, log=False, timeout=None):
        """Iterate over Events and Gaps as they come; ends after timeout seconds without any.

        trace: a filter of packets whose steps are told ("tcp dport 22"). The subscription begins
        with this call, not with the first event that is asked for.
        """
        return _Events(self, rules * 1 | elements * 2 | (trace is not None) * 4 | log * 8, trace,
                       timeout)

    # --- The daemon

    def history(self):
        """What was committed, as Objects."""
        return self.dump(Object.new("get history"))

    def queues(self):
        """Queues of packets: who listens, lengths, losses."""
        return self.dump(Object.new("get queue"))

    def confirm(self):
        """Keep what was committed with a timer."""
        _call("confirm", self._ptr)

    def rollback(self, generation=0):
        """Back to a generation's content, or to what was before the last change."""
        _call("rollback", self._ptr, generation)

    def metrics(self):
        """What pkttd counts, as OpenMetrics text."""
        room = 1 << 16
        while True:
            buf = ctypes.create_string_buffer(room)
            length = _call("stat", self._ptr, buf, room)
            if length < room:
                return _text(buf.value)
            room = 2 * length

    def packet(self, iface, frame):
        """Let pkttd judge an Ethernet frame now; the Objects of the answer."""
        found = []
        taker = _Taker(found.append)
        _call("packet", self._ptr, _bytes(iface), bytes(frame), len(frame), taker.callback, None)
        taker.reraise()
        return found


class _Events(_Owned):
    """The iterator of Connection.events(); has fileno() for select."""
    _free = "events_free"

    def __init__(self, connection, which, trace, timeout):
        super().__init__(_P())
        connection._children.add(self)
        self._waiting, self.timeout = [], timeout
        self._taker = _Taker(self._waiting.append)
        self._gap = _GAP(lambda _ctx, group, lost: self._waiting.append(Gap(group, lost)))
        _call("events_new", ctypes.byref(self._ptr), connection._ptr, which, self._taker.callback,
              None)
        _lib.pkttnl_events_on_gap(self._ptr, self._gap, None)
        if trace is not None:
            _call("events_trace", self._ptr, _bytes(trace), 0)

    def fileno(self):
        """The descriptor, which is readable when there are events."""
        return _lib.pkttnl_events_fd(self._ptr)

    def __iter__(self):
        return self

    def __next__(self):
        if not self._waiting:
            wait = -1 if self.timeout is None else int(self.timeout * 1000)
            _call("events_run", self._ptr, wait)
            self._taker.reraise()
        if not self._waiting:
            raise StopIteration
        return self._waiting.pop(0)
