import { useEffect, useState } from 'react';
import { Text } from '@mantine/core';

interface CountdownProps {
  /** When it is over. */
  readonly until: string;
  readonly label: string;
}

/** Minutes and seconds that are left. Not announced each second: a screen reader finds it where it stands. */
export function Countdown({ until, label }: CountdownProps) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.ceil((Date.parse(until) - now) / 1_000));
  const shown = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return (
    <Text component="span" size="sm" role="timer" aria-label={`${label} ${shown}`} ff="monospace">
      {label} {shown}
    </Text>
  );
}
