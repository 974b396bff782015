import { useState } from 'react';
import { useQuery } from '@apollo/client/react';
import { Anchor, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { Link } from 'react-router';
import { AllOrdersDocument, type AllOrdersQuery, type OrderFilter } from '../generated/graphql';
import { EndlessList } from '../layout/EndlessList';
import { OrderFilters } from '../orders/OrderFilters';
import { showMoney } from '../showing/money';
import { OrderStatusBadge } from '../showing/StatusBadge';
import { showMoment } from '../showing/times';
import { FULFILMENT } from '../showing/words';

const PAGE = 20;

/** Everybody's orders, by filter. */
export function AllOrders() {
  const [filter, setFilter] = useState<OrderFilter>({});
  const query = useQuery(AllOrdersDocument, {
    variables: { filter, first: PAGE },
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: true,
  });
  return (
    <Stack>
      <OrderFilters filter={filter} onChange={setFilter} />
      <Group gap="sm">
        <IdFilter label="Buyer’s id" onId={(userId) => setFilter({ ...filter, userId })} />
        <IdFilter label="Course’s id" onId={(courseId) => setFilter({ ...filter, courseId })} />
      </Group>
      <EndlessList query={query} connection={query.data?.orders} empty="No orders.">
        {(orders) => <OrdersTable orders={orders} />}
      </EndlessList>
    </Stack>
  );
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Asks once the id is whole; nothing stands for everybody's. */
function IdFilter({ label, onId }: { readonly label: string; readonly onId: (id: string | undefined) => void }) {
  const [text, setText] = useState('');
  const isWhole = UUID.test(text);
  const change = (next: string) => {
    setText(next);
    if (next === '' || UUID.test(next)) onId(next || undefined);
  };
  return (
    <TextInput
      label={label}
      value={text}
      error={text && !isWhole ? 'not an id yet' : undefined}
      onChange={(event) => change(event.currentTarget.value.trim())}
    />
  );
}

type ListedOrder = NonNullable<AllOrdersQuery['orders']>['edges'][number]['node'];

function OrdersTable({ orders }: { readonly orders: readonly ListedOrder[] }) {
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table aria-label="Orders">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Order</Table.Th>
            <Table.Th>Buyer</Table.Th>
            <Table.Th>Placed</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th ta="right">Total</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {orders.map((order) => (
            <Table.Tr key={order.id}>
              <Table.Td>
                <Anchor component={Link} to={`/orders/${order.id}`}>
                  {order.number}
                </Anchor>
              </Table.Td>
              <Table.Td>{order.buyer?.name ?? order.buyerId}</Table.Td>
              <Table.Td>{showMoment(order.placedAt)}</Table.Td>
              <Table.Td>
                <OrderStatusBadge status={order.status} />
                {order.status === 'SUCCEEDED' && <Text size="xs">{FULFILMENT[order.fulfilment]}</Text>}
              </Table.Td>
              <Table.Td ta="right">{showMoney(order.total)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
