// What the container `stand-ins` listens on; docker-compose.yml names the same numbers (a test compares them).
export const NEIGHBOUR_PORTS = { user: 50_052, course: 50_053, payment: 50_055, session: 50_057, page: 4010 };
export const SUBGRAPH_PORTS = { users: 4002, courses: 4003, sessions: 4004 };
