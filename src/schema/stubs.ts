import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Money } from '../entities/money.js';

/** A user, owned by the users subgraph; we add what concerns orders. */
@ObjectType('User', { description: 'A person on the platform; here with what they bought.' })
@Directive('@key(fields: "id")')
export class UserStub {
  @Field(() => ID, { description: 'Identity of the user.' })
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

/** A course, owned by the courses subgraph; we add what concerns orders. */
@ObjectType('Course', { description: 'A course; here with what the viewer has to do with it.' })
@Directive('@key(fields: "id")')
export class CourseStub {
  @Field(() => ID, { description: 'Identity of the course.' })
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

/** A live session with what the session service tells of it. */
@ObjectType('Session', { description: 'A live session.' })
@Directive('@key(fields: "id")')
export class SessionView {
  @Field(() => ID, { description: 'Identity of the session.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Its title, where the session service tells it.' })
  title!: string | null;

  @Field(() => Money, { nullable: true, description: 'Price of a seat.' })
  price!: Money | null;

  @Field(() => Int, { nullable: true, description: 'Number of seats.' })
  capacity!: number | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it begins, where the session service tells it.' })
  startsAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ends, where the session service tells it.' })
  endsAt!: Date | null;
}
