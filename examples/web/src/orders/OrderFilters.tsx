import { Group, MultiSelect, NativeSelect, TextInput } from '@mantine/core';
import type { OrderFilter, OrderSort, OrderStatus } from '../generated/graphql';
import { ORDER_STATUS } from '../showing/words';

interface OrderFiltersProps {
  readonly filter: OrderFilter;
  readonly onChange: (filter: OrderFilter) => void;
}

const STATUSES = Object.entries(ORDER_STATUS).map(([value, label]) => ({ value, label }));
const SORTS: { value: OrderSort; label: string }[] = [
  { value: 'NEWEST_FIRST', label: 'Newest first' },
  { value: 'OLDEST_FIRST', label: 'Oldest first' },
];

const dayOf = (iso: string | null | undefined) => (iso ? new Date(iso).toLocaleDateString('sv') : '');
/** The reader's midnight of a day; nothing without one. */
const midnightOf = (day: string, later = 0) => {
  if (!day) return undefined;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
};
const dayBefore = (iso: string | null | undefined) => (iso ? dayOf(new Date(Date.parse(iso) - 1).toISOString()) : '');

/** Which orders to list, and in which order. */
export function OrderFilters({ filter, onChange }: OrderFiltersProps) {
  const change = (part: OrderFilter) => onChange({ ...filter, ...part });
  return (
    <Group align="flex-end" gap="sm">
      <MultiSelect
        label="Status"
        placeholder={filter.status?.length ? undefined : 'any'}
        data={STATUSES}
        value={[...(filter.status ?? [])]}
        onChange={(status) => change({ status: status.length ? (status as OrderStatus[]) : undefined })}
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
      />
      <TextInput
        type="date"
        label="From"
        value={dayOf(filter.placedFrom)}
        onChange={(event) => change({ placedFrom: midnightOf(event.currentTarget.value) })}
      />
      <TextInput
        type="date"
        label="To"
        value={dayBefore(filter.placedTo)}
        onChange={(event) => change({ placedTo: midnightOf(event.currentTarget.value, 1) })}
      />
      <NativeSelect
        label="Sorted"
        data={SORTS}
        value={filter.sort ?? 'NEWEST_FIRST'}
        onChange={(event) => change({ sort: event.currentTarget.value as OrderSort })}
      />
    </Group>
  );
}
