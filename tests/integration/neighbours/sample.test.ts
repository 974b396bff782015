import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, jwtVerify } from 'jose';
import { generatedCourseIds, generatedStudentIds } from '../../../dev/sample/generated-sample.js';
import { loadSampleData, SampleDataError } from '../../../dev/sample/sample-data.js';
import { signToken } from '../../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../../src/config.js';

const now = new Date('2026-03-01T10:00:00.000Z');

function run(script: string, args: string[], env: Record<string, string> = {}) {
  const result = spawnSync(process.execPath, ['dev/run.mjs', script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

describe('sample data', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sample-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('holds what the laptop needs', () => {
    const { users, courses, sessions } = loadSampleData({}, now);
    expect(users.map(({ roles }) => roles[0])).toEqual(['student', 'student', 'instructor', 'admin', 'student']);
    expect(users.filter(({ status }) => status === 'blocked')).toHaveLength(1);
    expect(courses).toHaveLength(8);
    expect(courses.filter(({ status }) => status === 'unpublished')).toHaveLength(1);
    expect(courses.filter(({ price }) => price === 0)).toHaveLength(1);
    expect(courses.filter(({ currency }) => currency === 'USD')).toHaveLength(1);
    expect(new Set(courses.map(({ instructorId }) => instructorId)).size).toBe(2);
    expect(courses.filter(({ discountPrice }) => discountPrice !== undefined)).toHaveLength(4);
    expect(sessions.map(({ price, currency, maxSlots }) => [price > 0, currency, maxSlots])).toEqual([
      [false, 'INR', 100],
      [true, 'INR', 30],
      [true, 'INR', 10],
      [false, 'INR', 2],
      [true, 'INR', 2],
      [true, 'INR', 100],
      [true, 'INR', 20],
      [true, 'INR', 20],
      [true, 'INR', 5],
    ]);
  });

  it('holds sessions on either side of a day from now, begun ones and one without times', () => {
    const { sessions } = loadSampleData({}, now);
    const hoursLeft = sessions.map(({ startsAt }) => startsAt && (startsAt.getTime() - now.getTime()) / 3_600_000);
    expect(hoursLeft).toEqual([48, 72, 120, 96, 144, 168, 3, -0.5, undefined]);
  });

  it('resolves relative times against now', () => {
    const [first, , third] = loadSampleData({}, now).sessions;
    expect(first?.startsAt).toEqual(new Date('2026-03-03T10:00:00.000Z'));
    expect(third?.endsAt).toEqual(new Date('2026-03-06T11:30:00.000Z'));
  });

  it('adds generated students and courses with stable ids', () => {
    const sample = loadSampleData({ SAMPLE_STUDENTS: '3', SAMPLE_COURSES: '4' }, now);
    expect(sample.users.slice(5).map(({ id }) => id)).toEqual(generatedStudentIds(3));
    expect(sample.courses.slice(8).map(({ id }) => id)).toEqual(generatedCourseIds(4));
    expect(generatedStudentIds(2)).toEqual(generatedStudentIds(5).slice(0, 2));
  });

  it.each([
    ['no JSON', '{', /JSON/],
    ['an unknown key', '{"users":[],"courses":[],"sessions":[],"x":1}', /x/],
    ['a stranger as instructor', strangerAsInstructor(), /is not among the users/],
  ])('refuses a file with %s', (_what, content, message) => {
    const file = join(folder, 'sample.json');
    writeFileSync(file, content);
    expect(() => loadSampleData({ SAMPLE_DATA: file }, now)).toThrow(message);
    expect(() => loadSampleData({ SAMPLE_DATA: file }, now)).toThrow(SampleDataError);
  });

  it('prints ids, one a line', () => {
    expect(run('dev/sample-cli.ts', ['courses']).out.trim().split('\n')).toEqual(
      loadSampleData({}).courses.map(({ id }) => id),
    );
    const { out, code } = run('dev/sample-cli.ts', ['users'], { SAMPLE_STUDENTS: '2' });
    expect([code, out]).toEqual([0, `${generatedStudentIds(2).join('\n')}\n`]);
    expect(run('dev/sample-cli.ts', ['cats'])).toMatchObject({ code: 1, out: '' });
    expect(run('dev/sample-cli.ts', ['users'], { SAMPLE_STUDENTS: 'many' }).err).toMatch(/^SAMPLE_STUDENTS: given/);
  });
});

describe('tokens', () => {
  it('carry the claims of the auth service', async () => {
    const userId = 'b3d5f1a0-0000-4000-8000-000000000001';
    const token = await signToken({ userId, roles: ['admin'], ttlSeconds: 60, secret: LAPTOP_JWT_SECRET, now });
    const { payload } = await jwtVerify(token, new TextEncoder().encode(LAPTOP_JWT_SECRET), {
      issuer: 'auth-service',
      audience: 'edulearn',
      algorithms: ['HS256'],
      currentDate: now,
    });
    expect(payload).toMatchObject({
      sub: userId,
      userId,
      roles: ['admin'],
      role: 'admin',
      tokenType: 'access',
      permissions: ['analytics:view', 'analytics:view:all', 'admin:dashboard'],
    });
    expect(payload.exp).toBe(now.getTime() / 1000 + 60);
    expect(typeof payload.jti).toBe('string');
  });

  it('come from the command line, for a student unless said', () => {
    const [student] = loadSampleData({}).users;
    const { out, code } = run('dev/token.ts', ['--user', student?.id ?? '', '--ttl', '90']);
    expect(code).toBe(0);
    const claims = decodeJwt(out.trim());
    expect(claims).toMatchObject({ roles: ['student'], email: student?.email });
    expect(claims).not.toHaveProperty('role');
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(90);
  });

  it.each([[[]], [['--user', 'x', '--role', 'king']], [['--user', 'x', '--ttl', 'soon']], [['--me']]])(
    'bad flags %j: one line, exit code 1',
    (args) => {
      const { out, err, code } = run('dev/token.ts', args);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/^usage: [^\n]+\n$/);
    },
  );
});

function strangerAsInstructor(): string {
  const { courses } = loadSampleData({}, now);
  return JSON.stringify({ users: [], courses, sessions: [] });
}
