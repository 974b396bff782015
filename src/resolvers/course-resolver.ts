import { validate as isUuid } from 'uuid';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AlreadyEnrolled, OwnCourse, UnavailableCourse } from '../entities/cart-refusals.js';
import { Order } from '../entities/order.js';
import type { Context } from '../schema/context.js';
import { CourseStub } from '../schema/stubs.js';

/** What the viewer has to do with a course; null without a token. */
@Resolver(() => CourseStub)
export class CourseResolver {
  @FieldResolver(() => Order, {
    nullable: true,
    description: 'The viewer’s order of it: the open, else the paid, else the newest.',
  })
  async viewerOrder(@Root() { id }: CourseStub, @Ctx() { viewer, loaders }: Context) {
    return viewer && isUuid(id) ? loaders.viewerOrder.load(id.toLowerCase()) : null;
  }

  @FieldResolver(() => Boolean, { nullable: true, description: 'Whether the viewer has bought it.' })
  async viewerHasPurchased(@Root() { id }: CourseStub, @Ctx() { viewer, loaders }: Context) {
    if (!viewer || !isUuid(id)) return null;
    return loaders.purchased.load({ buyerId: viewer.userId, courseId: id.toLowerCase() });
  }
}

/** References of refusals to the courses they name. */
@Resolver(() => UnavailableCourse)
export class UnavailableCourseResolver {
  @FieldResolver(() => CourseStub, { nullable: true, description: 'The course.' })
  course(@Root() { courseId }: UnavailableCourse) {
    return new CourseStub(courseId);
  }
}

@Resolver(() => AlreadyEnrolled)
export class AlreadyEnrolledResolver {
  @FieldResolver(() => [CourseStub], { nullable: 'items', description: 'The courses.' })
  courses(@Root() { courseIds }: AlreadyEnrolled) {
    return courseIds.map((id) => new CourseStub(id));
  }
}

@Resolver(() => OwnCourse)
export class OwnCourseResolver {
  @FieldResolver(() => [CourseStub], { nullable: 'items', description: 'The courses.' })
  courses(@Root() { courseIds }: OwnCourse) {
    return courseIds.map((id) => new CourseStub(id));
  }
}
