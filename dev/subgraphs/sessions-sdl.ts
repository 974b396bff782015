export const sessionsSdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

"""A live session; its fields are the orders subgraph's."""
type Session @key(fields: "id", resolvable: false) {
  id: ID!
}

type Query {
  """The sessions that have not begun."""
  upcomingSessions: [Session!]
}
`;
