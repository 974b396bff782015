import { Button, Group, Text } from '@mantine/core';
import {
  BookSessionDocument,
  JoinWaitlistDocument,
  LeaveWaitlistDocument,
  type SessionWithMineFragment,
} from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';

interface SeatActionsProps {
  readonly session: SessionWithMineFragment;
  readonly onChanged: () => void;
}

/** For somebody without a seat: book one, wait for one, or stop waiting. */
export function SeatActions({ session, onChanged }: SeatActionsProps) {
  const { remaining, viewerWaitlistPosition: position, waitlistLength } = session;
  if (position) return <Waiting session={session} onChanged={onChanged} position={position} />;
  const isFull = remaining === 0 || Boolean(waitlistLength);
  return isFull ? <Join session={session} onChanged={onChanged} /> : <Book session={session} onChanged={onChanged} />;
}

function Book({ session: { id, title }, onChanged }: SeatActionsProps) {
  const command = useCommand(BookSessionDocument);

  async function book() {
    const input = { sessionId: id };
    await command.run({
      purpose: `book ${id}`,
      variables: (idempotencyKey) => ({ input: { ...input, idempotencyKey } }),
    });
    onChanged();
  }

  return (
    <>
      <ProblemNotice problem={command.problem} onRetry={() => void book()} />
      <Button onClick={() => void book()} loading={command.isRunning} aria-label={`Book a seat: ${title}`}>
        Book a seat
      </Button>
    </>
  );
}

function Join({ session: { id, title }, onChanged }: SeatActionsProps) {
  const command = useCommand(JoinWaitlistDocument);

  async function join() {
    await command.run({ variables: () => ({ input: { sessionId: id } }) });
    onChanged();
  }

  return (
    <>
      <ProblemNotice problem={command.problem} onRetry={() => void join()} />
      <Button
        variant="default"
        onClick={() => void join()}
        loading={command.isRunning}
        aria-label={`Wait in line: ${title}`}
      >
        Wait in line
      </Button>
    </>
  );
}

function Waiting({ session: { id, title }, onChanged, position }: SeatActionsProps & { readonly position: number }) {
  const command = useCommand(LeaveWaitlistDocument);

  async function leave() {
    await command.run({ variables: () => ({ input: { sessionId: id } }) });
    onChanged();
  }

  return (
    <>
      <ProblemNotice problem={command.problem} onRetry={() => void leave()} />
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          You are number {position} in line
        </Text>
        <Button
          variant="default"
          size="xs"
          onClick={() => void leave()}
          loading={command.isRunning}
          aria-label={`Stop waiting: ${title}`}
        >
          Stop waiting
        </Button>
      </Group>
    </>
  );
}
