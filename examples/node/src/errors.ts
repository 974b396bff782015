/** Something that will pass: the same call, with the same idempotency key, may succeed. */
export class TryAgain extends Error {
  override name = 'TryAgain';

  /** @param afterSeconds when, where the graph says so */
  constructor(
    message: string,
    readonly afterSeconds?: number | null,
  ) {
    super(message);
  }
}

/** The graph said no, with a sentence for people; asking again changes nothing. */
export class Refused extends Error {
  override name = 'Refused';

  /** @param details what the sentence is about, one line each */
  constructor(sentence: string, details: readonly string[] = []) {
    super([sentence, ...details.map((detail) => `  ${detail}`)].join('\n'));
  }
}

/**
 * For the `default` of a switch over the members of a union: compiles only while every member has its case. A graph that is
 * newer than this program may still answer a member it does not know.
 * @throws Refused
 */
export function unknownMember(member: never): never {
  const { __typename, message } = member as { __typename: string; message?: string };
  throw new Refused(message ?? `The graph answered ${__typename}, which this program does not know.`);
}
