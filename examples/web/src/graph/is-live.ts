import { createContext, useContext } from 'react';

/** Whether the gateway pushes changes; where it does not, pages ask again from time to time. */
export const IsLiveContext = createContext(true);

export const useIsLive = (): boolean => useContext(IsLiveContext);

/** For `pollInterval`: how often to ask where changes are not pushed. */
export const usePollInterval = (): number => (useIsLive() ? 0 : 3_000);
