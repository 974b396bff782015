import { Table } from '@mantine/core';
import type { MoneyPartsFragment } from '../generated/graphql';
import { showMoney } from './money';

/** What something has brought: a month, a course. */
export interface Sales {
  readonly name: string;
  readonly orders: number;
  readonly gross: MoneyPartsFragment;
  readonly refunded: MoneyPartsFragment;
  readonly net: MoneyPartsFragment;
}

interface SalesTableProps {
  readonly caption: string;
  /** What the names are of. */
  readonly of: string;
  readonly rows: readonly Sales[];
}

export function SalesTable({ caption, of, rows }: SalesTableProps) {
  return (
    <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table captionSide="top">
        <Table.Caption>{caption}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{of}</Table.Th>
            <Table.Th ta="right">Orders</Table.Th>
            <Table.Th ta="right">Gross</Table.Th>
            <Table.Th ta="right">Refunded</Table.Th>
            <Table.Th ta="right">Net</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ name, orders, gross, refunded, net }) => (
            <Table.Tr key={`${name} ${gross.currency}`}>
              <Table.Th scope="row">{name}</Table.Th>
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
