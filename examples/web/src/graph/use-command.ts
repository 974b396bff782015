import { useState } from 'react';
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import type { RefusalFragment } from '../generated/graphql';
import { useViewer } from '../signing-in/viewer';
import { idempotencyKeyFor, settleIdempotencyKey } from './idempotency-keys';
import { problemOf, type Problem } from './problems';

type Answer<TData> = NonNullable<TData[Exclude<keyof TData, '__typename'>]>;
/** The member of a mutation's union that says it was done. */
export type Success<TData> = Extract<Answer<TData>, { __typename: `${string}Success` }>;

/** One try of an effect. */
export interface Try<TVariables> {
  /** Of effects that must happen once: what it is to bring about, in full. Its key is given to `variables`. */
  readonly purpose?: string;
  readonly variables: (idempotencyKey: string) => TVariables;
}

/** A mutation as a button uses it. */
export interface Command<TData, TVariables> {
  /** @returns what was done; undefined when it was not, then `problem` says why */
  run(attempt: Try<TVariables>): Promise<Success<TData> | undefined>;
  readonly isRunning: boolean;
  readonly problem: Problem | undefined;
  dismiss(): void;
}

/** Sends a mutation whose answer is a union of a success and of refusals. */
export function useCommand<TData extends object, TVariables extends OperationVariables>(
  mutation: TypedDocumentNode<TData, TVariables>,
): Command<TData, TVariables> {
  const { person } = useViewer();
  const client = useApolloClient();
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  async function send({ purpose, variables }: Try<TVariables>): Promise<Success<TData> | undefined> {
    const key = purpose ? idempotencyKeyFor(person.id, purpose) : '';
    const { data } = await client.mutate<TData, OperationVariables>({ mutation, variables: variables(key) });
    const [answer] = Object.values(data ?? {}).filter((value) => typeof value === 'object') as [Answer<TData>];
    const refusal = refusalIn(answer);
    if (purpose && refusal?.__typename !== 'ServiceUnavailable') settleIdempotencyKey(person.id, purpose);
    if (!refusal) return answer as Success<TData>;
    setProblem({ kind: 'refused', refusal });
    return undefined;
  }

  async function run(attempt: Try<TVariables>): Promise<Success<TData> | undefined> {
    setProblem(undefined);
    setRunning(true);
    try {
      return await send(attempt);
    } catch (error) {
      setProblem(problemOf(error));
      return undefined;
    } finally {
      setRunning(false);
    }
  }

  return { run, isRunning, problem, dismiss: () => setProblem(undefined) };
}

function refusalIn(answer: object): RefusalFragment | undefined {
  return 'code' in answer ? (answer as RefusalFragment) : undefined;
}
