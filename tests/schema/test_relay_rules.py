"""The schema keeps Relay's rules for identities and connections wherever there are some: its tools need no help."""

from collections.abc import Iterator

from graphql import (
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    assert_object_type,
    build_schema,
    get_named_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from schema import schema


def faults(built: GraphQLSchema) -> Iterator[str]:
    """A sentence for each rule that is broken."""
    objects = [kind for kind in built.type_map.values() if is_object_type(kind) and not kind.name.startswith("__")]
    for kind in map(assert_object_type, objects):
        if "id" in kind.fields and "Node" not in [each.name for each in kind.interfaces]:
            yield f"{kind.name} has an id and is no Node"
        if kind.name.endswith("Connection"):
            yield from _connection(kind)
        for name, field in kind.fields.items():
            if get_named_type(field.type).name.endswith("Connection"):
                sizes = {argument: str(given.type) for argument, given in field.args.items()}
                if not {"first": "Int", "after": "String", "last": "Int", "before": "String"}.items() <= sizes.items():
                    yield f"{kind.name}.{name} is not paged both ways"
    for root in _roots(built):
        expected = {"node": "Node", "nodes": "[Node]!"}
        if {name: str(root.fields[name].type) for name in expected if name in root.fields} != expected:
            yield f"{root.name} does not lead back to records, or not to null where one is missing"


def _roots(built: GraphQLSchema) -> list[GraphQLObjectType | GraphQLInterfaceType]:
    assert built.query_type
    return [built.query_type, *(kind for kind in built.query_type.interfaces if is_interface_type(kind))]


def _connection(kind: GraphQLObjectType) -> Iterator[str]:
    fields = {name: str(field.type) for name, field in kind.fields.items()}
    if fields.get("pageInfo") != "PageInfo!":
        yield f"{kind.name} has no pageInfo"
    edges = kind.fields["edges"].type if "edges" in kind.fields else None
    inner = edges.of_type if isinstance(edges, GraphQLNonNull) else edges
    if not is_list_type(inner):
        yield f"{kind.name}.edges is no list"
        return
    edge = assert_object_type(get_named_type(inner))
    if str(edge.fields["cursor"].type) != "String!" or not is_non_null_type(edge.fields["node"].type):
        yield f"{edge.name} has no cursor and node"


def test_identities_and_connections_keep_the_rules_of_relay() -> None:
    built = build_schema(schema.as_str())

    assert list(faults(built)) == []
    assert {name: str(field.type) for name, field in assert_object_type(built.type_map["PageInfo"]).fields.items()} == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }


def test_a_broken_rule_is_told() -> None:
    built = build_schema(
        """
        interface Node { id: ID! }
        type Thing { id: ID! }
        type Query { node: Node! nodes: [Node!]! things(first: Int): ThingConnection! }
        type ThingConnection { edges: Thing }
        """
    )

    assert list(faults(built)) == [
        "Thing has an id and is no Node",
        "Query.things is not paged both ways",
        "ThingConnection has no pageInfo",
        "ThingConnection.edges is no list",
        "Query does not lead back to records, or not to null where one is missing",
    ]
