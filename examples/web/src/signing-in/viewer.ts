import { createContext, useContext } from 'react';
import type { Person } from './auth-service';

/** Who is signed in, and the switch to somebody else. */
export interface Viewer {
  readonly person: Person;
  readonly people: readonly Person[];
  readonly switchTo: (personId: string) => void;
}

export const ViewerContext = createContext<Viewer | undefined>(undefined);

/** @throws Error outside of the page that somebody is signed in to */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('nobody is signed in here');
  return viewer;
}

export const isOperator = ({ roles }: Person): boolean => roles.includes('admin');
export const isInstructor = ({ roles }: Person): boolean => roles.includes('instructor');
