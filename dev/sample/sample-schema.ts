import { z } from 'zod';

const RELATIVE_TIME = /^([+-])(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$/;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** A moment: ISO 8601 with an offset, or relative to `now`: `+2d`, `+1h30m`, `-10m`. */
function moment(now: Date) {
  return z
    .union([z.iso.datetime({ offset: true }), z.string().regex(RELATIVE_TIME)], {
      error: 'expected an ISO time or one like +2d, +1h30m, -10m',
    })
    .transform((text) => resolveMoment(text, now));
}

function resolveMoment(text: string, now: Date): Date {
  const [, sign, days = 0, hours = 0, minutes = 0] = RELATIVE_TIME.exec(text) ?? [];
  if (sign === undefined) return new Date(text);
  const distance = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * MINUTE_MS;
  return new Date(now.getTime() + (sign === '-' ? -distance : distance));
}

const userSchema = z.strictObject({
  id: z.uuid(),
  name: z.string().min(1),
  email: z.email(),
  roles: z.array(z.enum(['student', 'instructor', 'admin'])).min(1),
  status: z.enum(['verified', 'not-verified', 'active', 'not-active', 'blocked', 'deleted']),
});

const wholePrice = z.number().int().min(0).max(2_147_483_647);
const currency = z.string().regex(/^[A-Z]{3}$/, 'expected a currency code such as INR');

const courseSchema = z.strictObject({
  id: z.uuid(),
  title: z.string().min(1),
  slug: z.string().min(1),
  price: wholePrice,
  discountPrice: wholePrice.optional(),
  currency,
  status: z.enum(['draft', 'published', 'unpublished', 'deleted']),
  instructorId: z.uuid(),
});

function sessionSchema(now: Date) {
  return z.strictObject({
    id: z.uuid(),
    title: z.string().min(1),
    price: z.number().min(0),
    currency: currency.default('INR'),
    maxSlots: z.number().int().min(0),
    startsAt: moment(now).optional(),
    endsAt: moment(now).optional(),
    instructorId: z.uuid(),
  });
}

/** The shape of a sample file (README.md beside this file), its relative times resolved against `now`. */
export function sampleSchema(now: Date) {
  return z
    .strictObject({
      users: z.array(userSchema),
      courses: z.array(courseSchema),
      sessions: z.array(sessionSchema(now)),
    })
    .superRefine((sample, context) => {
      const report = (message: string) => {
        context.addIssue({ code: 'custom', message });
      };
      for (const kind of ['users', 'courses', 'sessions'] as const) {
        const seen = new Set<string>();
        for (const { id } of sample[kind]) {
          if (seen.has(id)) report(`${kind}: id ${id} twice`);
          seen.add(id);
        }
      }
      const users = new Set(sample.users.map(({ id }) => id));
      for (const { id, instructorId } of [...sample.courses, ...sample.sessions]) {
        if (!users.has(instructorId)) report(`${id}: its instructor ${instructorId} is not among the users`);
      }
    });
}

/** Prices are major units: rupees, dollars. */
export type SampleData = z.output<ReturnType<typeof sampleSchema>>;
export type SampleUser = SampleData['users'][number];
export type SampleCourse = SampleData['courses'][number];
export type SampleSession = SampleData['sessions'][number];
