import { Anchor, Button, Group, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { CourseCardFragment } from '../generated/graphql';
import { useViewer } from '../signing-in/viewer';
import { useCart } from './use-cart';

/** What the viewer can do with a course: own it, pay for it, take it into the cart. */
export function CourseActions({ course }: { readonly course: CourseCardFragment }) {
  const { person } = useViewer();
  const cart = useCart();
  const { id, title, status, viewerHasPurchased, viewerOrder, instructor } = course;
  const isOpen = viewerOrder && ['PENDING_PAYMENT', 'PROCESSING'].includes(viewerOrder.status);
  if (viewerHasPurchased) return <Text fw={600}>You own this course</Text>;
  if (instructor?.id === person.id) return <Text c="dimmed">You teach this course</Text>;
  if (status !== 'published') return <Text c="dimmed">Not on sale</Text>;
  return (
    <Group gap="xs">
      {cart.courseIds.includes(id) ? (
        <Button
          variant="default"
          size="xs"
          onClick={() => cart.remove([id])}
          aria-label={`Remove from the cart: ${title}`}
        >
          Remove from the cart
        </Button>
      ) : (
        <Button size="xs" onClick={() => cart.add(id)} aria-label={`Add to the cart: ${title}`}>
          Add to the cart
        </Button>
      )}
      {isOpen && (
        <Anchor component={Link} to={`/orders/${viewerOrder.id}`} size="sm">
          Open order {viewerOrder.number}
        </Anchor>
      )}
    </Group>
  );
}
