// Operations of every kind, typed by GraphQL Code Generator. What is said of their types here is checked by tsc, and
// where a mistake must be found, that it is.

import type { ResultOf, VariablesOf } from "@graphql-typed-document-node/core";
import { graphql, useFragment } from "./gql/index.js";

const Stated = graphql(`
  fragment Stated on Agreement {
    reference
    status
    statusReason { rule explanation(language: RU) missing }
    acts { kind date { edtf earliest } party { code } citations { quote source { title url } } }
    term { durationMonths endsOn }
  }
`);

const Read = graphql(`
  query Read($reference: String!, $day: Date!, $text: String!, $id: ID!) {
    agreement(reference: $reference) { ...Stated }
    at(date: $day) { date agreement(reference: $reference) { ...Stated } }
    search(text: $text, first: 3) {
      edges { snippet node { __typename ... on Agreement { title } ... on Country { code } } }
    }
    node(id: $id) { __typename id ... on Quota { places } }
    placements(groupBy: [YEAR, SEX]) { total }
    changes(last: 1) { nodes { fields { name old new } } }
  }
`);

const Record = graphql(`
  mutation Record($input: LegalActRecordInput!) {
    legalActRecord(input: $input) { act { id } userErrors { code path message hint } }
  }
`);

const Follow = graphql(`
  subscription Follow($after: String, $filter: ChangeFilter) {
    changes(after: $after, filter: $filter) { cursor at action subject { __typename id } }
  }
`);

export function read(data: ResultOf<typeof Read>): string[] {
  const stated = useFragment(Stated, data.agreement);
  const day: string = data.at.date;
  // @ts-expect-error: an agreement that is not there is null
  const reference: string = data.agreement.reference;
  // @ts-expect-error: no act need have a party
  const parties: string[] = stated?.acts.map((act) => act.party.code);
  // @ts-expect-error: values of changes may be anything
  const old: string | null = data.changes.nodes[0]?.fields[0]?.old;
  const found = data.search.edges.map(({ node: record }) => {
    if (record.__typename === "Agreement") return record.title;
    return record.__typename === "Country" ? record.code : record.__typename;
  });
  const places = data.node?.__typename === "Quota" ? data.node.places : null;
  return [day, reference, ...parties, String(old), ...found, String(places), stated?.status === "IN_FORCE" ? "yes" : "no"];
}

const citations = [{ source: "some-source", quote: "It is so." }];
export const said: VariablesOf<typeof Record>[] = [
  { input: { agreement: "uz-de", kind: "SIGNATURE", date: "2024-09", citations, reason: "So." } },
  // @ts-expect-error: an act has a reason
  { input: { agreement: "uz-de", kind: "SIGNATURE", date: "2024-09", citations } },
  // @ts-expect-error: there is no such act
  { input: { agreement: "uz-de", kind: "HANDSHAKE", date: "2024-09", citations, reason: "So." } },
];

export const followed = (data: ResultOf<typeof Follow>): string => `${data.changes.cursor} ${data.changes.action}`;
