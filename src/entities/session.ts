import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { Money } from './money.js';

/** A live session by its id: what the session service and the seats tell of it is read field by field. */
@ObjectType({ description: 'A live session.' })
@Directive('@key(fields: "id")')
export class Session {
  @Field(() => ID, { description: 'Identity of the session.' })
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

/** What the session service tells of a session. Times, title and instructor are absent where it does not tell them. */
export interface LiveSession {
  readonly id: string;
  readonly title: string | null;
  /** Of one seat. */
  readonly price: Money;
  /** Number of seats. */
  readonly capacity: number;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly instructorId: string | null;
}

/** What was told, and when it was asked for: of two answers the newer one counts. */
export interface KnownSession extends LiveSession {
  readonly askedAt: Date;
}
