import { Field, ObjectType } from 'type-graphql';
import { ErrorCode, UserError } from './refusals.js';
import { Saga } from './saga.js';

@ObjectType({ implements: UserError, description: 'There is nothing to retry.' })
export class SagaNotStuck extends UserError {
  @Field(() => Saga, { description: 'The saga as it is.' })
  readonly saga: Saga;

  constructor(saga: Saga) {
    super(ErrorCode.SAGA_NOT_STUCK, 'This saga is not stuck.');
    this.saga = saga;
  }
}
