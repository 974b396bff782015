import { composeServices } from '@apollo/composition';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { composeServices as composeByGuild } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { Status } from 'nice-grpc';
import { randomUUID } from 'node:crypto';
import { signToken } from '../../../dev/sample/sign-token.js';
import type { Subgraphs } from '../../../dev/subgraphs/start-subgraphs.js';
import { startSubgraphs, subgraphSdl } from '../../../dev/subgraphs/start-subgraphs.js';
import { LAPTOP_JWT_SECRET } from '../../../src/config.js';
import type { Stand } from './stand.js';
import { openStand } from './stand.js';

let stand: Stand;
let subgraphs: Subgraphs;
beforeAll(async () => {
  stand = await openStand();
  subgraphs = await startSubgraphs({
    ports: { users: 0, courses: 0, sessions: 0 },
    addresses: stand.neighbours.addresses,
    sample: stand.sample,
    jwtSecret: LAPTOP_JWT_SECRET,
    log: () => undefined,
  });
});
afterAll(async () => {
  await subgraphs.stop();
  await stand.close();
});
afterEach(() => {
  for (const service of [stand.neighbours.user, stand.neighbours.course, stand.neighbours.session]) {
    service.faults = {};
    service.calls.clear();
  }
});

function entities(fields: string): string {
  return `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${fields} } }`;
}

const USERS = entities('... on User { id name }');
const COURSES = entities('... on Course { id title }');

