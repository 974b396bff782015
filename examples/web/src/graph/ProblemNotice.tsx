import { useEffect, useState } from 'react';
import { Alert, Button, Group } from '@mantine/core';
import { Link } from 'react-router';
import type { Problem } from './problems';
import { wayOutOf, type Way } from './ways-out';

interface ProblemNoticeProps {
  readonly problem: Problem | undefined;
  /** Does again what failed. */
  readonly onRetry?: () => void;
  readonly onRemoveCourses?: (courseIds: readonly string[]) => void;
}

/** Says what went wrong and shows the ways out as buttons. */
export function ProblemNotice({ problem, ...handlers }: ProblemNoticeProps) {
  if (!problem) return null;
  const { sentence, ways } = wayOutOf(problem);
  const isRefusal = problem.kind === 'refused';
  return (
    <Alert role="alert" color={isRefusal ? 'orange' : 'red'} variant="outline" title={sentence}>
      <Group gap="xs">
        {ways.map((way) => (
          <WayButton key={JSON.stringify(way)} way={way} {...handlers} />
        ))}
      </Group>
    </Alert>
  );
}

type WayButtonProps = Omit<ProblemNoticeProps, 'problem'> & { readonly way: Way };

function WayButton({ way, onRetry, onRemoveCourses }: WayButtonProps) {
  switch (way.kind) {
    case 'go':
      return (
        <Button component={Link} to={way.to} size="xs" variant="default">
          {way.label}
        </Button>
      );
    case 'remove':
      return onRemoveCourses ? (
        <Button size="xs" variant="default" onClick={() => onRemoveCourses(way.courseIds)}>
          {way.label}
        </Button>
      ) : null;
    case 'retry':
      return onRetry ? <RetryButton way={way} onRetry={onRetry} /> : null;
  }
}

interface RetryButtonProps {
  readonly way: Extract<Way, { kind: 'retry' }>;
  readonly onRetry: () => void;
}

/** Says in how many seconds to try again, and lets nobody do so before. */
function RetryButton({ way, onRetry }: RetryButtonProps) {
  const [left, setLeft] = useState(way.afterSeconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1_000);
    return () => clearInterval(timer);
  }, [way]);
  return (
    <Button size="xs" variant="default" disabled={left > 0} onClick={onRetry}>
      {left > 0 ? `${way.label} in ${left} s` : way.label}
    </Button>
  );
}
