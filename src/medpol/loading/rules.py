"""library.yaml: the plan's own rules."""

from medpol.loading.nodes import File, Keys, Node, plain, similar, text_of
from medpol.loading.values import Misfit, fact_value
from medpol.model.facts import DataDictionary
from medpol.model.policy import AUTHORITIES
from medpol.model.rules import Assumption, Layer, LineOfBusiness, PlanRules


def read_rules(file: File, facts: DataDictionary) -> PlanRules:
    """The plan's rules; what cannot be read is left out and reported."""
    keys = Keys(file.root, file.sheet)
    lines = keys.mapping("lines_of_business")
    if lines is None:
        keys.need("lines_of_business")
    assume, signers = keys.mapping("assume"), keys.mapping("signers")
    rules = PlanRules(
        plan=keys.text("plan", required=True),
        notice=keys.text("notice"),
        lines_of_business={name: _line(name, node, file) for name, (_, node) in lines.found.items()} if lines else {},
        assume=_assumptions(assume, facts) if assume else (),
        signer_roles=signers.texts("roles") if signers else (),
        signer_licences=signers.texts("licences") if signers else (),
    )
    if signers:
        signers.close()
    keys.close()
    return rules


def _line(name: str, node: Node, file: File) -> LineOfBusiness:
    keys = Keys(node, file.sheet)
    precedence = keys.need("precedence")
    layers: dict[str, Layer] = {}
    for item in () if precedence is None else keys.items("precedence"):
        layer = _layer(item, file)
        if layer is not None and layer.authority in layers:
            file.sheet.report("MP502", item, f"'{layer.authority}' stands twice")
        elif layer is not None:
            layers[layer.authority] = layer
    note = keys.text("note")
    keys.close()
    return LineOfBusiness(name=name, precedence=tuple(layers.values()), note=note)


def _layer(item: Node, file: File) -> Layer | None:
    """An authority's name, or a mapping with `authority` and `adopted`."""
    if isinstance(item.value, str):
        authority, adopted, where = text_of(item, file.sheet) or "", False, item
    else:
        keys = Keys(item, file.sheet)
        node = keys.need("authority")
        authority, adopted, where = keys.text("authority"), keys.flag("adopted"), node or item
        keys.close()
    if authority not in AUTHORITIES:
        if authority:
            file.sheet.report("MP501", where, f"'{authority}' is no authority{similar(authority, AUTHORITIES)}")
        return None
    return Layer(authority=authority, adopted=adopted)


def _assumptions(keys: Keys, facts: DataDictionary) -> tuple[Assumption, ...]:
    found = []
    for name, (key, node) in keys.found.items():
        one = Keys(node, keys.sheet)
        value_node, because = one.need("value"), one.text("because", required=True)
        one.close()
        fact = facts.get(name)
        if fact is None:
            known = [fact.name for fact in facts]
            keys.sheet.report("MP504", key, f"no fact is called '{name}'{similar(name, known)}")
        elif value_node is not None:
            value = fact_value(fact, plain(value_node, keys.sheet))
            if isinstance(value, Misfit):
                keys.sheet.report("MP505", value_node, value.message)
            else:
                found.append(Assumption(fact=name, value=value, because=because))
    return tuple(found)
