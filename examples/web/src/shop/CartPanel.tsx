import { useQuery } from '@apollo/client/react';
import { Button, Card, CloseButton, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useNavigate } from 'react-router';
import { CoursesInCartDocument, PlaceOrderDocument, type CourseCardFragment } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';
import { priceToday, showPrice } from '../showing/money';
import { useCart, type Cart } from './use-cart';

/** What is about to be ordered, and the button that orders it. */
export function CartPanel() {
  const cart = useCart();
  const { data, previousData } = useQuery(CoursesInCartDocument, {
    variables: { ids: [...cart.courseIds] },
    skip: cart.courseIds.length === 0,
  });
  const courses = cart.courseIds.length ? ((data ?? previousData)?.courses ?? []) : [];
  return (
    <Card withBorder component="section" aria-label="Cart">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Cart
        </Title>
        {cart.courseIds.length === 0 && <Text c="dimmed">Nothing yet.</Text>}
        {cart.courseIds.map((id) => (
          <CartLine key={id} course={courses.find((course) => course.id === id)} onRemove={() => cart.remove([id])} />
        ))}
        {cart.courseIds.length > 0 && <Checkout cart={cart} courses={courses} />}
      </Stack>
    </Card>
  );
}

interface CartLineProps {
  readonly course: CourseCardFragment | undefined;
  readonly onRemove: () => void;
}

function CartLine({ course, onRemove }: CartLineProps) {
  const title = course?.title ?? 'A course that is gone';
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs">
      <Text size="sm">{title}</Text>
      <Group gap={4} wrap="nowrap">
        {course && <Text size="sm">{showPrice(priceToday(course), course.currency)}</Text>}
        <CloseButton aria-label={`Remove ${title}`} onClick={onRemove} size="sm" />
      </Group>
    </Group>
  );
}

interface CheckoutProps {
  readonly cart: Cart;
  readonly courses: readonly CourseCardFragment[];
}

function Checkout({ cart, courses }: CheckoutProps) {
  const navigate = useNavigate();
  const command = useCommand(PlaceOrderDocument);
  const courseIds = [...cart.courseIds].sort();
  const couponCode = cart.couponCode || undefined;

  async function place() {
    const placed = await command.run({
      purpose: `place ${courseIds.join(' ')} ${couponCode ?? ''}`,
      variables: (idempotencyKey) => ({ input: { courseIds, couponCode, idempotencyKey } }),
    });
    if (!placed) return;
    cart.empty();
    void navigate(`/orders/${placed.order.id}`);
  }

  return (
    <>
      <TextInput
        label="Coupon"
        size="xs"
        value={cart.couponCode}
        onChange={(event) => cart.setCouponCode(event.currentTarget.value)}
      />
      <Total courses={courses} />
      <ProblemNotice
        problem={command.problem}
        onRetry={() => void place()}
        onRemoveCourses={(ids) => {
          command.dismiss();
          cart.remove(ids);
        }}
      />
      <Button onClick={() => void place()} loading={command.isRunning}>
        Place the order
      </Button>
    </>
  );
}

function Total({ courses }: Pick<CheckoutProps, 'courses'>) {
  const currencies = [...new Set(courses.map(({ currency }) => currency))];
  const [currency] = currencies;
  if (!currency) return null;
  if (currencies.length > 1) return <Text size="sm">Courses of different currencies need an order each.</Text>;
  const total = courses.reduce((sum, course) => sum + priceToday(course), 0);
  return (
    <Group justify="space-between">
      <Text fw={700}>Total</Text>
      <Text fw={700}>{showPrice(total, currency)}</Text>
    </Group>
  );
}
