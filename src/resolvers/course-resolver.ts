import { validate as isUuid } from 'uuid';
import { Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import { AlreadyEnrolled, CourseUnavailableReason, OwnCourse, UnavailableCourse } from '../entities/cart-refusals.js';
import { Money } from '../entities/money.js';
import { Order } from '../entities/order.js';
import { CoursesUnavailable } from '../queries/course-sales.js';
import type { Context } from '../schema/context.js';
import { forbidden, graphError } from '../schema/errors.js';
import { CourseSalesView, CourseStub } from '../schema/stubs.js';
import { listOf } from '../schema/costs.js';

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

  @Directive(listOf(3))
  @FieldResolver(() => [CourseSalesView], {
    nullable: true,
    description: 'What was sold of it, an entry for each currency; for its instructor and for operators.',
  })
  async sales(@Root() { id }: CourseStub, @Ctx() context: Context) {
    const courseId = id.toLowerCase();
    if (!isUuid(courseId)) return null;
    await guardSales(courseId, context);
    const sales = await context.loaders.sales.load(courseId);
    return sales.map(({ orders, gross, refunded, currency }) =>
      Object.assign(new CourseSalesView(), {
        orders,
        gross: new Money(gross, currency),
        refunded: new Money(refunded, currency),
        net: new Money(gross - refunded, currency),
      }),
    );
  }

  @FieldResolver(() => Boolean, { nullable: true, description: 'Whether the viewer has bought it.' })
  async viewerHasPurchased(@Root() { id }: CourseStub, @Ctx() { viewer, loaders }: Context) {
    if (!viewer || !isUuid(id)) return null;
    return loaders.purchased.load({ buyerId: viewer.userId, courseId: id.toLowerCase() });
  }
}

/** For the course's instructor and for operators. @throws FORBIDDEN for others, SERVICE_UNAVAILABLE where it cannot be told */
async function guardSales(courseId: string, context: Context): Promise<void> {
  const viewer = context.requireViewer();
  if (viewer.isOperator) return;
  if ((await instructorOf(courseId, context)) !== viewer.userId) throw forbidden();
}

async function instructorOf(courseId: string, { loaders }: Context): Promise<string | null> {
  try {
    return await loaders.instructor.load(courseId);
  } catch (error) {
    if (error instanceof CoursesUnavailable)
      throw graphError('SERVICE_UNAVAILABLE', error.message, { retryAfterSeconds: 5 });
    throw error;
  }
}

/** References of refusals to the courses they name. */
@Resolver(() => UnavailableCourse)
export class UnavailableCourseResolver {
  @FieldResolver(() => CourseStub, { nullable: true, description: 'The course.' })
  course(@Root() { courseId, courseReason }: UnavailableCourse) {
    return courseReason === CourseUnavailableReason.NOT_FOUND ? null : new CourseStub(courseId);
  }
}

@Resolver(() => AlreadyEnrolled)
export class AlreadyEnrolledResolver {
  @Directive(listOf(10))
  @FieldResolver(() => [CourseStub], { nullable: 'items', description: 'The courses.' })
  courses(@Root() { courseIds }: AlreadyEnrolled) {
    return courseIds.map((id) => new CourseStub(id));
  }
}

@Resolver(() => OwnCourse)
export class OwnCourseResolver {
  @Directive(listOf(10))
  @FieldResolver(() => [CourseStub], { nullable: 'items', description: 'The courses.' })
  courses(@Root() { courseIds }: OwnCourse) {
    return courseIds.map((id) => new CourseStub(id));
  }
}
