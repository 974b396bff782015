import { useState } from 'react';
import { useQuery } from '@apollo/client/react';
import { Card, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import {
  MyOrderChangesDocument,
  MyOrdersDocument,
  type MyOrderChangesSubscription,
  type OrderFilter,
  type OrderSummaryFragment,
} from '../generated/graphql';
import { usePollInterval } from '../graph/is-live';
import { readAnew } from '../graph/read-anew';
import { useNews } from '../graph/use-news';
import { EndlessList } from '../layout/EndlessList';
import { PageTitle } from '../layout/PageTitle';
import { showMoney } from '../showing/money';
import { OrderStatusBadge } from '../showing/StatusBadge';
import { showMoment } from '../showing/times';
import { OrderFilters } from './OrderFilters';
import classes from './OrdersPage.module.css';

const PAGE = 20;
const LONGEST_PAGE = 100;

const placeOf = ({ myOrdersChanged: { cursor, ends } }: MyOrderChangesSubscription) => ({ place: cursor, ends });

/** The viewer's orders, as many as are scrolled to. */
export function OrdersPage() {
  const [filter, setFilter] = useState<OrderFilter>({});
  const query = useQuery(MyOrdersDocument, {
    variables: { filter, first: PAGE },
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: true,
    pollInterval: usePollInterval(),
  });
  const shown = query.data?.myOrders?.edges.length ?? 0;
  const first = Math.min(Math.max(shown, PAGE), LONGEST_PAGE);
  useNews(MyOrderChangesDocument, placeOf, () => readAnew({ refetch: () => query.refetch({ first }) }));
  return (
    <Stack>
      <PageTitle>My orders</PageTitle>
      <OrderFilters filter={filter} onChange={setFilter} />
      <EndlessList query={query} connection={query.data?.myOrders} empty="No orders.">
        {(orders) => (
          <Stack component="ul" gap="xs" className={classes.list} aria-label="Orders">
            {orders.map((order) => (
              <OrderLine key={order.id} order={order} />
            ))}
          </Stack>
        )}
      </EndlessList>
    </Stack>
  );
}

function OrderLine({ order }: { readonly order: OrderSummaryFragment }) {
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Link to={`/orders/${order.id}`} className={classes.link}>
            {order.items.map(({ title }) => title).join(', ')}
          </Link>
          <Text size="xs" c="dimmed">
            {order.number} · {showMoment(order.placedAt)}
          </Text>
        </div>
        <Stack gap={4} align="flex-end">
          <OrderStatusBadge status={order.status} />
          <Text size="sm">{showMoney(order.total)}</Text>
        </Stack>
      </Group>
    </Card>
  );
}
