import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { canStartKafka } from '../../support/kafka.js';
import { platformStand } from './platform-stand.js';

(canStartKafka() ? describe : describe.skip)('news of courses and users, where courses may be remembered', () => {
  const at = platformStand({ COURSE_CACHE_SECONDS: '600' });
  const { messages, newBuyer, place, say, send, services, until } = at;
  const tell = (topic: string, payload: object) =>
    send(
      topic,
      JSON.stringify({ eventId: idOf(`${topic} ${Math.random()}`), timestamp: Date.now(), payload }),
      'a course',
    );
  const priceOf = async (course: string) => (await place(newBuyer(), course)).amount.total;

  test('a course is asked for once, until it is said that it has changed', async () => {
    services.addCourse('remembered', { price: 100 });
    expect(await priceOf('remembered')).toBe(10_000);
    services.addCourse('remembered', { price: 200 });
    expect(await priceOf('remembered')).toBe(10_000);
    expect(services.takeAsked().filter(({ method }) => method === 'GetCoursesByIds')).toHaveLength(1);
    await tell('course.updated.v1', { courseId: idOf('remembered'), title: 'remembered', status: 'published' });
    await eventually(async () => (await priceOf('remembered')) === 20_000);
  });

  test('a deleted course is not sold although the course service still shows it; what was ordered goes on', async () => {
    services.addCourse('deleted');
    const order = await place(newBuyer(), 'deleted');
    await tell('course.deleted.v1', { courseId: idOf('deleted') });
    await eventually(() =>
      place(newBuyer(), 'deleted').then(
        () => false,
        (error: Error) => error.message.includes('COURSE_UNAVAILABLE'),
      ),
    );
    await say('payment.order.succeeded.v1', order);
    await messages('order.course.succeeded.v1', order.id);
    await tell('course.published.v1', { courseId: idOf('deleted') });
    await eventually(() =>
      place(newBuyer(), 'deleted').then(
        () => true,
        () => false,
      ),
    );
  });

  test('a blocked account: its unpaid orders are cancelled and the platform is told', async () => {
    const order = await place(newBuyer(), 'algebra');
    await tell('user.account.blocked.v1', { userId: order.user_id });
    await until(order, 'cancelled');
    await messages('order.course.cancelled.v1', order.id);
  });

  test('a buyer is told of a receipt by e-mail and in the app, of a failure and of an expiry', async () => {
    const [paid, failed, expired] = [
      await place(newBuyer(), 'algebra'),
      await place(newBuyer(), 'algebra'),
      await place(newBuyer(), 'algebra'),
    ];
    await say('payment.order.succeeded.v1', paid);
    await say('payment.order.failed.v1', failed, { paymentStatus: 'failed' });
    await at.sql('update orders set expires_at = now() where id = $1', [expired.id]);
    for (const [order, words] of [
      [paid, /^Receipt for order EL-/],
      [failed, /^The payment of order EL-\S+ failed/],
      [expired, /^Order EL-\S+ has expired/],
    ] as const) {
      const [email] = await messages('notification.channel.email.v1', order.user_id);
      expect(email?.value.payload).toMatchObject({
        to: `${order.user_id}@mail.example`,
        subject: expect.stringMatching(words),
      });
      const [inApp] = await messages('notification.channel.in-app.v1', order.user_id);
      expect(inApp?.value.payload).toMatchObject({ userId: order.user_id, title: email?.value.payload['subject'] });
    }
  });
});
