import { Table } from '@mantine/core';
import { showMoney } from '../showing/money';
import { monthName } from './month-name';
import type { Months } from './RevenueChart';

interface RevenueTableProps {
  readonly months: Months;
  readonly caption: string;
}

export function RevenueTable({ months, caption }: RevenueTableProps) {
  return (
    <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table captionSide="top">
        <Table.Caption>{caption}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Month</Table.Th>
            <Table.Th ta="right">Orders</Table.Th>
            <Table.Th ta="right">Gross</Table.Th>
            <Table.Th ta="right">Refunded</Table.Th>
            <Table.Th ta="right">Net</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {months.map(({ month, orders, gross, refunded, net }) => (
            <Table.Tr key={month}>
              <Table.Th scope="row">{monthName(month)}</Table.Th>
              <Table.Td ta="right">{orders}</Table.Td>
              <Table.Td ta="right">{showMoney(gross)}</Table.Td>
              <Table.Td ta="right">{showMoney(refunded)}</Table.Td>
              <Table.Td ta="right">{showMoney(net)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
