import { EventEmitter } from 'node:events';
import { forEverybody } from '../observability/correlation.js';
import type { Hint, Hints } from './hints.js';

/** Hints within one process: never lost, so nothing ever reconnects. */
export function createMemoryHints(): Hints {
  const channels = new EventEmitter().setMaxListeners(0);
  return {
    publish(channel, hint) {
      // Later, as over a network: whoever commits does not run the listeners.
      setImmediate(() => forEverybody(() => channels.emit(channel, hint)));
    },
    async subscribe(channel, onHint) {
      const listener = (hint: Hint) => onHint(hint);
      channels.on(channel, listener);
      return async () => void channels.off(channel, listener);
    },
    onReconnect: () => () => undefined,
    ping: async () => undefined,
    close: async () => void channels.removeAllListeners(),
  };
}
