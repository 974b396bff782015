import { Group, Text, VisuallyHidden } from '@mantine/core';
import type { CourseCardFragment } from '../generated/graphql';
import { priceToday, showPrice } from '../showing/money';

type PriceProps = Pick<CourseCardFragment, 'price' | 'discountPrice' | 'currency'>;

/** What a course costs today, and what it usually costs. */
export function Price({ price, discountPrice, currency }: PriceProps) {
  const today = priceToday({ price, discountPrice });
  if (today === 0) return <Text fw={700}>Free</Text>;
  return (
    <Group gap="xs">
      <Text fw={700}>{showPrice(today, currency)}</Text>
      {today < price && (
        <Text td="line-through" c="dimmed">
          <VisuallyHidden>instead of </VisuallyHidden>
          {showPrice(price, currency)}
        </Text>
      )}
    </Group>
  );
}
