import { useQuery } from '@apollo/client/react';
import { Anchor, Button, Card, Code, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { RetrySagaDocument, StuckSagasDocument, type SagaKind, type StuckSagaFragment } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { readAnew } from '../graph/read-anew';
import { useCommand } from '../graph/use-command';
import { EndlessList } from '../layout/EndlessList';
import { showMoment } from '../showing/times';

const PAGE = 20;
const NEWS_MS = 5_000;

const KINDS: Readonly<Record<SagaKind, string>> = {
  PURCHASE: 'Delivery',
  PAYMENT: 'Payment',
  REFUND: 'Refund',
  SESSION_BOOKING: 'Seat',
};

/** What could not go on by itself, with its error and the button to try again. */
export function StuckSagas() {
  const query = useQuery(StuckSagasDocument, {
    variables: { first: PAGE },
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: true,
    pollInterval: NEWS_MS,
    skipPollAttempt: () => document.hidden,
  });
  return (
    <EndlessList query={query} connection={query.data?.stuckSagas} empty="Nothing is stuck.">
      {(sagas) => (
        <Stack>
          {sagas.map((saga) => (
            <SagaCard key={saga.id} saga={saga} onRetried={() => readAnew(query)} />
          ))}
        </Stack>
      )}
    </EndlessList>
  );
}

interface SagaCardProps {
  readonly saga: StuckSagaFragment;
  readonly onRetried: () => void;
}

function SagaCard({ saga, onRetried }: SagaCardProps) {
  const { id, kind, step, attempts, lastError, stuckSince, order, booking } = saga;
  const command = useCommand(RetrySagaDocument);
  const subject = order ? `of order ${order.number}` : (booking?.title ?? '');

  async function retry() {
    if (await command.run({ variables: () => ({ input: { sagaId: id } }) })) onRetried();
  }

  return (
    <Card withBorder component="article" aria-label={`${KINDS[kind]} ${subject}`}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Text fw={700}>
            {KINDS[kind]}{' '}
            {order ? (
              <Anchor component={Link} to={`/orders/${order.id}`}>
                {order.number}
              </Anchor>
            ) : (
              subject
            )}
          </Text>
          <Text size="sm">{stuckSince && `since ${showMoment(stuckSince)}`}</Text>
        </Group>
        <Text size="sm">
          At the step {step}, after {attempts} tries
        </Text>
        {lastError && <Code block>{lastError}</Code>}
        <ProblemNotice problem={command.problem} />
        <Button size="xs" maw={140} loading={command.isRunning} onClick={() => void retry()}>
          Try again
        </Button>
      </Stack>
    </Card>
  );
}
