import { Stack, Tabs, Text } from '@mantine/core';
import { useLocation, useNavigate } from 'react-router';
import { PageTitle } from '../layout/PageTitle';
import { isOperator, useViewer } from '../signing-in/viewer';
import { AllOrders } from './AllOrders';
import { RefundsToDecide } from './RefundsToDecide';
import { Revenue } from './Revenue';
import { StuckSagas } from './StuckSagas';

const TABS = { revenue: 'Revenue', orders: 'Orders', refunds: 'Refunds', stuck: 'Stuck' } as const;
const FIRST = 'revenue';

/** What operators look at and decide. */
export default function DeskPage() {
  const { person } = useViewer();
  const navigate = useNavigate();
  const tab = useLocation().pathname.split('/')[2] ?? FIRST;
  if (!isOperator(person)) return <Text>The desk is for operators.</Text>;
  return (
    <Stack>
      <PageTitle>Operator’s desk</PageTitle>
      <Tabs value={tab} onChange={(name) => void navigate(`/desk/${name}`)} keepMounted={false}>
        <Tabs.List>
          {Object.entries(TABS).map(([name, label]) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="revenue" pt="md">
          <Revenue />
        </Tabs.Panel>
        <Tabs.Panel value="orders" pt="md">
          <AllOrders />
        </Tabs.Panel>
        <Tabs.Panel value="refunds" pt="md">
          <RefundsToDecide />
        </Tabs.Panel>
        <Tabs.Panel value="stuck" pt="md">
          <StuckSagas />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
