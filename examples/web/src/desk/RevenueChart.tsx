import { Box, useComputedColorScheme } from '@mantine/core';
import { BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip, type ChartOptions } from 'chart.js';
import { Bar } from 'react-chartjs-2';
import type { RevenueQuery } from '../generated/graphql';
import { showMoney } from '../showing/money';
import { monthName } from './month-name';

Chart.register(BarElement, CategoryScale, Legend, LinearScale, Tooltip);

type Months = NonNullable<RevenueQuery['revenue']>;

const COLOURS = { net: '#3b5bdb', refunded: '#c2255c' };

/** Net revenue and refunds as bars. The table beside it says the same to who cannot see it. */
export function RevenueChart({ months }: { readonly months: Months }) {
  const isDark = useComputedColorScheme('light') === 'dark';
  const unit = months[0]?.net ?? { currency: 'INR', decimalPlaces: 2 };
  const show = (amount: number) => showMoney({ ...unit, amount });
  const colour = isDark ? '#c9c9c9' : '#495057';
  const options: ChartOptions<'bar'> = {
    animation: false,
    maintainAspectRatio: false,
    plugins: {
      legend: { labels: { color: colour } },
      tooltip: { callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${show(Number(raw))}` } },
    },
    scales: {
      x: { stacked: true, ticks: { color: colour } },
      y: { stacked: true, ticks: { color: colour, callback: (value) => show(Number(value)) } },
    },
  };
  const data = {
    labels: months.map(({ month }) => monthName(month)),
    datasets: [
      { label: 'Net', data: months.map(({ net }) => net.amount), backgroundColor: COLOURS.net },
      { label: 'Refunded', data: months.map(({ refunded }) => refunded.amount), backgroundColor: COLOURS.refunded },
    ],
  };
  return (
    <Box h={260}>
      <Bar options={options} data={data} role="img" aria-label="Revenue by month; the table below says the same" />
    </Box>
  );
}
