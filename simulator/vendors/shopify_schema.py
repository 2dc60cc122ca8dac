"""The schema of the simulated shop, and its comparison with the vendor's own (see shopify_schema.graphql).

    python -m simulator.vendors.shopify_schema admin_2026-10.json.gz

prints every difference and ends with 1 if there is one.
"""

import gzip
import json
import sys
from functools import cache
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

_SDL = Path(__file__).with_suffix(".graphql")
_SIMPLIFIED = {"CurrencyCode"}  # an enum at the vendor, a scalar here


@cache
def schema() -> GraphQLSchema:
    return build_schema(_SDL.read_text())


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    """What `ours` says that `theirs` does not: names, arguments, types with their nullability, enum values."""
    found = []
    for name, ours_type in ours.type_map.items():
        if is_introspection_type(ours_type) or is_specified_scalar_type(ours_type) or name in _SIMPLIFIED:
            continue
        their_type = theirs.type_map.get(name)
        if type(their_type) is not type(ours_type):
            found.append(f"{name}: {type(ours_type).__name__} here, {type(their_type).__name__} there")
        elif isinstance(ours_type, GraphQLEnumType):
            found += [f"{name}.{value}: not there" for value in ours_type.values if value not in their_type.values]
        elif isinstance(ours_type, GraphQLObjectType | GraphQLInterfaceType):
            found += _field_differences(name, ours_type, their_type)
    return found


def _field_differences(name: str, ours_type, their_type) -> list[str]:
    found = []
    missing = {each.name for each in ours_type.interfaces} - {each.name for each in their_type.interfaces}
    found += [f"{name}: does not implement {each}" for each in sorted(missing)]
    for field_name, field in ours_type.fields.items():
        where, their_field = f"{name}.{field_name}", their_type.fields.get(field_name)
        if their_field is None:
            found.append(f"{where}: not there")
            continue
        if str(field.type) != str(their_field.type):
            found.append(f"{where}: {field.type} here, {their_field.type} there")
        if their_field.deprecation_reason:
            found.append(f"{where}: deprecated: {their_field.deprecation_reason}")
        for argument, ours_argument in field.args.items():
            their_argument = their_field.args.get(argument)
            there = str(their_argument.type) if their_argument else "nothing"
            if there != str(ours_argument.type):
                found.append(f"{where}({argument}): {ours_argument.type} here, {there} there")
    return found


def vendor_schema(path: str) -> GraphQLSchema:
    """The schema in a (gzipped) introspection result."""
    content = Path(path).read_bytes()
    answer = json.loads(gzip.decompress(content) if path.endswith(".gz") else content)
    # assume_valid: the vendor deprecates fields in types that their interfaces keep, which graphql-core objects to
    return build_client_schema(answer.get("data", answer), assume_valid=True)


if __name__ == "__main__":
    differs = differences(schema(), vendor_schema(sys.argv[1]))
    print("\n".join(differs) or "no difference")
    sys.exit(bool(differs))
