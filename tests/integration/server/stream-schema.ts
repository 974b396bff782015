import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { closable } from '../../../src/subscriptions/mailbox.js';

/** Streams that are open; `end` of one ends it. */
export type OpenStreams = Set<{ end(): void }>;

/** A schema whose subscriptions end by themselves, go on for ever, are refused, or break. @param streams gets those that go on */
export function streamSchema(streams: OpenStreams): GraphQLSchema {
  const schema = buildSchema(`
    type Query { one: Int }
    type Subscription { count(to: Int!): Int, forever: Int, refused: Int, breaks: Int }`);
  const streamsOf: Record<string, (root: unknown, args: { to: number }) => AsyncIterable<number>> = {
    count: async function* (_root, { to }) {
      for (let i = 1; i <= to; i++) yield i;
    },
    forever: () => {
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      const results = async function* () {
        yield 1;
        await ended;
      };
      const stream = { end };
      streams.add(stream);
      return closable(results(), end, () => void streams.delete(stream));
    },
    refused: () => {
      throw new GraphQLError('No such order.', { extensions: { code: 'NOT_FOUND' } });
    },
    breaks: async function* () {
      yield 1;
      throw new Error('secret-detail');
    },
  };
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    field.subscribe = streamsOf[field.name] as never;
    field.resolve = (value) => value;
  }
  return schema;
}
