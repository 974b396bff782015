import type { Bus } from '../../src/messaging/bus/bus.js';

/** The real bus, that says which messages have been acknowledged by Kafka. */
export function watchedBus(bus: Bus, onAcknowledged: (keys: readonly string[]) => void): Bus {
  return {
    ...bus,
    publisher() {
      const publisher = bus.publisher();
      return {
        async send(messages, timeoutMs) {
          await publisher.send(messages, timeoutMs);
          onAcknowledged(messages.map(({ key }) => key));
        },
        close: () => publisher.close(),
      };
    },
  };
}
