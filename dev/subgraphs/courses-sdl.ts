export const coursesSdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

"""A course; prices are whole major units (rupees, dollars)."""
type Course @key(fields: "id") {
  id: ID!
  title: String!
  slug: String!
  thumbnail: String
  level: String
  status: String!
  price: Int!
  """Null where there is no discount."""
  discountPrice: Int
  currency: String!
  instructor: User
}

type User @key(fields: "id", resolvable: false) {
  id: ID!
}

type Query {
  """The published courses, or those with the given ids in the order of the ids, unknown ones left out; at most 100."""
  courses(ids: [ID!], first: Int = 20): [Course!]
  course(id: ID!): Course
}
`;
