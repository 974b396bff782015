import { useState } from 'react';
import { useQuery } from '@apollo/client/react';
import { NativeSelect, Stack } from '@mantine/core';
import { RefundsDocument, type RefundStatus } from '../generated/graphql';
import { readAnew } from '../graph/read-anew';
import { EndlessList } from '../layout/EndlessList';
import { REFUND_STATUS } from '../showing/words';
import { RefundCard } from './RefundCard';

const PAGE = 20;
const STATUSES = Object.entries(REFUND_STATUS).map(([value, label]) => ({ value, label }));
/** Others ask for refunds while the desk is open. */
const NEWS_MS = 5_000;

/** Refunds that wait for an operator, or any others. */
export function RefundsToDecide() {
  const [status, setStatus] = useState<RefundStatus>('REQUESTED');
  const query = useQuery(RefundsDocument, {
    variables: { status: [status], first: PAGE },
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: true,
    pollInterval: NEWS_MS,
    skipPollAttempt: () => document.hidden,
  });
  return (
    <Stack>
      <NativeSelect
        label="Refunds"
        data={STATUSES}
        value={status}
        onChange={(event) => setStatus(event.currentTarget.value as RefundStatus)}
        maw={240}
      />
      <EndlessList query={query} connection={query.data?.refunds} empty="None.">
        {(refunds) =>
          refunds.map((refund) => <RefundCard key={refund.id} refund={refund} onDecided={() => readAnew(query)} />)
        }
      </EndlessList>
    </Stack>
  );
}
