import { createContext, useContext } from 'react';
import type { Settings } from './settings';

export const SettingsContext = createContext<Settings | undefined>(undefined);

/** @throws Error outside of the page */
export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (!settings) throw new Error('the page has no settings yet');
  return settings;
}
