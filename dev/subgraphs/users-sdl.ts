export const usersSdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

"""A person of the platform."""
type User @key(fields: "id") {
  id: ID!
  name: String!
  avatar: String
}

type Query {
  """The bearer of the token; null without one."""
  me: User
}
`;
