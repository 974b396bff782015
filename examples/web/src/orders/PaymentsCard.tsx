import { Card, Table, Title } from '@mantine/core';
import type { OrderDetailsFragment } from '../generated/graphql';
import { showMoney } from '../showing/money';
import { showMoment } from '../showing/times';
import { PAYMENT_STATUS } from '../showing/words';
import { providerName } from './providers';

/** Every try to pay. */
export function PaymentsCard({ payments }: Pick<OrderDetailsFragment, 'payments'>) {
  if (payments.length === 0) return null;
  return (
    <Card withBorder>
      <Title order={2} size="h4">
        Payments
      </Title>
      <Table>
        <Table.Tbody>
          {payments.map(({ id, provider, status, startedAt, amount }) => (
            <Table.Tr key={id}>
              <Table.Td>{provider ? providerName(provider) : 'Elsewhere'}</Table.Td>
              <Table.Td>{showMoment(startedAt)}</Table.Td>
              <Table.Td>{PAYMENT_STATUS[status]}</Table.Td>
              <Table.Td ta="right">{showMoney(amount)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
