import { Card, Table, Title } from '@mantine/core';
import type { OrderDetailsFragment } from '../generated/graphql';
import { showMoney } from '../showing/money';
import { showMoment } from '../showing/times';
import { REFUND_REASON, REFUND_STATUS } from '../showing/words';

/** Every refund, and what became of it. */
export function RefundsCard({ refunds }: Pick<OrderDetailsFragment, 'refunds'>) {
  if (refunds.length === 0) return null;
  return (
    <Card withBorder component="section" aria-label="Refunds">
      <Title order={2} size="h4">
        Refunds
      </Title>
      <Table>
        <Table.Tbody>
          {refunds.map(({ id, reason, status, requestedAt, amount, items }) => (
            <Table.Tr key={id}>
              <Table.Td>
                {items.map(({ title }) => title).join(', ')} ({REFUND_REASON[reason]})
              </Table.Td>
              <Table.Td>{showMoment(requestedAt)}</Table.Td>
              <Table.Td>{REFUND_STATUS[status]}</Table.Td>
              <Table.Td ta="right">{showMoney(amount)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
