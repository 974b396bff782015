import { useState } from 'react';
import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { CancelOrderDocument } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';
import type { ActionDialogProps } from './OrderActions';

/** Cancels an order as it is shown: if it has changed meanwhile, nothing happens. */
export function CancelDialog({ order, onClose }: ActionDialogProps) {
  const [note, setNote] = useState('');
  const command = useCommand(CancelOrderDocument);

  async function cancel() {
    const input = { orderId: order.id, expectedVersion: order.version, note: note || undefined };
    if (await command.run({ variables: () => ({ input }) })) onClose();
  }

  return (
    <Modal opened onClose={onClose} title="Cancel the order?" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <Text size="sm">Nothing is charged, and you can restore it later.</Text>
        <TextInput label="Why (optional)" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <ProblemNotice problem={command.problem} onRetry={() => void cancel()} />
        <Button color="red" onClick={() => void cancel()} loading={command.isRunning}>
          Cancel it
        </Button>
      </Stack>
    </Modal>
  );
}
