import type { ReactNode } from 'react';
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { ProblemNotice } from '../graph/ProblemNotice';
import { problemOf } from '../graph/problems';
import { readAnew } from '../graph/read-anew';

interface LoadedProps<T> {
  readonly query: { readonly error?: unknown; readonly refetch: () => Promise<unknown> };
  /** What was read; undefined or null until it is there. */
  readonly value: T | null | undefined;
  readonly children: (value: T) => ReactNode;
}

/** Shows what a query has read, or that it is being read, or why it could not be read. */
export function Loaded<T>({ query, value, children }: LoadedProps<T>) {
  const notice = query.error ? (
    <ProblemNotice problem={problemOf(query.error)} onRetry={() => readAnew(query)} />
  ) : undefined;
  if (value !== undefined && value !== null)
    return (
      <>
        {notice}
        {children(value)}
      </>
    );
  return notice ?? <Loading />;
}

function Loading() {
  return (
    <Stack role="status">
      <VisuallyHidden>Loading …</VisuallyHidden>
      <Skeleton h={90} />
      <Skeleton h={90} />
    </Stack>
  );
}
