import { useEffect, useEffectEvent, useRef } from 'react';
import { Button } from '@mantine/core';

interface MoreButtonProps {
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly onMore: () => void;
}

/** The end of an endless list: goes on when it is scrolled to, and by hand. */
export function MoreButton({ hasMore, isLoading, onMore }: MoreButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const more = useEffectEvent(onMore);
  useEffect(() => {
    if (!button.current || isLoading) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && more());
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [hasMore, isLoading]);
  if (!hasMore) return null;
  return (
    <Button ref={button} variant="default" loading={isLoading} onClick={onMore}>
      Show more
    </Button>
  );
}
