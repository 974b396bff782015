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

@ObjectType('CourseSales', { description: 'What was sold of a course in one currency, without buyers.' })
export class CourseSalesView {
  @Field(() => Int, { description: 'Number of paid orders with it.' })
  orders!: number;

  @Field(() => Money, { description: 'What was paid for it.' })
  gross!: Money;

  @Field(() => Money, { description: 'What of it was given back.' })
  refunded!: Money;

  @Field(() => Money, { description: 'What is left.' })
  net!: Money;
}
