// What relay-compiler makes artifacts of, which relay.mjs runs. This file itself is never run.

graphql`
  query documentsCountriesQuery {
    ...documents_countries
  }
`;

graphql`
  fragment documents_countries on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 100 }, cursor: { type: "String" })
  @refetchable(queryName: "documentsCountriesPaginationQuery") {
    countries(first: $count, after: $cursor) @connection(key: "documents_countries") {
      totalCount
      edges {
        node {
          code
        }
      }
    }
  }
`;

graphql`
  query documentsCountryQuery($code: CountryCode!) {
    country(code: $code) {
      ...documents_country
    }
  }
`;

graphql`
  fragment documents_country on Country
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }, language: { type: "Language", defaultValue: EN })
  @refetchable(queryName: "documentsCountryRefetchQuery") {
    name(language: $language)
    agreements(first: $count, after: $cursor) @connection(key: "documents_country_agreements") {
      totalCount
      edges {
        node {
          reference
        }
      }
    }
  }
`;

graphql`
  query documentsAgreementQuery($reference: String!) {
    agreement(reference: $reference) {
      id
      version
      acts {
        kind
      }
    }
  }
`;

graphql`
  mutation documentsActMutation($input: LegalActRecordInput!) {
    legalActRecord(input: $input) {
      agreement {
        version
        acts {
          kind
        }
      }
      userErrors {
        message
      }
    }
  }
`;

graphql`
  query documentsSourcesQuery {
    sources(first: 1) @connection(key: "documents_sources") {
      edges {
        node {
          reference
        }
      }
    }
  }
`;

graphql`
  mutation documentsSourceMutation($input: SourceAddInput!, $connections: [ID!]!) {
    sourceAdd(input: $input) {
      source @prependNode(connections: $connections, edgeTypeName: "SourceEdge") {
        reference
        title
      }
      userErrors {
        message
      }
    }
  }
`;

graphql`
  subscription documentsChangesSubscription($after: String) {
    changes(after: $after) {
      subject {
        id
        ... on Source {
          title
        }
      }
    }
  }
`;
