import { v5 as uuidv5 } from 'uuid';

const NAMESPACE = '5b1f6f0c-6d0f-4d25-9a0e-0e5c3d1f6a77';

/** The UUID of a name: the same in every run. */
export const idOf = (name: string): string => uuidv5(name, NAMESPACE);

/** Ids one after another, the same in every run. */
export function idSequence(name: string): () => string {
  let count = 0;
  return () => idOf(`${name} ${count++}`);
}