async function ask(
  subgraph: 'users' | 'courses' | 'sessions',
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
) {
  const response = await fetch(subgraphs.urls[subgraph], {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { data?: Record<string, unknown>; errors?: { extensions: { code: string } }[] };
}

describe('composition', () => {
  const definitions = Object.entries(subgraphSdl).map(([name, sdl]) => ({
    name,
    url: `http://${name}`,
    typeDefs: parse(sdl),
  }));

  it('works with Apollo’s and with The Guild’s', () => {
    const apollo = composeServices(definitions);
    expect(apollo.errors).toBeUndefined();
    const guild = composeByGuild(definitions);
    expect(guild.errors).toBeUndefined();
    expect(guild.supergraphSdl).toContain('type Course');
  });

  it('has the served schema as its SDL', async () => {
    const { data } = await ask('courses', '{ _service { sdl } }');
    expect(data).toMatchObject({ _service: { sdl: expect.stringContaining('type Course') } });
  });
});

describe('users', () => {
  it('resolves references with one call, unknown ones to null', async () => {
    const ids = stand.sample.users.map(({ id }) => id);
    const representations = [...ids, randomUUID(), ...ids].map((id) => ({ __typename: 'User', id }));
    const { data, errors } = await ask('users', USERS, { representations });
    expect(errors).toBeUndefined();
    expect(data?.['_entities']).toMatchObject([
      { name: 'Asha Rao' },
      {},
      {},
      {},
      {},
      null,
      { name: 'Asha Rao' },
      {},
      {},
      {},
      {},
    ]);
    expect([...stand.neighbours.user.calls]).toEqual([['ListUsersByIds', 1]]);
  });

  it('me is the bearer of the token', async () => {
    const [student] = stand.sample.users;
    const common = { userId: student?.id ?? '', roles: ['student'], secret: LAPTOP_JWT_SECRET };
    const bearer = async (ttlSeconds: number) => ({
      authorization: `Bearer ${await signToken({ ...common, ttlSeconds })}`,
    });
    expect(await ask('users', '{ me { id name avatar } }', {}, await bearer(60))).toEqual({
      data: { me: { id: student?.id, name: 'Asha Rao', avatar: expect.stringContaining('https://') } },
    });
    expect(await ask('users', '{ me { id } }')).toEqual({ data: { me: null } });
    for (const headers of [await bearer(-60), { authorization: 'Basic x' }]) {
      expect(await ask('users', '{ me { id } }', {}, headers)).toMatchObject({
        data: { me: null },
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  it.each([
    ['down', { status: Status.UNAVAILABLE }],
    ['mad', { garbage: 'empty' as const }],
  ])('a service that is %s: null and SERVICE_UNAVAILABLE', async (_what, faults) => {
    stand.neighbours.user.faults = faults;
    const representations = [{ __typename: 'User', id: stand.sample.users[0]?.id }];
    expect(await ask('users', USERS, { representations })).toMatchObject({
      data: { _entities: [null] },
      errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }],
    });
  });
});

describe('courses', () => {
  const published = () => stand.sample.courses.filter(({ status }) => status === 'published');

  it('lists the published ones with one call', async () => {
    const query = '{ courses { id price discountPrice currency status thumbnail level instructor { __typename id } } }';
    const { data } = await ask('courses', query);
    expect(data?.['courses']).toMatchObject(
      published().map(({ id, price, discountPrice = null, currency, instructorId }) => {
        return { id, price, discountPrice, currency, instructor: { __typename: 'User', id: instructorId } };
      }),
    );
    expect([...stand.neighbours.course.calls]).toEqual([['GetCourses', 1]]);
  });

  it('by ids: in their order, without unknown ones, references included in one call', async () => {
    const ids = stand.sample.courses.map(({ id }) => id).toReversed();
    const query = 'query ($ids: [ID!], $id: ID!) { courses(ids: $ids, first: 5) { id } course(id: $id) { slug } }';
    const { data } = await ask('courses', query, { ids: [randomUUID(), ...ids], id: ids[0] });
    expect(data?.['courses']).toEqual(ids.slice(0, 4).map((id) => ({ id })));
    expect(data?.['course']).toEqual({ slug: stand.sample.courses.at(-1)?.slug });
    expect([...stand.neighbours.course.calls]).toEqual([['GetCoursesByIds', 1]]);
  });

  it('resolves references with one call, unknown ones to null', async () => {
    const ids = [...stand.sample.courses.map(({ id }) => id), randomUUID()];
    const representations = ids.map((id) => ({ __typename: 'Course', id }));
    const { data, errors } = await ask('courses', COURSES, { representations });
    expect(errors).toBeUndefined();
    expect(data?.['_entities']).toEqual([...stand.sample.courses.map(({ id, title }) => ({ id, title })), null]);
    expect([...stand.neighbours.course.calls]).toEqual([['GetCoursesByIds', 1]]);
  });

  it('first is capped, and refused below 1', async () => {
    const [two, many, none] = await Promise.all(
      [2, 1000, 0].map((first) => ask('courses', 'query ($first: Int) { courses(first: $first) { id } }', { first })),
    );
    expect(two?.data?.['courses']).toHaveLength(2);
    expect(many?.data?.['courses']).toHaveLength(published().length);
    expect(none?.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it.each([
    ['down', { status: Status.UNAVAILABLE }],
    ['slower than 3 s', { delayMs: 60_000 }],
    ['mad', { garbage: 'bytes' as const }],
  ])('a service that is %s: null and SERVICE_UNAVAILABLE', async (_what, faults) => {
    stand.neighbours.course.faults = faults;
    expect(await ask('courses', '{ courses { id } }')).toMatchObject({
      data: { courses: null },
      errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }],
    });
  });
});

describe('sessions', () => {
  const listed = async () => (await ask('sessions', '{ upcomingSessions { id } }')).data?.['upcomingSessions'];
  const press = (id: string | undefined, action: string) =>
    fetch(`${stand.neighbours.pageUrl}/sessions/${id}/${action}`, { method: 'POST' });
  const upcoming = () => stand.sample.sessions.filter(({ startsAt }) => !startsAt || startsAt > new Date());

  it('lists those that have not begun, each asked for with one call', async () => {
    expect(await listed()).toEqual(upcoming().map(({ id }) => ({ id })));
    expect(upcoming()).toHaveLength(8);
    expect([...stand.neighbours.session.calls]).toEqual([['GetSession', 9]]);
  });

  it.each([
    ['down', { status: Status.UNAVAILABLE }],
    ['slower than 3 s', { delayMs: 60_000 }],
    ['mad', { garbage: 'empty' as const }],
  ])('a service that is %s: null and SERVICE_UNAVAILABLE', async (_what, faults) => {
    stand.neighbours.session.faults = faults;
    expect(await ask('sessions', '{ upcomingSessions { id } }')).toMatchObject({
      data: { upcomingSessions: null },
      errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', service: 'session' } }],
    });
  });

  it('leaves out what was cancelled or removed and what begins earlier now', async () => {
    const [cancelled, removed, moved, ...rest] = upcoming();
    await press(cancelled?.id, 'cancel');
    await press(removed?.id, 'remove');
    await press(moved?.id, 'start/-1');
    expect(await listed()).toEqual(rest.map(({ id }) => ({ id })));
  });
});
