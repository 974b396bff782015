import { useState } from 'react';
import { Button, Checkbox, Modal, Stack, Textarea } from '@mantine/core';
import { RequestRefundDocument } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';
import { showMoney } from '../showing/money';
import type { ActionDialogProps } from './OrderActions';

/** Asks for the price of some items back. */
export function RefundDialog({ order, onClose }: ActionDialogProps) {
  const refundable = order.items.filter(({ fulfilment, price }) => fulfilment !== 'REVOKED' && price.amount > 0);
  const [itemIds, setItemIds] = useState(refundable.map(({ id }) => id));
  const [note, setNote] = useState('');
  const command = useCommand(RequestRefundDocument);

  async function request() {
    const chosen = { orderId: order.id, itemIds: [...itemIds].sort(), note: note || undefined };
    const done = await command.run({
      // Once a refund has ended, the next is another one.
      purpose: `refund ${JSON.stringify(chosen)} ${order.refunds.filter(({ settledAt }) => settledAt).length}`,
      variables: (idempotencyKey) => ({ input: { ...chosen, idempotencyKey } }),
    });
    if (done) onClose();
  }

  return (
    <Modal opened onClose={onClose} title="Ask for a refund" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <Checkbox.Group label="Of" value={itemIds} onChange={setItemIds}>
          <Stack gap="xs" mt="xs">
            {refundable.map(({ id, title, price }) => (
              <Checkbox key={id} value={id} label={`${title} (${showMoney(price)})`} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Textarea label="Why (optional)" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <ProblemNotice problem={command.problem} onRetry={() => void request()} />
        <Button onClick={() => void request()} loading={command.isRunning} disabled={itemIds.length === 0}>
          Ask for it
        </Button>
      </Stack>
    </Modal>
  );
}
