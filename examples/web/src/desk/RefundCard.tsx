import { useState } from 'react';
import { Anchor, Button, Card, Group, Stack, Text, TextInput } from '@mantine/core';
import { Link } from 'react-router';
import {
  ApproveRefundDocument,
  RejectRefundDocument,
  SettleRefundDocument,
  type RefundToDecideFragment,
} from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';
import { showMoney } from '../showing/money';
import { showMoment } from '../showing/times';
import { REFUND_REASON } from '../showing/words';

interface RefundCardProps {
  readonly refund: RefundToDecideFragment;
  readonly onDecided: () => void;
}

/** One refund: of what, why, and what an operator can do about it. */
export function RefundCard({ refund, onDecided }: RefundCardProps) {
  const { order, amount, items, reason, note, requestedAt, status } = refund;
  return (
    <Card withBorder component="article" aria-label={`Refund of order ${order.number}`}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Text fw={700}>{showMoney(amount)}</Text>
          <Anchor component={Link} to={`/orders/${order.id}`}>
            {order.number}
          </Anchor>
        </Group>
        <Text size="sm">
          {items.map(({ title }) => title).join(', ')} · {order.buyer?.name} · {showMoment(requestedAt)} ·{' '}
          {REFUND_REASON[reason]}
        </Text>
        {note && <Text size="sm">“{note}”</Text>}
        {status === 'REQUESTED' && <Decision refund={refund} onDecided={onDecided} />}
        {status === 'APPROVED' && <Settlement refund={refund} onDecided={onDecided} />}
      </Stack>
    </Card>
  );
}

function Decision({ refund, onDecided }: RefundCardProps) {
  const [note, setNote] = useState('');
  const approve = useCommand(ApproveRefundDocument);
  const reject = useCommand(RejectRefundDocument);

  async function decide(command: typeof approve | typeof reject) {
    const input = { refundId: refund.id, note: note || undefined };
    if (await command.run({ variables: () => ({ input }) })) onDecided();
  }

  return (
    <>
      <TextInput
        label="Note (optional)"
        size="xs"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <ProblemNotice problem={approve.problem ?? reject.problem} />
      <Group>
        <Button size="xs" loading={approve.isRunning} onClick={() => void decide(approve)}>
          Approve
        </Button>
        <Button size="xs" variant="default" loading={reject.isRunning} onClick={() => void decide(reject)}>
          Reject
        </Button>
      </Group>
    </>
  );
}

/** For money that was given back by hand, at the provider's own desk. */
function Settlement({ refund, onDecided }: RefundCardProps) {
  const [reference, setReference] = useState('');
  const command = useCommand(SettleRefundDocument);

  async function settle(succeeded: boolean) {
    const input = { refundId: refund.id, reference, succeeded };
    if (await command.run({ variables: () => ({ input }) })) onDecided();
  }

  return (
    <>
      <TextInput
        label="The provider’s reference, when it was given back by hand"
        size="xs"
        value={reference}
        onChange={(event) => setReference(event.currentTarget.value)}
      />
      <ProblemNotice problem={command.problem} />
      <Group>
        <Button size="xs" disabled={!reference} loading={command.isRunning} onClick={() => void settle(true)}>
          It was given back
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!reference}
          loading={command.isRunning}
          onClick={() => void settle(false)}
        >
          It failed
        </Button>
      </Group>
    </>
  );
}
