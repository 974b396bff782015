import { Button, Modal, Stack, Text } from '@mantine/core';
import { RestoreOrderDocument } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';
import type { ActionDialogProps } from './OrderActions';

/** Makes an order that has ended payable again, at today's prices. */
export function RestoreDialog({ order, onClose }: ActionDialogProps) {
  const command = useCommand(RestoreOrderDocument);

  async function restore() {
    const input = { orderId: order.id, expectedVersion: order.version, couponCode: order.couponCode };
    if (await command.run({ variables: () => ({ input }) })) onClose();
  }

  return (
    <Modal opened onClose={onClose} title="Restore the order?" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <Text size="sm">It can be paid again, at today’s prices.</Text>
        <ProblemNotice problem={command.problem} onRetry={() => void restore()} />
        <Button onClick={() => void restore()} loading={command.isRunning}>
          Restore it
        </Button>
      </Stack>
    </Modal>
  );
}
