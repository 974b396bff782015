import { Card, Table, Title } from '@mantine/core';
import type { MoneyPartsFragment, OrderDetailsFragment } from '../generated/graphql';
import { showMoney } from '../showing/money';
import { FULFILMENT } from '../showing/words';

/** What was ordered, and what it costs. */
export function AmountsCard({ order }: { readonly order: OrderDetailsFragment }) {
  const { items, subtotal, discount, tax, total, captured, refunded, couponCode } = order;
  return (
    <Card withBorder>
      <Title order={2} size="h4">
        Items
      </Title>
      <Table>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.id}>
              <Table.Th scope="row" fw={400}>
                {item.title}
              </Table.Th>
              <Table.Td>{order.status === 'SUCCEEDED' && FULFILMENT[item.fulfilment]}</Table.Td>
              <Table.Td ta="right">{showMoney(item.price)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Amount label="Subtotal" amount={subtotal} />
          <Amount label={couponCode ? `Discount (${couponCode})` : 'Discount'} amount={discount} />
          <Amount label="Tax" amount={tax} />
          <Amount label="Total" amount={total} isAlways />
          <Amount label="Paid" amount={captured} />
          <Amount label="Refunded" amount={refunded} />
        </Table.Tfoot>
      </Table>
    </Card>
  );
}

interface AmountProps {
  readonly label: string;
  readonly amount: MoneyPartsFragment;
  /** Also when it is nothing. */
  readonly isAlways?: boolean;
}

function Amount({ label, amount, isAlways = false }: AmountProps) {
  if (amount.amount === 0 && !isAlways) return null;
  return (
    <Table.Tr>
      <Table.Th scope="row" colSpan={2}>
        {label}
      </Table.Th>
      <Table.Td ta="right">{showMoney(amount)}</Table.Td>
    </Table.Tr>
  );
}
