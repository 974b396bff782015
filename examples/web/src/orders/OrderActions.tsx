import { useState } from 'react';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { OrderActionName, OrderDetailsFragment } from '../generated/graphql';
import { BLOCKED, ORDER_ACTION } from '../showing/words';
import { CancelDialog } from './CancelDialog';
import { PayDialog } from './PayDialog';
import { RefundDialog } from './RefundDialog';
import { RestoreDialog } from './RestoreDialog';

/** What each action asks before it is done. */
const DIALOGS = {
  PAY: PayDialog,
  CANCEL: CancelDialog,
  RESTORE: RestoreDialog,
  REQUEST_REFUND: RefundDialog,
} as const satisfies Record<OrderActionName, unknown>;

/** What a dialog of an action works with. */
export interface ActionDialogProps {
  readonly order: OrderDetailsFragment;
  readonly onClose: () => void;
}

/** The order's actions as buttons; a blocked one says why. */
export function OrderActions({ order }: { readonly order: OrderDetailsFragment }) {
  const [parameters] = useSearchParams();
  const [open, setOpen] = useState<OrderActionName | undefined>(parameters.has('pay') ? 'PAY' : undefined);
  const Dialog = open && DIALOGS[open];
  return (
    <>
      <Group gap="md" align="flex-start" role="group" aria-label="Actions">
        {order.availableActions.map((action) => (
          <ActionButton key={action.name} {...action} onClick={() => setOpen(action.name)} />
        ))}
      </Group>
      {Dialog && <Dialog order={order} onClose={() => setOpen(undefined)} />}
    </>
  );
}

type ActionButtonProps = OrderDetailsFragment['availableActions'][number] & { readonly onClick: () => void };

function ActionButton({ name, allowed, blockedReason, onClick }: ActionButtonProps) {
  const reasonId = `why-${name}`;
  return (
    <Stack gap={2}>
      <Button
        variant={name === 'PAY' ? 'filled' : 'default'}
        data-disabled={!allowed || undefined}
        aria-disabled={!allowed}
        aria-describedby={blockedReason ? reasonId : undefined}
        onClick={() => allowed && onClick()}
      >
        {ORDER_ACTION[name]}
      </Button>
      {blockedReason && (
        <Text size="xs" c="dimmed" id={reasonId} maw={180}>
          {BLOCKED[blockedReason]}
        </Text>
      )}
    </Stack>
  );
}
