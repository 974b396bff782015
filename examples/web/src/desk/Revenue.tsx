import { useState } from 'react';
import { useQuery } from '@apollo/client/react';
import { Group, NativeSelect, NumberInput, Stack } from '@mantine/core';
import { RevenueDocument } from '../generated/graphql';
import { Loaded } from '../layout/Loaded';
import { RevenueChart } from './RevenueChart';
import { SalesTable } from '../showing/SalesTable';
import { monthName } from './month-name';

const CURRENCIES = ['INR', 'USD'];

/** What a year's orders brought, by month. */
export function Revenue() {
  const [year, setYear] = useState(new Date().getFullYear());
  const [currency, setCurrency] = useState('INR');
  const query = useQuery(RevenueDocument, { variables: { year, currency }, fetchPolicy: 'cache-and-network' });
  return (
    <Stack>
      <Group>
        <NumberInput
          label="Year"
          value={year}
          min={2000}
          max={2100}
          onChange={(value) => setYear(Number(value))}
          w={120}
        />
        <NativeSelect
          label="Currency"
          data={CURRENCIES}
          value={currency}
          onChange={(event) => setCurrency(event.currentTarget.value)}
        />
      </Group>
      <Loaded query={query} value={query.data?.revenue}>
        {(months) => (
          <>
            <RevenueChart months={months} />
            <SalesTable
              caption={`Revenue of ${year} in ${currency}`}
              of="Month"
              rows={months.map((month) => ({ ...month, name: monthName(month.month) }))}
            />
          </>
        )}
      </Loaded>
    </Stack>
  );
}
